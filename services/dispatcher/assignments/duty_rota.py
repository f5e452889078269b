"""The duty rota and substitutions as they are stored, and who may write them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, delete, insert, select, text, tuple_, union
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, Invalid, NotAllowed, NotFound
from shared.contract.roles import Reach


async def write_rota(
    work: CaseUnitOfWork, caller: Principal, station: str, days: list[date], planned: Mapping[date, list[str]]
) -> set[str]:
    """Replace the rota of `station` on `days`; return the officers whom it may concern.

    A day that is planned with nobody has a rota, and nobody on it; a day left out has none.
    Raises NotAllowed, and Invalid for an officer who is not of the station.
    """
    if caller.reach is not Reach.DISTRICT and caller.station != station:
        raise NotAllowed(f"You keep the rota of your own station only; it is {caller.station}.")
    officers = tables.officers.c
    own = set(await work.connection.scalars(select(officers.code).where(officers.station == station)))
    if strange := sorted({officer for of_day in planned.values() for officer in of_day} - own):
        raise unusable(f"days: {strange[0]} is not an officer of {station}.")
    recorded = {"station": station, "recorded_by": caller.subject, "recorded_at": work.now}
    named = [{"day": day, "officer": officer} for day, of_day in planned.items() for officer in of_day]
    nobody = [{"day": day} for day, of_day in planned.items() if not of_day]
    for table, rows in ((tables.duty_days, named), (tables.empty_duty_days, nobody)):
        await work.connection.execute(delete(table).where(table.c.station == station, table.c.day.in_(days)))
        if rows:
            await work.connection.execute(insert(table), [row | recorded for row in rows])
    return own


async def require_officers(work: CaseUnitOfWork, caller: Principal, codes: set[str]) -> dict[str, str]:
    """The station of each officer. Raises Invalid for an unknown one, NotAllowed beyond a chief's reach."""
    officers = tables.officers.c
    rows = await work.connection.execute(select(officers.code, officers.station).where(officers.code.in_(codes)))
    homes = {row.code: row.station for row in rows}
    if unknown := sorted(codes - homes.keys()):
        raise unusable(f"There is no officer {unknown[0]}.")
    if caller.reach is not Reach.DISTRICT and set(homes.values()) != {caller.station}:
        raise NotAllowed(f"You decide on the officers of your own station only; it is {caller.station}.")
    return homes


def unusable(detail: str) -> Invalid:
    return Invalid("rota-unusable", detail, title="Not a usable rota")


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
    columns, nobody = tables.duty_days.c, tables.empty_duty_days.c
    empty = await connection.scalars(select(nobody.day).where(nobody.station == station, nobody.day.in_(days)))
    planned: dict[date, list[str]] = {day: [] for day in empty}
    asked = (
        select(columns.day, columns.officer)
        .where(columns.station == station, columns.day.in_(days))
        .order_by(columns.day, columns.officer)
    )
    for row in await connection.execute(asked.with_for_update() if locking else asked):
        planned.setdefault(row.day, []).append(row.officer)
    return {day: planned[day] for day in sorted(planned)}


async def planned_for(work: CaseUnitOfWork, officer: str, days: Collection[date]) -> list[date]:
    """The days among these on which an officer is on the rota, or somebody's substitute, in order."""
    rota, substitutions = tables.duty_days.c, tables.substitutions.c
    found = await work.connection.scalars(
        union(
            select(rota.day).where(rota.officer == officer, rota.day.in_(days)),
            select(substitutions.day).where(substitutions.substitute == officer, substitutions.day.in_(days)),
        )
    )
    return sorted(found)


async def write_substitution(
    work: CaseUnitOfWork, recorded_by: str, *, day: date, officer: str, substitute: str, reason: str
) -> str | None:
    """Keep that `substitute` is on duty for `officer` on a day; return the reason of before, if that was so already.

    Raises Conflict where somebody else is the substitute.
    """
    columns = tables.substitutions.c
    held = select(columns.substitute, columns.reason).where(columns.day == day, columns.officer == officer)
    present = (await work.connection.execute(held.with_for_update())).one_or_none()
    kept = {
        "substitute": substitute,
        "reason": reason,
        "recorded_by": recorded_by,
        "recorded_at": work.now,
    }
    written = await work.connection.execute(
        upsert(tables.substitutions)
        .values(day=day, officer=officer, **kept)
        .on_conflict_do_update(index_elements=["day", "officer"], set_=kept, where=columns.substitute == substitute)
    )
    if not written.rowcount:
        raise Conflict(
            "substituted-already",
            f"Somebody else substitutes for {officer} on {day} already; cancel that first.",
            title="Substituted already",
            **({} if present is None else {"substitute": present.substitute}),
        )
    return None if present is None else str(present.reason)


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
