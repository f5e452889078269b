"""The duty rota and substitutions as they are stored, and who may write them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, delete, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid, NotAllowed, NotFound
from shared.contract.roles import Role


async def write_rota(
    work: CaseUnitOfWork, caller: Principal, station: str, days: list[date], planned: Mapping[date, list[str]]
) -> set[str]:
    """Replace the rota of `station` on `days`; return the officers whom it may concern.

    Raises NotAllowed, and Invalid for an officer who is not of the station.
    """
    if caller.role is Role.STATION_CHIEF and caller.station != station:
        raise NotAllowed(f"You keep the rota of your own station only; it is {caller.station}.")
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


async def require_officers(work: CaseUnitOfWork, caller: Principal, codes: set[str]) -> dict[str, str]:
    """The station of each officer. Raises Invalid for an unknown one, NotAllowed beyond a chief's reach."""
    officers = tables.officers.c
    rows = await work.connection.execute(select(officers.code, officers.station).where(officers.code.in_(codes)))
    homes = {row.code: row.station for row in rows}
    if unknown := sorted(codes - homes.keys()):
        raise unusable(f"There is no officer {unknown[0]}.")
    if caller.role is Role.STATION_CHIEF and set(homes.values()) != {caller.station}:
        raise NotAllowed(f"You decide on the officers of your own station only; it is {caller.station}.")
    return homes


def unusable(detail: str) -> Invalid:
    return Invalid("rota-unusable", detail, title="Not a usable rota")


class Replanned(BaseModel):
    """What a change did to cases: `replanned` ones get another team; `kept` ones were accepted, and stay."""

    replanned: list[UUID]
    kept: list[UUID]


async def lock_rota(connection: AsyncConnection, station: str, days: Collection[date]) -> dict[date, list[str]]:
    """The rota as `read_rota` reads it, which nobody else replaces until this transaction ends."""
    # Of days without a rota there are no rows to lock.
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtext('dispatch.rota'), hashtext(:station))"), {"station": station}
    )
    return await read_rota(connection, station, days, locking=True)


async def read_rota(
    connection: AsyncConnection, station: str, days: Collection[date], *, locking: bool = False
) -> dict[date, list[str]]:
    """Who is on duty at a station, by day; a day without a rota is left out."""
    columns = tables.duty_days.c
    planned: dict[date, list[str]] = {}
    asked = (
        select(columns.day, columns.officer)
        .where(columns.station == station, columns.day.in_(days))
        .order_by(columns.day, columns.officer)
    )
    for row in await connection.execute(asked.with_for_update() if locking else asked):
        planned.setdefault(row.day, []).append(row.officer)
    return planned


async def write_substitution(
    work: CaseUnitOfWork, recorded_by: str, *, day: date, officer: str, substitute: str, reason: str
) -> None:
    """Keep that `substitute` is on duty for `officer` on a day, in place of any other substitute."""
    kept = {
        "substitute": substitute,
        "reason": reason,
        "recorded_by": recorded_by,
        "recorded_at": work.now,
    }
    await work.connection.execute(
        upsert(tables.substitutions)
        .values(day=day, officer=officer, **kept)
        .on_conflict_do_update(index_elements=["day", "officer"], set_=kept)
    )


async def delete_substitution(work: CaseUnitOfWork, day: date, officer: str) -> str:
    """Delete the substitution of `officer` on a day and return who it was. Raises NotFound where there is none."""
    columns = tables.substitutions.c
    substitute: str | None = await work.connection.scalar(
        delete(tables.substitutions).where(columns.day == day, columns.officer == officer).returning(columns.substitute)
    )
    if substitute is None:
        raise NotFound("substitution", f"{day}/{officer}")
    return substitute


async def list_substitutions(
    connection: AsyncConnection, from_day: date | None, *, after: tuple[date, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """The substitutions of `from_day` and later, the next first."""
    columns = tables.substitutions.c
    asked = select(tables.substitutions).order_by(columns.day, columns.officer).limit(limit)
    if from_day is not None:
        asked = asked.where(columns.day >= from_day)
    if after is not None:
        asked = asked.where(tuple_(columns.day, columns.officer) > after)
    return (await connection.execute(asked)).all()
