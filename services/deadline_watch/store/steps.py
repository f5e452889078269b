"""The steps of clocks in the database (warnings, the miss, silence, the rungs): ahead, done, or left out."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ColumnElement, func, select, text, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain.clocks import Clock
from services.deadline_watch.domain.due_steps import UNANSWERED, ClockStep, StepResults
from services.deadline_watch.store.clocks import COLUMNS, clock_of
from shared.messaging.unit_of_work import UnitOfWork

_STEPS, _DEADLINES = tables.steps.c, tables.deadlines.c
_ADD = text("""
    insert into watch.steps
           (deadline_id, version, step, enterprise_code, action, at, recipients, rung, repeat_hours, done_at, outcome)
    select cast(s->>0 as uuid), cast(s->>1 as int), s->>2, s->>3, s->>4, cast(s->>5 as timestamptz),
           cast(s->>6 as jsonb), cast(s->>7 as int), cast(s->>8 as float8), cast(s->>9 as timestamptz), s->>10
      from jsonb_array_elements(cast(:steps as jsonb)) as s
    on conflict do nothing
""")
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

_LEAVE_OUT = text("""
    update watch.steps set done_at = :now, outcome = 'void'
     where deadline_id = any(cast(:ids as uuid[])) and done_at is null
""")
_RECONSIDER = text("""
    update watch.steps s set done_at = null, outcome = null
      from unnest(cast(:ids as uuid[]), cast(:versions as int[])) as again (deadline_id, version)
     where s.deadline_id = again.deadline_id and s.version = again.version
       and s.outcome = 'void' and (s.action <> 'warn' or s.at > :now)
""")


async def add(connection: AsyncConnection, steps: Sequence[ClockStep]) -> None:
    """Store `steps`, each once whoever stores it."""
    if steps:
        # One document, not eleven arrays: a pass adds thousands.
        await connection.execute(_ADD, {"steps": to_json(steps).decode()})


async def leave_out(connection: AsyncConnection, deadline_ids: Sequence[UUID], now: datetime) -> None:
    """Have nothing happen that was ahead of these deadlines."""
    if deadline_ids:
        await connection.execute(_LEAVE_OUT, {"ids": deadline_ids, "now": now})


async def lock_due_clocks(
    connection: AsyncConnection, now: datetime, limit: int, *, with_silence: bool
) -> dict[UUID, Clock]:
    """Lock the clocks whose steps came due first, and return them by identifier, as they are under the lock.

    Those that another unit of work holds are left to it. `with_silence`: also steps that end a silence.
    """
    rows = await connection.execute(
        select(*COLUMNS)
        .select_from(tables.steps.join(tables.deadlines, _DEADLINES.deadline_id == _STEPS.deadline_id))
        .where(_is_due(now, with_silence=with_silence))
        .order_by(_STEPS.at, _STEPS.deadline_id, _STEPS.step)
        .limit(limit)
        .with_for_update(of=tables.deadlines, skip_locked=True)
    )
    return {row[0]: clock_of(row) for row in rows}


async def due_steps(
    connection: AsyncConnection, deadline_ids: Sequence[UUID], now: datetime, *, with_silence: bool
) -> list[ClockStep]:
    """The due steps of locked clocks: what was seen before the lock may have been done meanwhile."""
    rows = await connection.execute(
        select(*(_STEPS[name] for name in ClockStep._fields))
        .where(_STEPS.deadline_id == func.any(deadline_ids), _is_due(now, with_silence=with_silence))
        .order_by(_STEPS.at, _STEPS.deadline_id, _STEPS.step)
    )
    return [ClockStep(*row) for row in rows]


def _is_due(now: datetime, *, with_silence: bool) -> ColumnElement[bool]:
    return _STEPS.done_at.is_(None) & (_STEPS.at <= now) & (true() if with_silence else _STEPS.action != UNANSWERED)


async def next_at(connection: AsyncConnection, *, with_silence: bool) -> datetime | None:
    """When the next step is due; None where nothing is ahead."""
    asked = true() if with_silence else _STEPS.action != UNANSWERED
    found: datetime | None = await connection.scalar(select(func.min(_STEPS.at)).where(_STEPS.done_at.is_(None), asked))
    return found


async def save_results(connection: AsyncConnection, results: StepResults, now: datetime) -> None:
    """Store what became of due steps and of their clocks, which are locked."""
    await connection.execute(
        _FINISH,
        {
            "now": now,
            "deadline_id": [step.deadline_id for step, _ in results.done],
            "version": [step.version for step, _ in results.done],
            "step": [step.step for step, _ in results.done],
            "outcome": [outcome for _, outcome in results.done],
        },
    )
    if results.states:
        await connection.execute(
            _MARK,
            {
                "deadline_id": list(results.states),
                "state": [state.value for state in results.states.values()],
                "missed_at": [results.missed.get(deadline_id) for deadline_id in results.states],
            },
        )
    await add(connection, results.added)


class UpcomingSteps:
    """Stores steps ahead, and keeps when the watcher of this process must be awake for them."""

    def __init__(self) -> None:
        self.earliest: datetime | None = None
        """The earliest instant that was stored and is durable, since the watcher last looked."""

    async def add(self, work: UnitOfWork, steps: Sequence[ClockStep]) -> None:
        """Store `steps`, each once whoever stores it, and wake the watcher for them."""
        await add(work.connection, steps)
        if steps:
            self._wake(work, min(step.at for step in steps))

    async def reconsider(self, work: UnitOfWork, clocks: Sequence[Clock]) -> None:
        """Have the watcher decide again on steps that were left out: they may apply now. The due times stand."""
        if not clocks:
            return
        versions = {"ids": [one.deadline_id for one in clocks], "versions": [one.version for one in clocks]}
        await work.connection.execute(_RECONSIDER, versions | {"now": work.now})
        self._wake(work, work.now)

    def _wake(self, work: UnitOfWork, at: datetime) -> None:
        work.after_commit(lambda: self._note(at))

    def _note(self, at: datetime) -> None:
        self.earliest = at if self.earliest is None else min(at, self.earliest)
