"""The duty over dead letters: says, once a letter, that it has waited longer than allowed; and how many wait."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import compose
from shared.contract.events import DEAD_LETTER_WAITING, DeadLetterWaiting, Recipient
from shared.messaging.dead_letters import policy
from shared.messaging.dead_letters.store import DeadLetters, State
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import Clock

BEAT_SECONDS = 10.0
_AT_ONCE = 100

Hear = Callable[[AsyncConnection, Sequence[DeadLetterWaiting], datetime], Awaitable[None]]
"""Called with what is told, in its transaction, by a service that acts on it itself."""


async def _deaf(connection: AsyncConnection, told: Sequence[DeadLetterWaiting], now: datetime) -> None:
    del connection, told, now


class WaitingLetters:
    """Tells on `topic`, the service's own, of each letter that waits longer than the policy allows."""

    def __init__(
        self,
        letters: DeadLetters,
        *,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        topic: str,
        telemetry: Telemetry,
        hear: Hear = _deaf,
    ) -> None:
        self._letters, self._database, self._outbox = letters, database, outbox
        self._clock, self._topic, self._hear = clock, topic, hear
        self._waiting = telemetry.gauge("tricolor_dead_letters_waiting", "Dead letters that wait, by reason", ["code"])
        self._oldest = telemetry.gauge("tricolor_dead_letters_oldest_seconds", "How long the oldest has waited", [])

    async def run_once(self) -> int:
        """Tell of up to 100 letters, measure, and answer how many were told of. One transaction."""
        now = self._clock.now()
        async with self._database.transaction() as connection:
            found = await self._overdue(connection, now)
            await self._measure(connection, now)
            if found:
                await self._hear(connection, found, now)
                await self._outbox.append(
                    connection,
                    [
                        compose(
                            topic=self._topic,
                            source=f"/tricolor/{self._letters.service}",
                            type_=DEAD_LETTER_WAITING,
                            enterprise="tricolor",  # the system itself is meant, as in an audit's finding
                            time=now,
                            data=letter,
                        )
                        for letter in found
                    ],
                )
        return len(found)

    async def _overdue(self, connection: AsyncConnection, now: datetime) -> list[DeadLetterWaiting]:
        """What has become overdue, from now on told. Of two replicas each tells of other letters."""
        table, allowed = self._letters.table, policy.load()
        overdue = (
            select(table.c.position)
            .where(
                table.c.state == State.WAITING, table.c.told_at.is_(None), table.c.failed_at <= now - allowed.waiting
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
                .where(columns.state == State.WAITING)
                .group_by(columns.code)
            )
        ).all()
        self._waiting.clear()
        for row in rows:
            self._waiting.labels(row.code).set(row.waiting)
        self._oldest.set(max(((now - row.oldest).total_seconds() for row in rows), default=0))
