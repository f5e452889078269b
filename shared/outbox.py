"""The transactional outbox: an event leaves exactly when the change it tells of is durable.

Every service has one, in its own schema. Rows are appended in the transaction of their cause and relayed to
Kafka afterwards, at least once, in commit order for each key.
"""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from pydantic_core import to_json
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.clock import Clock
from shared.cloudevents import Headers, Outgoing
from shared.database import Database, after_commit
from shared.kafka import LARGEST_EVENT, closed

# Appends of one key are serialised by an advisory lock, held until commit, so that positions of a key grow in
# commit order. Keys share 256 locks: enough for writers to rarely meet, few enough for a batch of 1,000 keys.
_LOCK_BUCKETS = 256
_UNREAD = 1_000

_Row = Row[*tuple[Any, ...]]


def outbox_table(metadata: MetaData) -> Table:
    return Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        Column("event_id", Uuid, nullable=False, unique=True),
        Column("topic", Text, nullable=False),
        Column("key", LargeBinary),
        Column("value", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("appended_at", DateTime(timezone=True), nullable=False),
        Column("published_at", DateTime(timezone=True)),
        Index("outbox_pending_idx", "position", postgresql_where=text("published_at is null")),
    )


class Outbox:
    """Appends to, and relays from, the outbox of one service."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self.table = table
        self._clock = clock
        self.appended = asyncio.Event()
        # One statement however many: a row at a time costs several times as much.
        self._append = text(f"""
            insert into {table.fullname} (event_id, topic, key, value, headers, appended_at)
            select event_id, topic, key, value, headers::jsonb, :now
              from unnest(cast(:event_id as uuid[]), cast(:topic as text[]), cast(:key as bytea[]),
                          cast(:value as bytea[]), cast(:headers as text[]))
                   with ordinality as new (event_id, topic, key, value, headers, number)
             order by number
            on conflict (event_id) do nothing
        """)

    async def append(self, connection: AsyncConnection, events: Sequence[Outgoing]) -> None:
        """Make `events` leave when the transaction of `connection` commits.

        Call it once, and last: it takes locks that are held until the commit, in one global order.
        """
        if not events:
            return
        buckets = sorted({zlib.crc32(event.key or b"") % _LOCK_BUCKETS for event in events})
        await connection.execute(
            text("select pg_advisory_xact_lock(hashtext(:schema), b) from unnest(cast(:buckets as integer[])) as b"),
            {"schema": self.table.schema, "buckets": buckets},
        )
        written = {event.headers: headers_written(event.headers) for event in events}
        await connection.execute(
            self._append,
            {
                "event_id": [event.event_id for event in events],
                "topic": [event.topic for event in events],
                "key": [event.key for event in events],
                "value": [event.value for event in events],
                "headers": [written[event.headers] for event in events],
                "now": self._clock.now(),
            },
        )
        after_commit(connection, self.appended.set)

    async def pending(self, connection: AsyncConnection) -> int:
        """How many events have not been handed to Kafka yet."""
        counted = await connection.scalar(
            select(func.count()).select_from(self.table).where(self.table.c.published_at.is_(None))
        )
        return counted or 0


def headers_written(headers: Headers) -> str:
    """`headers` as JSON that PostgreSQL takes, values in hex. A name with NUL, which it would not take, in hex too."""
    pairs = [(name, None if value is None else value.hex()) for name, value in headers]
    return to_json(
        [[None, value, name.encode().hex()] if "\x00" in name else [name, value] for name, value in pairs]
    ).decode()


def headers_read(written: Iterable[Sequence[str | None]]) -> Headers:
    """The headers that `headers_written` wrote, as they were."""
    return tuple(
        (
            bytes.fromhex(hidden[0] or "").decode() if name is None else name,
            None if value is None else bytes.fromhex(value),
        )
        for name, value, *hidden in written
    )


def whole(outbox: Table) -> str:
    """SQL of all that was ever appended and is still kept: what has moved to the archive as well."""
    columns = ", ".join(column.name for column in outbox.columns)
    return f"(select {columns} from {outbox.fullname} union all select {columns} from {outbox.fullname}_archive)"


async def bring_back(
    connection: AsyncConnection, outbox: Table, condition: str, values: Mapping[str, Any], at_once: int | None = None
) -> int:
    """Move archived rows `o` that meet `condition` back to be relayed again; the oldest first, at most `at_once`."""
    names = [column.name for column in outbox.columns if column.name != "published_at"]
    columns, chosen = ", ".join(names), ", ".join(f"o.{name}" for name in names)
    back = await connection.execute(
        text(f"""
            with chosen as (
                select o.event_id, o.appended_at from {outbox.fullname}_archive o
                 where {condition} order by o.position limit :at_once),
            back as (
                delete from {outbox.fullname}_archive o using chosen
                 where o.event_id = chosen.event_id and o.appended_at = chosen.appended_at
                returning {chosen})
            insert into {outbox.fullname} ({columns}) overriding system value select {columns} from back
            on conflict (event_id) do nothing
        """),
        {**values, "at_once": at_once},
    )
    return back.rowcount


async def rewind(connection: AsyncConnection, outbox: Table, topic: str, inbox: Table) -> int:
    """Have the events of `topic` relayed again that its consumer's `inbox` has not recorded; answer how many.

    For a broker that forgets: the embedded one keeps its topics in memory. Archived events come back for it.
    """
    unread = (
        "o.published_at is not null and o.topic = :topic"
        f" and not exists (select 1 from {inbox.fullname} i where i.event_id = o.event_id)"
    )
    archived = await bring_back(connection, outbox, unread, {"topic": topic})
    hot = await connection.execute(
        text(f"update {outbox.fullname} o set published_at = null where {unread}"), {"topic": topic}
    )
    return archived + hot.rowcount


def room_for(outbox: Table, readers: Iterable[tuple[str, Table]]) -> Callable[[AsyncConnection], Awaitable[bool]]:
    """A question for `Relay.room`: whether each of the `readers` (topic, inbox) has kept up.

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
    predecessor did.
    """

    def __init__(
        self, *, name: str, database: Database, outbox: Outbox, kafka: dict[str, object], clock: Clock
    ) -> None:
        self.name = name
        self._database, self._outbox, self._clock, self._kafka = database, outbox, clock, kafka
        self._producer: AIOKafkaProducer | None = None
        self._session = AsyncExitStack()
        self._leader: AsyncConnection | None = None
        self.room: Callable[[AsyncConnection], Awaitable[bool]] | None = None
        """Asked before relaying, where the broker keeps only so much; see `room_for`."""

    async def start(self) -> None:
        """Connect now; `run_once` does so by itself. Raises KafkaError when Kafka is away."""
        await self._connected()

    async def stop(self) -> None:
        try:
            await self._disconnect()
        finally:
            await self._session.aclose()

    async def run_once(self, limit: int = 500) -> int:
        """Relay up to `limit` events in order; answer how many. No transaction is open while Kafka is asked.

        While Kafka is away it waits. Raises KafkaError when some event was not taken: those that were are marked,
        and no event overtakes another of its key.
        """
        connection, gate = await self._lead(), {"gate": relay_gate(self._outbox.table)}
        if connection is None or not await connection.scalar(
            text("select pg_try_advisory_lock_shared(hashtext(:gate))"), gate
        ):
            return 0
        try:
            return await self._hand_over(connection, limit)
        finally:
            if not connection.invalidated:  # else the lock went with it, and asking again would lead without it
                await connection.execute(text("select pg_advisory_unlock_shared(hashtext(:gate))"), gate)

    async def _hand_over(self, connection: AsyncConnection, limit: int) -> int:
        table = self._outbox.table
        rows = (
            await connection.execute(
                select(table.c.position, table.c.topic, table.c.key, table.c.value, table.c.headers)
                .where(table.c.published_at.is_(None))
                .order_by(table.c.position)
                .limit(limit)
            )
        ).all()
        if not rows or (self.room is not None and not await self.room(connection)):
            return 0
        taken, failure = await self._send(rows)
        await connection.execute(
            text(f"update {table.fullname} set published_at = :now where position = any(cast(:positions as bigint[]))"),
            {"now": self._clock.now(), "positions": taken},
        )
        if failure is not None:
            raise failure
        return len(taken)

    async def _send(self, rows: Sequence[_Row]) -> tuple[list[int], KafkaError | None]:
        """Send `rows` in order; answer the positions that Kafka took, and why it did not take the others."""
        producer, failure = await self._connected(), None
        sent: list[tuple[_Row, asyncio.Future[object]]] = []
        held: set[tuple[str, bytes | None]] = set()
        for row in rows:
            if (row.topic, row.key) in held:
                continue
            headers = list(headers_read(row.headers))
            try:
                sent.append((row, await producer.send(row.topic, value=row.value, key=row.key, headers=headers)))
            except MessageSizeTooLargeError as error:
                failure = error
                held.add((row.topic, row.key))
            except KafkaError as error:
                failure = error
                break
        taken, refused = [], set()
        outcomes = await asyncio.gather(*(future for _, future in sent), return_exceptions=True)
        for (row, _), outcome in zip(sent, outcomes, strict=True):
            if isinstance(outcome, KafkaError):
                failure = outcome
                refused.add((row.topic, row.key))
            elif isinstance(outcome, BaseException):
                raise outcome
            elif (row.topic, row.key) not in refused:
                taken.append(row.position)
        if failure is not None:
            # After a gap the broker takes nothing more of this producer's: a new one numbers its events anew.
            await self._disconnect()
        return taken, failure

    async def _connected(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                enable_idempotence=True, acks="all", linger_ms=2, max_request_size=LARGEST_EVENT, **self._kafka
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
        connection = await self._session.enter_async_context(self._database.engine.connect())
        connection = await connection.execution_options(isolation_level="AUTOCOMMIT")
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
