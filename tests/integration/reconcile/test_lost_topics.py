"""A broker is lost with everything on it: the topics are rebuilt from the outboxes on a new one."""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer
from pydantic_core import from_json
from sqlalchemy import select, text

from services.commands.replay import NotReplayable, selected
from services.infrastructure import FLOWS, OUTBOXES
from services.sample.anomalies import MIX
from services.sample.district import district
from shared.contract.events import Topic
from shared.messaging.replay import replay
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from shared.storage.database import Database
from tests.world import World, world

OURS = (Topic.ALERTS, Topic.CASES, Topic.DEADLINES)
LONG_AGO = datetime.fromisoformat("2026-01-01T00:00:00+08:00")


@asynccontextmanager
async def on(
    broker: EmbeddedBroker, settings: Settings, database_url: str, data: Path, start: str
) -> AsyncIterator[World]:
    """The services on a broker of their own, from `start` on."""
    async with world(
        settings=settings,
        database_url=database_url,
        broker=broker.bootstrap_servers,
        embedded=broker,
        data=data,
        start=start,
    ) as new:
        yield new


async def ask_again(database: Database, settings: Settings, *, unread: bool) -> int:
    """What `tricolor replay` does, for every topic."""
    return sum(
        [
            await replay(
                database, outbox, selected(settings, topic, LONG_AGO, until=None, key=None, unread=unread), at_once=7
            )
            for topic in OURS
            for outbox in OUTBOXES
        ]
    )


async def heard(broker: EmbeddedBroker, settings: Settings, topic: str) -> dict[bytes, list[str]]:
    """The identifiers of every event that a group of consumers new to the topic reads, by key."""
    by_key: defaultdict[bytes, list[str]] = defaultdict(list)
    async with AsyncExitStack() as stack:
        reader = AIOKafkaConsumer(
            settings.topic(topic),
            bootstrap_servers=broker.bootstrap_servers,
            group_id="newcomer",
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        await reader.start()
        stack.push_async_callback(reader.stop)
        ends = await reader.end_offsets(reader.assignment())
        while any([await reader.position(partition) < end for partition, end in ends.items()]):
            for messages in (await reader.getmany(timeout_ms=500)).values():
                for message in messages:
                    by_key[message.key].append(from_json(message.value)["id"])
    return by_key


async def told(database: Database, settings: Settings, topic: str) -> dict[bytes, list[str]]:
    """The same from the outbox, which is the record."""
    by_key: defaultdict[bytes, list[str]] = defaultdict(list)
    outbox = next(outbox for outbox, name, _ in FLOWS if name == topic)
    async with database.transaction() as connection:
        columns = outbox.c
        kept = select(columns.key, columns.event_id).where(columns.topic == settings.topic(topic))
        for row in await connection.execute(kept.order_by(columns.position)):
            by_key[row.key].append(str(row.event_id))
    return by_key


async def state(database: Database) -> list[tuple[str, int]]:
    """How much there is, of everything that an event could double."""
    tables = (
        "ingest.alerts",
        "dispatch.cases",
        "dispatch.timeline",
        "dispatch.notices",
        "watch.deadlines",
        "watch.steps",
    )
    counts = " union all ".join(f"select '{table}' as name, count(*) as number from {table}" for table in tables)
    async with database.transaction() as connection:
        return [(row.name, row.number) for row in await connection.execute(text(counts))]


async def test_a_lost_broker_is_rebuilt_whole_for_readers_who_know_nothing(
    settings: Settings, database_url: str, database: Database, data_directory: Path
) -> None:
    first, second = EmbeddedBroker(), EmbeddedBroker()
    async with on(first, settings, database_url, data_directory, "2026-03-02T08:30") as before:
        for enterprise in district().enterprises[:8]:
            await before.push(before.choice.choice(MIX), enterprise)
        await before.after(hours=7)  # warned of, missed, escalated
    known = await state(database)
    records = {topic: await told(database, settings, topic) for topic in OURS}

    number = await ask_again(database, settings, unread=False)
    assert number == sum(len(events) for by_key in records.values() for events in by_key.values())
    async with on(second, settings, database_url, data_directory, "2026-03-02T15:31") as after:
        await after.settle()
        for topic in OURS:
            rebuilt = await heard(second, settings, topic)
            for key, events in records[topic].items():
                assert rebuilt[key][: len(events)] == events
        # Our own services know what they acted on.
        assert await state(database) == known
        assert (await after.reconcile()).clean


async def test_what_was_lost_unread_is_acted_on_from_a_new_broker(
    settings: Settings, database_url: str, database: Database, data_directory: Path
) -> None:
    first, second = EmbeddedBroker(), EmbeddedBroker()
    async with on(first, settings, database_url, data_directory, "2026-03-02T08:30") as before:
        enterprises = district().enterprises[:4]
        for enterprise in enterprises[:2]:
            await before.push(MIX[-1], enterprise)
        await before.settle()
        for enterprise in enterprises[2:]:
            await before.push(MIX[-1], enterprise)
        ingest = before.services["ingest"]
        while await ingest.consumers[0].lag():
            await ingest.consumers[0].run_once(wait_seconds=0.5)
        await before.relay("ingest")  # and then the broker is gone, before the dispatcher read it
    assert await ask_again(database, settings, unread=True) == 2
    async with on(second, settings, database_url, data_directory, "2026-03-02T08:40") as after:
        await after.settle()
        assert len(after.heard("alert.graded")) == 2
        assert len(after.heard("case.opened")) == 2
        async with database.transaction() as connection:
            assert await connection.scalar(text("select count(*) from dispatch.cases")) == 4
            assert await connection.scalar(text("select count(*) from watch.deadlines")) == 4
        await after.after(hours=1)
        assert (await after.reconcile()).clean


@pytest.mark.parametrize(
    ("topic", "says"),
    [
        ("anomaly-events", "written by the platforms"),
        ("alarms", "there is no topic 'alarms'"),
        ("alerts.dead-letter", "none of our services reads"),
    ],
)
async def test_what_cannot_be_told_again_is_refused_with_the_reason(topic: str, says: str) -> None:
    with pytest.raises(NotReplayable, match=says):
        selected(Settings(), topic, LONG_AGO, until=None, key=None, unread=True)
    with pytest.raises(ValueError, match="--until"):
        selected(Settings(), "alerts", LONG_AGO, until=LONG_AGO - timedelta(1), key=None, unread=False)
