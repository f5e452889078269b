"""The routes that say what time it is here, and who the caller is."""

from pydantic import BaseModel

from services.console.api.answers import ClockAnswer
from services.console.store import people
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import Clock, pace_of
from shared.web.routes import Routes
from shared.web.scope import Caller


class OwnEnterprise(BaseModel):
    """An enterprise that the caller answers for."""

    code: str
    name: str | None


class Me(BaseModel):
    """Who the caller is, with the name that master data have."""

    role: Role
    subject: str
    name: str | None
    station: str | None
    station_name: str | None
    enterprises: list[OwnEnterprise]


def router(database: Database, clock: Clock) -> Routes:
    routes = Routes(tags=["session"])

    @routes.get("/v1/clock")
    async def read_clock() -> ClockAnswer:
        """What time it is for the system: countdowns are told by it, not by the caller's own clock."""
        return ClockAnswer(now=clock.now(), pace=pace_of(clock))

    @routes.get("/v1/me")
    async def read_me(caller: Caller) -> Me:
        """Who the caller is."""
        async with database.autocommit() as connection:
            name = await people.name_of(connection, caller)
        async with database.autocommit() as connection:
            station = await people.station_name(connection, caller.station)
        async with database.autocommit() as connection:
            named = await people.enterprise_names(connection, caller.own_enterprises)
        return Me(
            role=caller.role,
            subject=caller.subject,
            name=name,
            station=caller.station,
            station_name=station,
            enterprises=[OwnEnterprise(code=code, name=named.get(code)) for code in caller.own_enterprises],
        )

    return routes
