"""Events leave exactly when their cause is durable, in commit order per key, and again where a broker forgot."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from sqlalchemy import func, insert, select, text

from shared.clock import ManualClock
from shared.cloudevents import Outgoing
from shared.database import Database
from shared.embedded import EmbeddedBroker
from shared.kafka import ensure_topics
from shared.outbox import Outbox, Relay, rewind, room_for
from shared.settings import Settings
from tests.integration.shared.conftest import inbox, outbox

Topic = str
# A sender names and fills headers as it likes; a dead letter has them all.
HEADERS = (("note", b"\xff\x00"), ("\x00␛0␛", b""))


def event(topic: str, value: str, key: str = "E1") -> Outgoing:
    return Outgoing(event_id=uuid4(), topic=topic, key=key.encode(), value=value.encode(), headers=HEADERS)


@pytest.fixture
async def topic(settings: Settings, broker: str, embedded_broker: EmbeddedBroker | None) -> Topic:
    name = settings.topic("told")
    if embedded_broker:
        await embedded_broker.ensure_topics([name])
    else:
        await ensure_topics(settings.kafka_client(broker), [name], 1)
    return name


@pytest.fixture
async def relay(store: Database, clock: ManualClock, settings: Settings, broker: str) -> AsyncIterator[Relay]:
    relay = new_relay(store, clock, settings, broker)
    await relay.start()
    yield relay
    await relay.stop()


def new_relay(store: Database, clock: ManualClock, settings: Settings, broker: str) -> Relay:
    return Relay(
        name="test", database=store, outbox=Outbox(outbox, clock), kafka=settings.kafka_client(broker), clock=clock
    )


async def read(settings: Settings, broker: str, topic: Topic, number: int) -> list[tuple[bytes, bytes]]:
    """The first `number` (key, value) of the topic, and their headers checked."""
    consumer = AIOKafkaConsumer(topic, auto_offset_reset="earliest", **settings.kafka_client(broker))
    await consumer.start()
    try:
        messages = [await asyncio.wait_for(consumer.getone(), 10) for _ in range(number)]
    finally:
        await consumer.stop()
    assert all(message.headers == HEADERS for message in messages)
    return [(message.key, message.value) for message in messages]


async def test_what_was_rolled_back_is_never_told(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic, settings: Settings, broker: str
) -> None:
    box = Outbox(outbox, clock)

    async def undone() -> None:
        async with store.transaction() as connection:
            await box.append(connection, [event(topic, "undone")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await undone()
    assert not box.appended.is_set()
    async with store.transaction() as connection:
        await box.append(connection, [event(topic, "done")])
        assert not box.appended.is_set()
    assert box.appended.is_set()

    assert await relay.run_once() == 1
    assert await relay.run_once() == 0
    assert await read(settings, broker, topic, 1) == [(b"E1", b"done")]


async def test_events_of_a_key_leave_in_the_order_their_transactions_committed(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic, settings: Settings, broker: str
) -> None:
    box, first_appended, committed = Outbox(outbox, clock), asyncio.Event(), []

    async def first() -> None:
        async with store.transaction() as connection:
            await box.append(connection, [event(topic, "first")])
            first_appended.set()
            await asyncio.sleep(0.2)
        committed.append("first")

    async def second() -> None:
        await first_appended.wait()
        async with store.transaction() as connection:
            await box.append(connection, [event(topic, "second")])
        committed.append("second")

    await asyncio.gather(first(), second())
    assert committed == ["first", "second"]
    await relay.run_once()
    assert await read(settings, broker, topic, 2) == [(b"E1", b"first"), (b"E1", b"second")]


async def test_of_two_relays_one_relays(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic, settings: Settings, broker: str
) -> None:
    other = new_relay(store, clock, settings, broker)
    await other.start()
    async with store.transaction() as connection:
        await Outbox(outbox, clock).append(connection, [event(topic, "one")])
    assert await relay.run_once() == 1
    async with store.transaction() as connection:
        await Outbox(outbox, clock).append(connection, [event(topic, "two")])
    assert await other.run_once() == 0
    await relay.stop()
    assert await other.run_once() == 1
    await other.stop()


async def test_the_same_event_is_appended_once(store: Database, clock: ManualClock) -> None:
    once = event("any", "once")
    for _ in range(2):
        async with store.transaction() as connection:
            await Outbox(outbox, clock).append(connection, [once])
    async with store.transaction() as connection:
        assert await Outbox(outbox, clock).pending(connection) == 1


async def test_rewinding_tells_again_what_the_consumer_did_not_record(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic
) -> None:
    seen, unseen, elsewhere = event(topic, "seen"), event(topic, "unseen"), event("other", "elsewhere")
    async with store.transaction() as connection:
        await Outbox(outbox, clock).append(connection, [seen, unseen, elsewhere])
    await relay.run_once()
    async with store.transaction() as connection:
        await connection.execute(insert(inbox).values(event_id=seen.event_id, type="t", received_at=clock.now()))
        assert await rewind(connection, outbox, topic, inbox) == 1
        pending = select(outbox.c.value).where(outbox.c.published_at.is_(None))
        assert (await connection.scalars(pending)).all() == [b"unseen"]
        assert await connection.scalar(select(func.count()).select_from(outbox)) == 3


async def test_a_relay_in_step_waits_for_its_readers(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic
) -> None:
    relay.room = room_for(outbox, [(topic, inbox)])
    async with store.transaction() as connection:
        await Outbox(outbox, clock).append(connection, [event(topic, str(number)) for number in range(1700)])
    relayed = [await relay.run_once() for _ in range(4)]
    assert relayed == [500, 500, 0, 0]
    async with store.transaction() as connection:
        await connection.execute(
            text(f"insert into {inbox.fullname} select event_id, 't', now() from {outbox.fullname} limit 600")
        )
    assert [await relay.run_once() for _ in range(3)] == [500, 200, 0]
