"""The duty rota and substitutions as they are stored, and who may write them."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import delete, insert, select

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import Work
from shared.contract.roles import Role
from shared.web.identity import Principal, forbidden
from shared.web.problems import Problem


async def write_rota(
    work: Work, caller: Principal, station: str, days: list[date], planned: Mapping[date, list[str]]
) -> set[str]:
    """Replace the rota of `station` on `days`; answers the officers whom it may concern.

    Raises Problem 403, 422 for an officer who is not of the station.
    """
    if caller.role is Role.STATION_CHIEF and caller.station != station:
        raise forbidden(f"You keep the rota of your own station only; it is {caller.station}.")
    officers = tables.officers.c
    own = set(await work.connection.scalars(select(officers.code).where(officers.station == station)))
    if strange := sorted({officer for of_day in planned.values() for officer in of_day} - own):
        raise unusable(f"days: {strange[0]} is not an officer of {station}.")
    table = tables.duty_days
    await work.connection.execute(delete(table).where(table.c.station == station, table.c.day.in_(days)))
    rows = [
        {
            "day": day,
            "officer": officer,
            "station": station,
            "recorded_by": caller.subject,
            "recorded_at": work.now,
        }
        for day, of_day in planned.items()
        for officer in of_day
    ]
    if rows:
        await work.connection.execute(insert(table), rows)
    return own


async def require_officers(work: Work, caller: Principal, codes: set[str]) -> dict[str, str]:
    """The station of each officer. Raises Problem 422 for an unknown one, 403 beyond a chief's reach."""
    officers = tables.officers.c
    rows = await work.connection.execute(select(officers.code, officers.station).where(officers.code.in_(codes)))
    homes = {row.code: row.station for row in rows}
    if unknown := sorted(codes - homes.keys()):
        raise unusable(f"There is no officer {unknown[0]}.")
    if caller.role is Role.STATION_CHIEF and set(homes.values()) != {caller.station}:
        raise forbidden(f"You decide on the officers of your own station only; it is {caller.station}.")
    return homes


def unusable(detail: str) -> Problem:
    return Problem(422, "rota-unusable", "Not a usable rota", detail)


class Replanned(BaseModel):
    """What the change did: cases that found, or look for, another team; and accepted ones that stayed."""

    replanned: list[UUID]
    kept: list[UUID]
