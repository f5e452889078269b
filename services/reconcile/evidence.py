"""Which events were emitted, who did not act on them, and how far readers came: read once a pass, asked by every link.

The only place where reconciling reads outboxes and inboxes. Its tables are the session's own, and empty again after
the transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.infrastructure import FLOWS
from shared.contract.events import AUDIT_FAILED
from shared.messaging.outbox import position_at, whole
from shared.messaging.stored_events import is_marked, unnamed
from shared.storage.packing import unpacked

_CLOCKS_DIFFER = timedelta(hours=1)
"""By how much positions and instants may disagree: replicas have clocks of their own, and those are corrected."""

_TABLES = (
    """create temporary table if not exists emitted (
           event_id uuid primary key, writer text, topic text, type text, enterprise_code text, alert_id uuid,
           case_id uuid, deadline_id uuid, kind text, level text, revision integer, version integer, step text,
           appended_at timestamptz, published_at timestamptz, held boolean
       ) on commit delete rows""",
    "create index if not exists emitted_alert_idx on emitted (alert_id)",
    "create index if not exists emitted_case_idx on emitted (case_id)",
    "create index if not exists emitted_deadline_idx on emitted (deadline_id)",
    """create temporary table if not exists unread (
           event_id uuid, reader text, letter boolean not null default false, primary key (event_id, reader)
       ) on commit delete rows""",
    """create temporary table if not exists heard (
           reader text, writer text, topic text, enterprise_code text, until timestamptz, lately timestamptz,
           primary key (reader, writer, topic, enterprise_code)
       ) on commit delete rows""",
)


@dataclass(frozen=True)
class _Span:
    """What an outbox holds from some instant on, as `rows` in SQL; by position where an index finds it."""

    rows: str
    earliest: datetime
    start: int

    @property
    def condition(self) -> str:
        return "{0}.position >= :start and {0}.appended_at >= :earliest"

    @property
    def values(self) -> dict[str, Any]:
        return {"start": self.start, "earliest": self.earliest}


def writer_of(table: Table) -> str:
    """The service that an outbox or inbox belongs to, by its schema."""
    return str(table.schema)


EVENT = "convert_from({0}.value, 'UTF8')::jsonb"
"""SQL of an event of ours, in the outbox row named."""


async def prepare(connection: AsyncConnection) -> None:
    """Make its tables, if this session has not yet."""
    for statement in _TABLES:
        await connection.execute(text(statement))


async def gather(
    connection: AsyncConnection, prefix: str, since: datetime, *, before: datetime, archived_before: datetime
) -> dict[str, int]:
    """Fill the tables with what was appended from `since` on; answer how many events each topic has.

    What was heard since `before` was heard lately. What was appended `archived_before` may have moved to the archives,
    which are read as far as that is asked for.

    Call it in a transaction of one snapshot: the links compare it with what the services stored.
    """
    earliest = since - _CLOCKS_DIFFER
    spans: dict[Table, _Span] = {}
    for outbox in {flow[0]: None for flow in FLOWS} | {_outbox_of(flow[2]): None for flow in FLOWS}:
        if earliest < archived_before:
            spans[outbox] = _Span(whole(outbox), earliest, 0)
        else:
            spans[outbox] = _Span(outbox.fullname, earliest, await position_at(connection, outbox, earliest))
    for outbox, topic in dict.fromkeys((outbox, topic) for outbox, topic, _ in FLOWS):
        await _read(connection, spans[outbox], writer_of(outbox), str(topic), prefix)
    await connection.execute(text("analyze emitted"))
    for outbox, topic, inbox in FLOWS:
        await _compare(connection, outbox, str(topic), inbox, before)
        await _explain(connection, outbox, spans, prefix + topic.dead_letter, inbox)
    await connection.execute(text("analyze unread"))
    counted = await connection.execute(text("select topic, count(*) as number from emitted group by topic"))
    return {row.topic: row.number for row in counted}


def _outbox_of(inbox: Table) -> Table:
    return inbox.metadata.tables[f"{inbox.schema}.outbox"]


async def _read(connection: AsyncConnection, span: _Span, writer: str, topic: str, prefix: str) -> None:
    """Take the events of a topic over; those that are stored packed page by page, as SQL cannot read them."""
    # Alarms are no part of the chain, and each found one would raise a further one.
    common = {"writer": writer, "topic": topic, "alarm": AUDIT_FAILED}
    inside = f"{span.condition.format('o')} and o.topic = :name"
    values = span.values | {"name": prefix + topic}
    await connection.execute(text(_taken_over(f"{span.rows} o", f"{inside} and not {_PACKED}")), values | common)
    packed = await connection.stream(
        text(f"""
            select o.event_id, o.key, {unnamed(writer, "o.value")} as value, o.appended_at, o.published_at
              from {span.rows} o where {inside} and {_PACKED}
        """),
        values,
    )
    async for page in packed.partitions(_AT_ONCE):
        columns = {
            "event_ids": [row.event_id for row in page],
            "keys": [row.key for row in page],
            "values": [unpacked(row.value) for row in page],
            "appended": [row.appended_at for row in page],
            "published": [row.published_at for row in page],
        }
        await connection.execute(text(_taken_over(_UNPACKED, "true")), columns | common)


_AT_ONCE = 5_000
_PACKED = is_marked("o.value")
_UNPACKED = """
    unnest(cast(:event_ids as uuid[]), cast(:keys as bytea[]), cast(:values as bytea[]),
           cast(:appended as timestamptz[]), cast(:published as timestamptz[]))
        as o (event_id, key, value, appended_at, published_at)
"""


def _taken_over(rows: str, condition: str) -> str:
    """SQL that takes events over from the rows `o` that meet the condition."""
    return f"""
            insert into emitted
            select o.event_id, :writer, :topic, e->>'type', convert_from(o.key, 'UTF8'),
                   cast(d->>'alert_id' as uuid), cast(d->>'case_id' as uuid), cast(d->>'deadline_id' as uuid),
                   d->>'kind', d->>'level',
                   coalesce(cast(d->>'revision' as integer), case :topic when 'alerts' then 1 else 0 end),
                   cast(d->>'version' as integer), d->>'step', o.appended_at, o.published_at,
                   coalesce(cast(d->>'held' as boolean), false)
              from {rows}
             cross join lateral (select {EVENT.format("o")} as e offset 0) event
             cross join lateral (select e->'data' as d offset 0) data
             where {condition} and e->>'type' <> :alarm
    """


async def _compare(connection: AsyncConnection, outbox: Table, topic: str, inbox: Table, before: datetime) -> None:
    flow = {"reader": writer_of(inbox), "writer": writer_of(outbox), "topic": topic}
    await connection.execute(
        text(f"""
            insert into unread (event_id, reader)
            select t.event_id, :reader from emitted t
             where t.topic = :topic and t.writer = :writer
               and not exists (select 1 from {inbox.fullname} i where i.event_id = t.event_id)
        """),
        flow,
    )
    # By enterprise, for only there events have an order: when what the reader knows of it was handed over last. And of
    # what it heard lately when the oldest was handed over: its partitions are not equally far behind.
    await connection.execute(
        text(f"""
            insert into heard
            select :reader, :writer, :topic, t.enterprise_code, max(t.published_at),
                   min(t.published_at) filter (where i.received_at > :before)
              from emitted t join {inbox.fullname} i using (event_id)
             where t.topic = :topic and t.writer = :writer and t.enterprise_code is not null
             group by t.enterprise_code
        """),
        flow | {"before": before},
    )


async def _explain(
    connection: AsyncConnection, outbox: Table, spans: Mapping[Table, _Span], letters: str, inbox: Table
) -> None:
    """What a reader refused is a dead letter of its own, byte for byte the event, however either is stored."""
    emitted, refused = spans[outbox], spans[_outbox_of(inbox)]
    stored = await connection.scalars(
        text(f"select l.value from {refused.rows} l where {refused.condition.format('l')} and l.topic = :letters"),
        refused.values | {"letters": letters},
    )
    refusals = {unpacked(value) for value in stored}
    if not refusals:
        return
    unread = await connection.stream(
        text(f"""
            select u.event_id, {unnamed(outbox.schema, "o.value")} as value
              from unread u join {emitted.rows} o using (event_id) where u.reader = :reader
        """),
        {"reader": writer_of(inbox)},
    )
    found = [row.event_id async for row in unread if unpacked(row.value) in refusals]
    await connection.execute(
        text("update unread set letter = true where reader = :reader and event_id = any(cast(:found as uuid[]))"),
        {"reader": writer_of(inbox), "found": found},
    )
