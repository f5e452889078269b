"""The relay: publishes the events of an outbox to Kafka, at least once, in commit order for each key."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from functools import lru_cache
from typing import TypeAlias

from aiokafka import AIOKafkaProducer
from pydantic_core import from_json
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import Headers
from shared.messaging.kafka import LARGEST_EVENT, closed
from shared.messaging.outbox import Outbox
from shared.messaging.relayed import Progress, relayed_until, waits
from shared.messaging.sending import BATCH_BYTES, Relayed, send
from shared.messaging.stored_events import headers_read
from shared.storage.arrays import array_of_plain
from shared.storage.database import Database
from shared.storage.direct import fetch, fetch_value
from shared.time.clock import Clock

_UNREAD, _ASKED_EACH = 1_000, 500
_ENTER = "select pg_try_advisory_lock_shared(hashtext($1))"
_LEAVE = "select pg_advisory_unlock_shared(hashtext($1))"


@lru_cache
def _headers(written: str) -> Headers:
    """The headers of a row: those of events of ours are the same in all."""
    return headers_read(from_json(written))


Room: TypeAlias = Callable[[AsyncConnection], Awaitable[bool]]
"""Asked before relaying: whether the broker has room for more."""


def room_for(outbox: Table, readers: Iterable[tuple[str, Table]]) -> Room:
    """Whether each of the `readers` (topic, inbox) has kept up.

    For a broker that drops old records, read or not: the embedded one keeps some 5 MB a partition.
    """
    unread = " or ".join(
        f"(select count(*) from (select event_id from {outbox.fullname} where topic = '{topic}'"
        f" and published_at is not null order by position desc limit {2 * _UNREAD}) recent"
        f" where not exists (select 1 from {inbox.fullname} i where i.event_id = recent.event_id)) >= {_UNREAD}"
        for topic, inbox in readers
    )
    question = text(f"select not ({unread})")

    async def room(connection: AsyncConnection) -> bool:
        return bool(await connection.scalar(question))

    return room


def relay_gate(outbox: Table) -> str:
    """The lock that a relay of `outbox` shares during a pass: whoever holds it alone keeps all relays waiting."""
    return f"relay:{outbox.fullname}"


class Relay:
    """Hands the outbox to Kafka. Of several replicas one relays at a time, by a lock of the database.

    The lock spares Kafka duplicates; the order does not hang on it. Who relays sends a key's events by position,
    from the first that is not marked as published, and those before it are in the topic. So where two relay at once,
    for one lost its connection and does not know it yet, an event may come twice, but none comes before its
    predecessor did. `room` is asked before each pass, where the broker keeps only so much; see `room_for`.
    """

    def __init__(
        self,
        *,
        name: str,
        database: Database,
        outbox: Outbox,
        kafka: dict[str, object],
        clock: Clock,
        room: Room | None = None,
    ) -> None:
        self.name = name
        self._database, self._outbox, self._clock, self._kafka = database, outbox, clock, kafka
        self._room, self._unasked = room, _UNREAD
        name, condition = outbox.table.fullname, waits(outbox.table.fullname, "o")
        self._question = f"select exists (select from {name} o where {condition})"
        self._waiting = f"""
            select o.position, o.topic, o.key, o.value, o.headers::text, {relayed_until(name)}
              from {name} o
             where {condition} order by o.position limit $1
        """
        self._mark = f"""
            update {name} set published_at = $1
             where position = any(array(select unnest(cast(cast($2 as text) as bigint[]))))
        """
        self._progress = Progress(outbox.table)
        self.published: Callable[[Iterable[str]], None] | None = None
        """Told the topics of what was published. See `bells`."""
        self._producer: AIOKafkaProducer | None = None
        self._session = AsyncExitStack()
        self._leader: AsyncConnection | None = None

    async def start(self) -> None:
        """Connect now; `run_once` does so by itself. Raises KafkaError when Kafka is away."""
        await self._connected()

    async def stop(self) -> None:
        try:
            await self._disconnect()
        finally:
            await self._session.aclose()

    async def has_waiting(self) -> bool:
        """Whether there is something to do for this one: a question that costs a pass over nothing far less."""
        connection = await self._lead()
        return connection is not None and (
            self._progress.is_behind or bool(await fetch_value(connection, self._question))
        )

    async def run_once(self, limit: int = 500) -> int:
        """Relay up to `limit` events in order; answer how many. No transaction is open while Kafka is asked.

        While Kafka is away it waits. Raises KafkaError when some event was not taken: those that were are marked,
        and no event overtakes another of its key.
        """
        connection, gate = await self._lead(), relay_gate(self._outbox.table)
        if connection is None or not await fetch_value(connection, _ENTER, gate):
            return 0
        try:
            return await self._hand_over(connection, limit)
        finally:
            if not connection.invalidated:  # else the lock went with it, and asking again would lead without it
                await fetch_value(connection, _LEAVE, gate)

    async def _hand_over(self, connection: AsyncConnection, limit: int) -> int:
        rows = await fetch(connection, self._waiting, limit)
        if not rows:
            await self._progress.relayed(connection, 0)
            return 0
        if not await self._has_room(connection, len(rows)):
            return 0
        values = await self._outbox.published(connection, [stored for _, _, _, stored, _, _ in rows])
        events = [
            Relayed(position, topic, key, value, _headers(headers))
            for (position, topic, key, _, headers, _), value in zip(rows, values, strict=True)
        ]
        taken, failure = await send(await self._connected(), events)
        if failure is not None:
            # After a gap the broker takes nothing more of this producer's: a new one numbers its events anew.
            await self._disconnect()
        if self.published is not None:
            self.published({event.topic for event in events})
        await fetch(connection, self._mark, self._clock.now(), array_of_plain(map(str, taken)))
        last = events[-1].position if len(events) == limit else None
        *_, until = rows[0]
        await self._progress.relayed(connection, len(taken), until=until, last=last)
        if failure is not None:
            raise failure
        return len(taken)

    async def _has_room(self, connection: AsyncConnection, events: int) -> bool:
        """Whether the broker has room for more events; asked again only after some hundred, for it is a long look."""
        self._unasked += events
        if self._room is None or self._unasked <= _ASKED_EACH:
            return True
        self._outbox.held_back = not await self._room(connection)
        if self._outbox.held_back:
            return False
        self._unasked = events
        return True

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                enable_idempotence=True,
                acks="all",
                max_batch_size=BATCH_BYTES,
                max_request_size=LARGEST_EVENT,
                **self._kafka,
            )
            try:
                await producer.start()
            except BaseException:
                await closed(producer.stop())
                raise
            self._producer = producer
        return self._producer

    async def _disconnect(self) -> None:
        producer, self._producer = self._producer, None
        if producer is not None:
            await closed(producer.stop())

    async def _lead(self) -> AsyncConnection | None:
        """The connection that holds this outbox's lock, or None while another replica relays."""
        if self._leader is not None and not self._leader.closed and not self._leader.invalidated:
            return self._leader
        self._leader = None
        await self._session.aclose()
        connection = await self._session.enter_async_context(self._database.autocommit())
        held = await connection.scalar(
            text("select pg_try_advisory_lock(hashtext(:table))"), {"table": self._outbox.table.fullname}
        )
        if held:
            self._leader = connection
            # The lock is the connection's: back in the pool it would be held on, and nobody could relay.
            self._session.push_async_callback(connection.invalidate)
        else:
            await self._session.aclose()
        return self._leader
