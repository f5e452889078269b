"""The duty that emits an event for each dead letter that has waited too long, and measures how many wait."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.events import DEAD_LETTER_WAITING, DeadLetterWaiting, Recipient
from shared.contract.messages import SYSTEM, Event
from shared.messaging.dead_letters import policy
from shared.messaging.dead_letters.store import DeadLetters, LetterState
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork, nothing_more
from shared.telemetry import Telemetry

BEAT_SECONDS = 30.0
_AT_ONCE = 100

W = TypeVar("W", bound=UnitOfWork)


class WaitingLetters(Generic[W]):
    """Emits an event for each letter that waits longer than the policy allows.

    `on_overdue` is called with them in the same unit of work, by a service that acts on its own letters itself.
    """

    def __init__(
        self,
        letters: DeadLetters,
        *,
        units: UnitsOfWork[W],
        telemetry: Telemetry,
        on_overdue: Callable[[W, Sequence[DeadLetterWaiting]], Awaitable[None]] = nothing_more,
    ) -> None:
        self._letters, self._units, self._on_overdue = letters, units, on_overdue
        self._waiting = telemetry.gauge("tricolor_dead_letters_waiting", "Dead letters that wait, by reason", ["code"])
        self._oldest = telemetry.gauge("tricolor_dead_letters_oldest_seconds", "How long the oldest has waited", [])

    async def run_once(self) -> int:
        """Emit events for up to 100 letters, measure, and answer how many were emitted. One unit of work."""
        async with self._units.open() as work:
            found = await self._overdue(work.connection, work.now)
            await self._measure(work.connection, work.now)
            if found:
                await self._on_overdue(work, found)
                work.emit(*(Event(DEAD_LETTER_WAITING, SYSTEM, letter) for letter in found))
        return len(found)

    async def _overdue(self, connection: AsyncConnection, now: datetime) -> list[DeadLetterWaiting]:
        """Find the letters that have become overdue, and mark them so that each is emitted once, by one replica."""
        table, allowed = self._letters.table, policy.load()
        overdue = (
            select(table.c.position)
            .where(
                table.c.state == LetterState.WAITING,
                table.c.told_at.is_(None),
                table.c.failed_at <= now - allowed.waiting,
            )
            .order_by(table.c.position)
            .limit(_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        rows = await connection.execute(
            update(table).where(table.c.position.in_(overdue.scalar_subquery())).values(told_at=now).returning(table)
        )
        return [
            DeadLetterWaiting(
                letter_id=row.letter_id,
                service=self._letters.service,
                topic=row.topic,
                origin=row.origin,
                code=row.code,
                detail=row.detail,
                attempt=row.attempt,
                failed_at=row.failed_at,
                at=now,
                policy_version=allowed.version,
                recipients=[Recipient(role=role) for role in allowed.recipients],
            )
            for row in sorted(rows.all(), key=lambda row: row.position)
        ]

    async def _measure(self, connection: AsyncConnection, now: datetime) -> None:
        columns = self._letters.table.c
        rows = (
            await connection.execute(
                select(columns.code, func.count().label("waiting"), func.min(columns.failed_at).label("oldest"))
                .where(columns.state == LetterState.WAITING)
                .group_by(columns.code)
            )
        ).all()
        self._waiting.clear()
        for row in rows:
            self._waiting.labels(row.code).set(row.waiting)
        self._oldest.set(max(((now - row.oldest).total_seconds() for row in rows), default=0))
