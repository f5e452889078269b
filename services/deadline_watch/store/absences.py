"""Absences of the ladder's people: a rung that would reach nobody reaches the next level up."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.identifiers import identifier


@dataclass(frozen=True)
class Absentees:
    """The roles absent at one instant, each with its station where it has one."""

    absent: Sequence[tuple[str, str | None]]

    def roles_at(self, station: str | None) -> Collection[str]:
        """The roles of the ladder that are absent as seen from `station`."""
        return {role for role, at in self.absent if at is None or at == station}


async def at(connection: AsyncConnection, now: datetime) -> Absentees:
    """Who is absent at `now`."""
    absences = tables.absences.c
    rows = await connection.execute(
        select(absences.role, absences.station).where(absences.since <= now, absences.until > now)
    )
    return Absentees([(row.role, row.station) for row in rows])


async def list_absences(
    connection: AsyncConnection, now: datetime, *, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row[Any]]:
    """The absences that last at `now` or are to come, the earliest first."""
    absences = tables.absences.c
    asked = select(tables.absences).where(absences.until > now)
    if after is not None:
        asked = asked.where(tuple_(absences.since, absences.absence_id) > after)
    rows = await connection.execute(asked.order_by(absences.since, absences.absence_id).limit(limit))
    return rows.all()


async def find_absence(connection: AsyncConnection, absence_id: UUID) -> Row[Any] | None:
    """The absence; None where there is none."""
    found = await connection.execute(select(tables.absences).where(tables.absences.c.absence_id == absence_id))
    row: Row[Any] | None = found.one_or_none()
    return row


async def write_absence(work: UnitOfWork, recorded_by: str, given: Mapping[str, Any]) -> Row[Any]:
    """Store an absence and return it."""
    kept = await work.connection.execute(
        insert(tables.absences)
        .values(absence_id=identifier(work.now), recorded_by=recorded_by, recorded_at=work.now, **given)
        .returning(tables.absences)
    )
    row: Row[Any] = kept.one()
    return row


async def end_absence(work: UnitOfWork, absence_id: UUID) -> Row[Any]:
    """Have an absence end now, and return it."""
    ended = await work.connection.execute(
        update(tables.absences)
        .where(tables.absences.c.absence_id == absence_id)
        .values(until=work.now)
        .returning(tables.absences)
    )
    row: Row[Any] = ended.one()
    return row
