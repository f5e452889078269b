"""Milestones that have come due: each is met, missed or void, once, and a miss is an event for whoever must act."""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain.milestones import outcome
from services.deadline_watch.domain.outgoing_events import milestone_missed
from services.deadline_watch.store.rule_versions import Regimes
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork

BEAT_SECONDS = 5.0

_DUE, _CASES = tables.milestones.c, tables.cases.c


class MilestoneWatch:
    """Promises: for every milestone that is not reached in time an event is emitted, once."""

    def __init__(self, units: UnitsOfWork[UnitOfWork], regimes: Regimes) -> None:
        self._units, self._regimes = units, regimes

    async def run_once(self, limit: int = 500) -> int:
        """One pass, one unit of work: up to `limit` due milestones. Answers how many were decided."""
        async with self._units.open() as work:
            connection, now = work.connection, work.now
            regime = await self._regimes.in_force(connection)
            rows = await self._claim(connection, now, limit)
            decided: list[dict[str, Any]] = []
            for row in rows:
                milestone = regime.policy(row.policy_version).milestones.get(row.milestone)
                became = "void" if milestone is None else outcome(milestone, row.started_at, row.due_at, row)
                decided.append(_key(row) | {"outcome": became, "done_at": now})
                if milestone is not None and became == "missed":
                    work.emit(milestone_missed(row, milestone, now))
            if decided:
                await connection.execute(_DECIDE, decided)
        return len(rows)

    async def _claim(self, connection: AsyncConnection, now: datetime, limit: int) -> list[Any]:
        """Due milestones, locked, each beside what was heard of its case."""
        case = [column for column in tables.cases.c if column.name not in _DUE]
        found = await connection.execute(
            select(tables.milestones, *case)
            .join(tables.cases, (_CASES.case_id == _DUE.case_id) & (_CASES.kind == _DUE.kind))
            .where(_DUE.done_at.is_(None), _DUE.due_at <= now)
            .order_by(_DUE.due_at, _DUE.case_id)
            .limit(limit)
            .with_for_update(of=tables.milestones, skip_locked=True)
        )
        return list(found.all())


_DECIDE = (
    update(tables.milestones)
    .where(
        _DUE.case_id == bindparam("of_case"),
        _DUE.kind == bindparam("of_kind"),
        _DUE.milestone == bindparam("of_milestone"),
        _DUE.started_at == bindparam("of_start"),
    )
    .values(outcome=bindparam("outcome"), done_at=bindparam("done_at"))
)


def _key(row: Any) -> dict[str, Any]:
    return {
        "of_case": row.case_id,
        "of_kind": row.kind,
        "of_milestone": row.milestone,
        "of_start": row.started_at,
    }
