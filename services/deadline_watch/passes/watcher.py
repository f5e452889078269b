"""The watcher: does what has come due, each step once, in the order it came due.

Deadlines are rows. A pass claims due ones with `for update skip locked`, so that any number of replicas share
the work; it reads their steps again under the lock, so that none is done twice; and whether a step still applies is
looked at then, so that an answer a moment earlier is never overlooked.
"""

import asyncio
import time
from collections import namedtuple
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain import due_steps, ladder
from services.deadline_watch.domain.due_steps import Plan, Step
from services.deadline_watch.domain.ladder import RungStep
from services.deadline_watch.domain.rules_in_force import Regime
from services.deadline_watch.store import absences, steps
from services.deadline_watch.store.rule_versions import Regimes
from shared.contract.events import CaseKind
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.time.clock import Clock

BEAT_SECONDS = 0.25
"""How often the watcher asks itself, not the database, whether something is due."""
_NAP_SECONDS = 5.0
"""After this long it looks again, for what other replicas laid ahead and did not live to do."""

_AT_ONCE = 1_000
_REST = 0.3
"""After a full pass there is a backlog; it rests for this share of the pass, so that those who work beside it can."""

_STEPS, _DEADLINES = tables.steps.c, tables.deadlines.c
# All of a deadline but its arithmetic, which is long and not asked for here.
_CLOCK = [column for column in tables.deadlines.c if column.name not in {"explanation", "adjustments"}]
# A pass reads some forty fields of each: those of a row of SQLAlchemy's cost several times as much. That they are the
# table's mypy cannot see.
_clock = namedtuple("_clock", [column.name for column in _CLOCK])  # type: ignore[misc]

_FINISH = text("""
    update watch.steps s set done_at = :now, outcome = done.outcome
      from unnest(cast(:deadline_id as uuid[]), cast(:version as int[]), cast(:step as text[]),
                  cast(:outcome as text[])) as done (deadline_id, version, step, outcome)
     where s.deadline_id = done.deadline_id and s.version = done.version and s.step = done.step
""")
_MARK = text("""
    update watch.deadlines d set state = changed.state, missed_at = coalesce(changed.missed_at, d.missed_at)
      from unnest(cast(:deadline_id as uuid[]), cast(:state as text[]), cast(:missed_at as timestamptz[]))
        as changed (deadline_id, state, missed_at)
     where d.deadline_id = changed.deadline_id
""")


class Watcher:
    """Promises: for every step that still applies when it comes due an event is emitted, once, within a second."""

    def __init__(self, units: UnitsOfWork[UnitOfWork], clock: Clock, regimes: Regimes) -> None:
        self._units, self._clock, self._regimes = units, clock, regimes
        self._next_at: datetime | None = None
        self._laid_at: datetime | None = None
        self._napping_until = 0.0

    def look_by(self, at: datetime) -> None:
        """Something was laid ahead for `at`: be awake then."""
        self._laid_at = at if self._laid_at is None else min(at, self._laid_at)

    async def beat(self) -> int:
        """A pass if something may be due; else nothing, and no query."""
        now, known = self._clock.now(), (self._next_at, self._laid_at)
        if time.monotonic() < self._napping_until and not any(at is not None and at <= now for at in known):
            return 0
        began = time.monotonic()
        done = await self.run_once()
        if done >= _AT_ONCE:
            await asyncio.sleep((time.monotonic() - began) * _REST)
        return done

    async def run_once(self, limit: int = _AT_ONCE) -> int:
        """One pass, one unit of work: deadlines of up to `limit` due steps. Answers how many were claimed.

        Another replica may have done their steps a moment before; that there were some says that there may be more.
        """
        # Before the first query: what is laid ahead from here on wakes it again, the rest is seen below.
        self._laid_at, self._napping_until = None, 0.0
        async with self._units.open() as work:
            connection, now = work.connection, work.now
            regime = await self._regimes.in_force(connection)
            clocks = await self._claim(connection, now, limit)
            if not clocks:
                self._next_at = await connection.scalar(select(func.min(_STEPS.at)).where(_STEPS.done_at.is_(None)))
                self._napping_until = time.monotonic() + _NAP_SECONDS
                return 0
            found = await self._due(connection, list(clocks), now)
            away = await absences.at(connection, now)
            plan = due_steps.work_off(found, clocks, now, Ladders(regime).climb, away.roles_at)
            await _write(connection, plan, now)
            work.emit(*plan.events)
        return len(clocks)

    async def _claim(self, connection: AsyncConnection, now: datetime, limit: int) -> dict[UUID, Any]:
        """The deadlines whose steps came due first, locked, as they are under the lock."""
        claimed = await connection.execute(
            select(*_CLOCK)
            .select_from(tables.steps.join(tables.deadlines, _DEADLINES.deadline_id == _STEPS.deadline_id))
            .where(_STEPS.done_at.is_(None), _STEPS.at <= now)
            .order_by(_STEPS.at, _STEPS.deadline_id, _STEPS.step)
            .limit(limit)
            .with_for_update(of=tables.deadlines, skip_locked=True)
        )
        return {row.deadline_id: _clock._make(row) for row in claimed}

    async def _due(self, connection: AsyncConnection, deadline_ids: Sequence[UUID], now: datetime) -> list[Step]:
        """Their due steps, read under the lock: what was seen before it may have been done meanwhile."""
        rows = await connection.execute(
            select(*(_STEPS[name] for name in Step._fields))
            .where(
                _STEPS.deadline_id == func.any(deadline_ids),
                _STEPS.done_at.is_(None),
                _STEPS.at <= now,
            )
            .order_by(_STEPS.at, _STEPS.deadline_id, _STEPS.step)
        )
        return [Step(*row) for row in rows]


class Ladders:
    """The ladders of deadlines that passed. Those missed at one instant have the same, and there are many."""

    def __init__(self, regime: Regime) -> None:
        self._regime = regime
        self._known: dict[tuple[str, datetime, str], Sequence[RungStep]] = {}

    def climb(self, deadline: Any) -> Sequence[RungStep]:
        key = deadline.kind, deadline.due_at, deadline.policy_version
        if key not in self._known:
            policy = self._regime.policy(deadline.policy_version)
            self._known[key] = ladder.climb(CaseKind(deadline.kind), deadline.due_at, policy, self._regime.calendar)
        return self._known[key]


async def _write(connection: AsyncConnection, plan: Plan, now: datetime) -> None:
    await connection.execute(
        _FINISH,
        {
            "now": now,
            "deadline_id": [step.deadline_id for step, _ in plan.done],
            "version": [step.version for step, _ in plan.done],
            "step": [step.step for step, _ in plan.done],
            "outcome": [outcome for _, outcome in plan.done],
        },
    )
    if plan.states:
        await connection.execute(
            _MARK,
            {
                "deadline_id": list(plan.states),
                "state": [state.value for state in plan.states.values()],
                "missed_at": [plan.missed.get(deadline_id) for deadline_id in plan.states],
            },
        )
    await steps.lay(connection, plan.laid)
