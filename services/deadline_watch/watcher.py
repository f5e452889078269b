"""The watcher: does what has come due, each step once, in the order it came due.

Deadlines are rows. A pass claims due ones with `for update skip locked`, so that any number of replicas share
the work; marking a step done is conditional, so that none is done twice; and whether a step still applies is
looked at under the deadline's lock, so that an answer a moment earlier is never overlooked.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import ladder, tables
from services.deadline_watch.marks import State, happens
from services.deadline_watch.policy import DeadlinePolicy
from services.deadline_watch.telling import told_of
from shared.calendar import WorkingCalendar
from shared.clock import Clock
from shared.cloudevents import Outgoing
from shared.database import Database
from shared.events import Bilingual, CaseKind, DeadlineType
from shared.instants import shown
from shared.outbox import Outbox

_LATE = timedelta(minutes=1)
"""A step done later than this after it was due says in its event when that was."""


class Watcher:
    """Promises: every step that still applies when it comes due is told of, once, within a pass of coming due."""

    def __init__(
        self,
        *,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        topic: str,
        policy: DeadlinePolicy,
        calendar: WorkingCalendar,
    ) -> None:
        self._database, self._outbox, self._clock, self._topic = database, outbox, clock, topic
        self._policy, self._calendar = policy, calendar

    async def run_once(self, limit: int = 500) -> int:
        """One pass, one transaction: up to `limit` due steps. Answers how many were done, void ones included."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            due = await self._claim(connection, now, limit)
            told: list[Outgoing] = []
            for step, deadline in due:
                told += await self._do(connection, step, deadline, now)
            await self._outbox.append(connection, told)
        return len(due)

    async def _claim(
        self, connection: AsyncConnection, now: datetime, limit: int
    ) -> Sequence[tuple[Row[Any], "Clockwork"]]:
        steps, deadlines = tables.steps, tables.deadlines
        found = (
            await connection.execute(
                select(steps)
                .join(deadlines, deadlines.c.deadline_id == steps.c.deadline_id)
                .where(steps.c.done_at.is_(None), steps.c.at <= now)
                .order_by(steps.c.at, steps.c.deadline_id, steps.c.step)
                .limit(limit)
                .with_for_update(of=deadlines, skip_locked=True)
            )
        ).all()
        if not found:
            return []
        # Read again under the lock: what was found may be older than the lock.
        held = await connection.execute(
            select(deadlines).where(deadlines.c.deadline_id.in_({step.deadline_id for step in found}))
        )
        clocks = {row.deadline_id: Clockwork(row) for row in held}
        return [(step, clocks[step.deadline_id]) for step in found]

    async def _do(
        self, connection: AsyncConnection, step: Row[Any], clock: "Clockwork", now: datetime
    ) -> list[Outgoing]:
        row = clock.row
        applies = happens(
            step.action,
            clock.state,
            answered_at=row.answered_at,
            closed_at=row.closed_at,
            now=now,
            due_at=row.due_at,
        )
        if not await _mark_done(connection, step, now, "fired" if applies else "void") or not applies:
            return []
        reason = _late(step.at) if now - step.at > _LATE else None
        if step.action == "warn":
            await clock.move(connection, State.WARNED)
            return [self._told(DeadlineType.WARNED, clock, step, now, reason)]
        if step.action == "miss":
            await clock.move(connection, State.OVERDUE, missed_at=row.due_at)
            await self._raise_ladder(connection, row)
            return [self._told(DeadlineType.MISSED, clock, step, now, reason)]
        if step.repeat_hours is not None:
            await self._repeat(connection, step, now)
        return [self._told(DeadlineType.ESCALATED, clock, step, now, reason)]

    def _told(
        self, type_: DeadlineType, clock: "Clockwork", step: Row[Any], now: datetime, reason: Bilingual | None
    ) -> Outgoing:
        return told_of(
            type_,
            clock.row,
            self._topic,
            now,
            state=clock.state,
            step=step.step,
            rung=step.rung,
            recipients=step.recipients,
            reason=reason,
        )

    async def _raise_ladder(self, connection: AsyncConnection, deadline: Row[Any]) -> None:
        rungs = ladder.climb(CaseKind(deadline.kind), deadline.due_at, self._policy, self._calendar)
        await connection.execute(
            insert(tables.steps),
            [
                {
                    "deadline_id": deadline.deadline_id,
                    "version": deadline.version,
                    "step": rung.name,
                    "enterprise_code": deadline.enterprise_code,
                    "action": "escalate",
                    "at": rung.at,
                    "recipients": [rung.role],
                    "rung": rung.rung,
                    "repeat_hours": rung.repeat_hours,
                }
                for rung in rungs
            ],
        )

    async def _repeat(self, connection: AsyncConnection, step: Row[Any], now: datetime) -> None:
        """Put the next repetition of a rung ahead; its number is part of its name, so that it happens once too."""
        first_name, _, number = step.step.partition("+")
        first_at = step.at - timedelta(hours=step.repeat_hours) * int(number or 0)
        next_number, at = ladder.next_repeat(first_at, step.repeat_hours, now)
        await connection.execute(
            upsert(tables.steps)
            .values(
                dict(step._mapping)
                | {"step": f"{first_name}+{next_number}", "at": at, "done_at": None, "outcome": None}
            )
            .on_conflict_do_nothing()
        )


class Clockwork:
    """A locked deadline and its state as the pass moves it."""

    def __init__(self, row: Row[Any]) -> None:
        self.row = row
        self.state = State(row.state)

    async def move(self, connection: AsyncConnection, state: State, **values: Any) -> None:
        self.state = state
        await connection.execute(
            update(tables.deadlines)
            .where(tables.deadlines.c.deadline_id == self.row.deadline_id)
            .values(state=state, **values)
        )


async def _mark_done(connection: AsyncConnection, step: Row[Any], now: datetime, outcome: str) -> bool:
    """Mark the step done; False when another replica had done it."""
    steps = tables.steps.c
    marked = await connection.execute(
        update(tables.steps)
        .where(
            steps.deadline_id == step.deadline_id,
            steps.version == step.version,
            steps.step == step.step,
            steps.done_at.is_(None),
        )
        .values(done_at=now, outcome=outcome)
    )
    return marked.rowcount == 1


def _late(due: datetime) -> Bilingual:
    return Bilingual(zh=f"应于 {shown(due)} 发出，现补发", en=f"was due at {shown(due)} and is told only now")
