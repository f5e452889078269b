"""The transactional outbox: an event is published exactly when the change that caused it is durable.

Every service has one, in its own schema. Rows are appended in the transaction of their cause and relayed to
Kafka afterwards, at least once, in commit order for each key.
"""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import Outgoing
from shared.evidence.domain.records import Circumstances, Fact
from shared.evidence.log import Chained, EvidenceLog
from shared.evidence.tables import EvidenceTables
from shared.messaging.relayed import locking, relayed_table, waits
from shared.messaging.stored_events import headers_written, named, unnamed
from shared.storage.arrays import array, array_of_plain
from shared.storage.copying import FROM, copy_rows
from shared.storage.database import after_commit
from shared.storage.direct import fetch
from shared.storage.packing import Packer, is_marked, unpacked
from shared.time.clock import Clock

# Appends of one key are serialised by an advisory lock, held until commit, so that positions of a key grow in
# commit order. Keys share 256 locks: enough for writers to rarely meet, few enough for a batch of 1,000 keys.
_LOCK_BUCKETS = 256
# Whoever appends shares one lock more, which is taken first: who holds it alone knows that every position that was
# given out so far is committed or never will be.
GATE = _LOCK_BUCKETS


_COLUMNS = ("event_id", "topic", "key", "value", "headers", "appended_at")
_FRESH = 4_096
"""Events that are remembered until they are relayed: some 15 MB of graded alerts."""


def outbox_table(metadata: MetaData) -> Table:
    relayed_table(metadata)
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
    )


_SETTLE = text("select pg_advisory_xact_lock(hashtext(:schema), :gate)")
_LOCK = f"""
    with gate as materialized (select pg_advisory_xact_lock_shared(hashtext($1), {GATE}))
    select pg_advisory_xact_lock(hashtext($1), b) from gate, unnest(cast(cast($2 as text) as integer[])) as b
"""


class Outbox:
    """Appends to, and relays from, the outbox of one service."""

    def __init__(self, table: Table, clock: Clock, *, packs: bool = False) -> None:
        """With `packs` events are stored by naming their evidence, where they are packed.

        Only once no process of the release before relays them, which would publish them as they are stored.
        """
        self.table = table
        self._clock, self._packs, self._packer = clock, packs, Packer()
        self._evidence = EvidenceLog(EvidenceTables.of(table.metadata), self._packer)
        self._fresh: dict[bytes, bytes] = {}
        """What was appended lately, by how it is stored: the relay of the same process need not read it."""
        self.appended = asyncio.Event()
        self.held_back = False
        """Whether the relay waits until what was published is acted on, for the broker keeps only so much."""
        # One statement however many: a row at a time costs several times as much.
        self._append = f"""
            insert into {table.fullname} (event_id, topic, key, value, headers, appended_at)
            select event_id, topic, key, value, headers::jsonb, $6
              from unnest(cast(cast($1 as text) as uuid[]), cast(cast($2 as text) as text[]),
                          cast($3 as bytea[]), cast($4 as bytea[]), cast(cast($5 as text) as text[]))
                   with ordinality as new (event_id, topic, key, value, headers, number)
             order by number
            on conflict (event_id) do nothing
        """
        self._append_with_evidence = f"with kept as ({self._evidence.insertion(after=6)}) {self._append}"
        self._named = f"""
            select o.stored, {unnamed(table.schema, "o.stored")} from unnest(cast($1 as bytea[])) as o (stored)
        """

    async def append(
        self,
        connection: AsyncConnection,
        events: Sequence[Outgoing],
        facts: Sequence[Fact] = (),
        common: Circumstances | None = None,
    ) -> None:
        """Have `events` published when the transaction of `connection` commits, and `facts` kept as evidence with them.

        Call it once, and last: it takes locks that are held until the commit, in one global order.
        """
        if not events and not facts:
            return
        keys = {event.key or b"" for event in events} | {fact.enterprise.encode() for fact in facts}
        buckets = sorted({zlib.crc32(key) % _LOCK_BUCKETS for key in keys})
        await fetch(connection, _LOCK, self.table.schema, array_of_plain(map(str, buckets)))
        chained = await self._evidence.chained(connection, facts, common) if facts and common is not None else None
        if not events:
            if chained is not None:
                await self._evidence.store(connection, chained)
            return
        values, now = self._stored(events, facts, chained), self._clock.now()
        written = {event.headers: headers_written(event.headers, short=self._packs) for event in events}
        if len(events) >= FROM and chained is not None and all(event.event_id in values for event in events):
            await self._evidence.store(connection, chained)
            rows = [
                (one.event_id, one.topic, one.key, values[one.event_id], written[one.headers], now) for one in events
            ]
            await copy_rows(connection, self.table, _COLUMNS, rows)
        else:
            await fetch(
                connection,
                self._append if chained is None else self._append_with_evidence,
                array_of_plain([event.event_id.hex for event in events]),
                array([event.topic for event in events]),
                [event.key for event in events],
                [values.get(event.event_id) or self._marked(event.value) for event in events],
                array([written[event.headers] for event in events]),
                now,
                *(() if chained is None else chained.values),
            )
        after_commit(connection, self.appended.set)

    def _stored(self, events: Sequence[Outgoing], facts: Sequence[Fact], chained: Chained | None) -> dict[UUID, bytes]:
        """The events that are new, each the document of a fact, as they are stored; what is sent again is no fact."""
        if chained is None:
            return {}
        stored = [fact.document for fact in facts]
        if self._packs:
            stored = [
                named(record) or document for record, document in zip(chained.records, chained.documents, strict=True)
            ]
            if len(self._fresh) > _FRESH:
                self._fresh.clear()
            self._fresh.update((small, fact.document) for small, fact in zip(stored, facts, strict=True))
        return {
            fact.event_id: document for fact, document in zip(facts, stored, strict=True) if fact.event_id is not None
        }

    def _marked(self, value: bytes) -> bytes:
        """What looks packed or like a name and is not, such as a dead letter of whatever bytes, is packed."""
        return self._packer.pack([value])[0] if is_marked(value) else value

    async def published(self, connection: AsyncConnection, stored: Sequence[bytes]) -> list[bytes]:
        """The events as they are published, of how they are stored."""
        fresh = [self._fresh.pop(one, None) for one in stored]
        names = [one for one, event in zip(stored, fresh, strict=True) if event is None and is_marked(one)]
        values = {}
        if names:
            values = dict(await fetch(connection, self._named, names))
        return [event or unpacked(values.get(one, one)) for one, event in zip(stored, fresh, strict=True)]


COUNTED = 10_000
"""Further than this what waits is not counted."""


class Waiting(NamedTuple):
    """What waits in an outbox: how many events, `COUNTED` meaning that or more, and the first of them."""

    pending: int
    position: int
    appended_at: datetime


async def waiting(connection: AsyncConnection, outbox: Table) -> Waiting | None:
    """What is not handed to Kafka yet; None where nothing is."""
    name, condition = outbox.fullname, waits(outbox.fullname, "o")
    found = await connection.execute(
        text(f"""
            select (select count(*) from (select from {name} o where {condition} limit {COUNTED}) waiting),
                   first.position, first.appended_at
              from (select o.position, o.appended_at from {name} o where {condition} order by o.position limit 1) first
        """)
    )
    row = found.one_or_none()
    return None if row is None else Waiting(*row)


def whole(outbox: Table) -> str:
    """Return SQL for all events of the outbox, those in the archive as well."""
    columns = ", ".join(column.name for column in outbox.columns)
    return f"(select {columns} from {outbox.fullname} union all select {columns} from {outbox.fullname}_archive)"


async def position_when_settled(connection: AsyncConnection, outbox: Table) -> int:
    """The last position, when every transaction that appends has ended: what comes later has a greater one.

    Positions are given before they are seen, so the greatest one seen may have smaller ones still to come. Who appends
    waits for the transaction of `connection`: end it soon.
    """
    await connection.execute(_SETTLE, {"schema": outbox.schema, "gate": GATE})
    return int(await connection.scalar(select(func.max(outbox.c.position))) or 0)


async def position_at(connection: AsyncConnection, outbox: Table, instant: datetime) -> int:
    """From where on an outbox holds what was appended at `instant` or later; a search by halves, on the key.

    Positions grow with time only as far as the clocks of replicas agree: ask for a little earlier than is needed.
    """
    columns = outbox.c
    low, high = (await connection.execute(select(func.min(columns.position), func.max(columns.position)))).one()
    if low is None:
        return 0
    high += 1
    while low < high:
        middle = (low + high) // 2
        after = select(columns.position, columns.appended_at).where(columns.position >= middle)
        row = (await connection.execute(after.order_by(columns.position).limit(1))).one_or_none()
        if row is not None and row.appended_at < instant:
            low = row.position + 1
        else:
            high = middle
    return int(low)


async def restore_archived(
    connection: AsyncConnection, outbox: Table, condition: str, values: Mapping[str, Any], at_once: int | None = None
) -> int:
    """Move archived rows `o` that meet `condition` back to be relayed again; the oldest first, at most `at_once`."""
    # What comes back is old: nobody may raise the position over it while it is not seen yet.
    await connection.execute(text(locking(outbox.fullname)))
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
    archived = await restore_archived(connection, outbox, unread, {"topic": topic})
    hot = await connection.execute(
        text(f"update {outbox.fullname} o set published_at = null where {unread}"), {"topic": topic}
    )
    return archived + hot.rowcount
