"""The stored leave (请假) of officers."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from shared.contract.refusals import NotFound
from shared.time.identifiers import identifier


async def write_leave(
    work: CaseUnitOfWork, recorded_by: str, *, officer: str, first_day: date, last_day: date, reason: str
) -> Row[Any]:
    """Keep the leave of an officer, both days included; return its row."""
    written = await work.connection.execute(
        insert(tables.leaves)
        .values(
            leave_id=identifier(work.now),
            recorded_by=recorded_by,
            recorded_at=work.now,
            officer=officer,
            first_day=first_day,
            last_day=last_day,
            reason=reason,
        )
        .returning(tables.leaves)
    )
    row: Row[Any] = written.one()
    return row


async def cancel_leave(work: CaseUnitOfWork, leave_id: UUID) -> Row[Any]:
    """Cancel a leave and return its row. Raises NotFound for one that is not in force."""
    leaves = tables.leaves.c
    written = await work.connection.execute(
        update(tables.leaves)
        .where(leaves.leave_id == leave_id, leaves.cancelled_at.is_(None))
        .values(cancelled_at=work.now)
        .returning(tables.leaves)
    )
    row: Row[Any] | None = written.one_or_none()
    if row is None:
        raise NotFound("leave", leave_id)
    return row


async def list_leaves(
    connection: AsyncConnection,
    from_day: date | None,
    officer: str | None,
    *,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Leave that ends on `from_day` or later, the next first."""
    leaves = tables.leaves.c
    asked = select(tables.leaves).order_by(leaves.first_day, leaves.leave_id).limit(limit)
    if from_day is not None:
        asked = asked.where(leaves.last_day >= from_day)
    if officer is not None:
        asked = asked.where(leaves.officer == officer)
    if after is not None:
        asked = asked.where(tuple_(leaves.first_day, leaves.leave_id) > after)
    return (await connection.execute(asked)).all()
