"""Milestones in the database: due ones, locked, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain.milestones import CaseMarks, Outcome, StartedMilestone
from shared.contract.events import CaseKind, Level

_MILESTONES, _CASES = tables.milestones.c, tables.cases.c


async def is_due(connection: AsyncConnection, now: datetime) -> bool:
    """Whether any milestone is due: a question that costs far less than locking none."""
    due = select(exists().where(_MILESTONES.done_at.is_(None), _MILESTONES.due_at <= now))
    return bool(await connection.scalar(due))


async def lock_due(connection: AsyncConnection, now: datetime, limit: int) -> list[StartedMilestone]:
    """Lock milestones that are due and return them, the earliest due first; those that another pass holds are not."""
    rows = await connection.execute(
        select(
            tables.milestones,
            *(_CASES[name] for name in ("alert_id", "level", "station", *CaseMarks._fields)),
        )
        .join(tables.cases, (_CASES.case_id == _MILESTONES.case_id) & (_CASES.kind == _MILESTONES.kind))
        .where(_MILESTONES.done_at.is_(None), _MILESTONES.due_at <= now)
        .order_by(_MILESTONES.due_at, _MILESTONES.case_id)
        .limit(limit)
        .with_for_update(of=tables.milestones, skip_locked=True)
    )
    return [
        StartedMilestone(
            case_id=row.case_id,
            kind=CaseKind(row.kind),
            key=row.milestone,
            started_at=row.started_at,
            due_at=row.due_at,
            policy_version=row.policy_version,
            calendar_version=row.calendar_version,
            alert_id=row.alert_id,
            level=Level(row.level),
            enterprise_code=row.enterprise_code,
            station=row.station,
            marks=CaseMarks(*(getattr(row, name) for name in CaseMarks._fields)),
        )
        for row in rows
    ]


async def finish(
    connection: AsyncConnection, decided: Sequence[tuple[StartedMilestone, Outcome]], now: datetime
) -> None:
    """Store what became of milestones that were locked."""
    if decided:
        await connection.execute(
            _FINISH, [_key(one) | {"outcome": outcome, "done_at": now} for one, outcome in decided]
        )


_FINISH = (
    update(tables.milestones)
    .where(
        _MILESTONES.case_id == bindparam("of_case"),
        _MILESTONES.kind == bindparam("of_kind"),
        _MILESTONES.milestone == bindparam("of_milestone"),
        _MILESTONES.started_at == bindparam("of_start"),
    )
    .values(outcome=bindparam("outcome"), done_at=bindparam("done_at"))
)


def _key(one: StartedMilestone) -> dict[str, Any]:
    return {"of_case": one.case_id, "of_kind": one.kind, "of_milestone": one.key, "of_start": one.started_at}
