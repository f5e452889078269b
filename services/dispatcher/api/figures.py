"""The route of the two figures of completion: handled, and finished."""

from pydantic import BaseModel, ConfigDict

from services.dispatcher.api.parameters import Filter
from services.dispatcher.cases import figures
from shared.contract.events import CaseKind
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.routes import Routes
from shared.web.scope import Caller


class Counted(BaseModel):
    """Cases that were opened, of them those that ended in an outcome (`handled`), and whose follow-up ended too."""

    model_config = ConfigDict(from_attributes=True)

    opened: int = 0
    handled: int = 0
    finished: int = 0
    awaiting_file_number: int = 0


class CountedStation(Counted):
    """The same of one station; None for cases that no station is in charge of."""

    station: str | None


class Figures(Counted):
    """The same of all that the caller may see, and of each station."""

    stations: list[CountedStation]


def router(database: Database) -> Routes:
    routes = Routes(tags=["cases"])

    @routes.get("/v1/figures")
    async def read_figures(
        caller: Caller,
        since: Instant | None = None,
        until: Instant | None = None,
        station: Filter = None,
        kind: CaseKind | None = None,
    ) -> Figures:
        """办理率与办结率：已办理、已办结 · Cases opened in a span: how many are handled, and how many finished."""
        async with database.transaction() as connection:
            rows = await figures.count_cases(connection, caller, since=since, until=until, station=station, kind=kind)
        stations = [CountedStation.model_validate(row) for row in rows]
        total = {name: sum(getattr(one, name) for one in stations) for name in Counted.model_fields}
        return Figures(**total, stations=stations)

    return routes
