"""Events leave exactly when their cause is durable, in commit order per key, and again where a broker forgot."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import Outgoing
from shared.messaging.kafka import LARGEST_EVENT, ensure_topics, is_temporary
from shared.messaging.outbox import Outbox, rewind
from shared.messaging.relay import Relay, Room, room_for
from shared.runtime.embedded import EmbeddedBroker
from shared.runtime.outbox_watch import OutboxWatch
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import ManualClock, SystemClock
from tests.integration.shared.conftest import inbox, outbox

Topic = str
# A sender names and fills headers as it likes; a dead letter has them all.
HEADERS = (("note", b"\xff\x00"), ("\x00␛0␛", b""))


def event(topic: str, value: str, key: str = "E1") -> Outgoing:
    return Outgoing(event_id=uuid4(), topic=topic, key=key.encode(), value=value.encode(), headers=HEADERS)


async def pending(connection: AsyncConnection) -> int | None:
    """How many events have not been handed to Kafka yet."""
    return await connection.scalar(select(func.count()).select_from(outbox).where(outbox.c.published_at.is_(None)))


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


def new_relay(
    store: Database,
    clock: ManualClock,
    settings: Settings,
    broker: str,
    room: Room | None = None,
    box: Outbox | None = None,
) -> Relay:
    box, kafka = box or Outbox(outbox, clock), settings.kafka_client(broker)
    return Relay(name="test", database=store, outbox=box, kafka=kafka, clock=clock, room=room)


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
        assert await pending(connection) == 1


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
    store: Database, clock: ManualClock, topic: Topic, settings: Settings, broker: str
) -> None:
    box = Outbox(outbox, clock)
    relay = new_relay(store, clock, settings, broker, room_for(outbox, [(topic, inbox)]), box)
    watch = OutboxWatch(store, box, SystemClock(), Telemetry("test"), stuck_seconds=0.0)
    async with store.transaction() as connection:
        await box.append(connection, [event(topic, str(number)) for number in range(1700)])
    relayed = [await relay.run_once() for _ in range(4)]
    assert relayed == [500, 500, 0, 0]
    await watch.run_once()
    assert "their readers have not acted on the last thousand" in (await watch.stuck() or "")
    async with store.transaction() as connection:
        await connection.execute(
            text(
                f"insert into {inbox.fullname} select event_id, 't', now() from {outbox.fullname}"
                " order by position limit 600"
            )
        )
    assert [await relay.run_once() for _ in range(3)] == [500, 200, 0]
    await watch.run_once()
    assert await watch.stuck() is None
    await relay.stop()


async def test_an_event_that_kafka_does_not_take_holds_up_only_its_own_key(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic, settings: Settings, broker: str
) -> None:
    box = Outbox(outbox, clock)
    too_large = event(topic, "x" * (LARGEST_EVENT + 1), key="E1")
    behind, other = event(topic, "behind", key="E1"), event(topic, "other", key="E2")
    async with store.transaction() as connection:
        await box.append(connection, [event(topic, "before", key="E1"), too_large, behind, other])
    for _ in range(2):  # what was taken is not sent again with what was not
        with pytest.raises(KafkaError):
            await relay.run_once()
    async with store.transaction() as connection:
        assert await pending(connection) == 2
        await connection.execute(update(outbox).where(outbox.c.event_id == too_large.event_id).values(value=b"cut"))
    assert await relay.run_once() == 2
    seen = await read(settings, broker, topic, 4)
    assert [value for key, value in seen if key == b"E1"] == [b"before", b"cut", b"behind"]
    assert [value for key, value in seen if key == b"E2"] == [b"other"]


async def test_a_relay_that_lost_its_lock_unawares_puts_nothing_out_of_order(
    store: Database, clock: ManualClock, topic: Topic, settings: Settings, broker: str
) -> None:
    box, other = Outbox(outbox, clock), new_relay(store, clock, settings, broker)
    passes = count(1)

    async def overtaken(connection: AsyncConnection) -> bool:
        """After the first relay has read, and before it sends: its connection dies, and the other takes over."""
        if next(passes) > 1:
            return True
        backend = await connection.scalar(text("select pg_backend_pid()"))
        async with store.transaction() as another:
            await another.execute(text("select pg_terminate_backend(:backend, 5000)"), {"backend": backend})
            await box.append(another, [event(topic, "3")])
        assert await other.run_once() == 3
        return True

    async with store.transaction() as connection:
        await box.append(connection, [event(topic, "1"), event(topic, "2")])
    relay = new_relay(store, clock, settings, broker, overtaken)
    with pytest.raises(DBAPIError) as failure:
        await relay.run_once()
    assert is_temporary(failure.value)
    assert await relay.run_once() == 0  # the other leads now
    await other.stop()
    async with store.transaction() as connection:
        await box.append(connection, [event(topic, "4")])
    assert await relay.run_once() == 1
    values = [value for _, value in await read(settings, broker, topic, 6)]
    assert values == [b"1", b"2", b"3", b"1", b"2", b"4"]
    await relay.stop()


async def test_a_relay_that_lost_its_connection_asks_by_another(store: Database, relay: Relay, topic: Topic) -> None:
    assert await relay.run_once() == 0
    assert not await relay.has_waiting()
    async with store.transaction() as connection:
        await Outbox(outbox, SystemClock()).append(connection, [event(topic, "one")])
    assert await relay.has_waiting()
    async with store.autocommit() as connection:
        leading = """
            select pg_terminate_backend(pid, 5000) from pg_locks join pg_database d on d.oid = database
             where locktype = 'advisory' and d.datname = current_database()
        """
        assert (await connection.scalars(text(leading))).all() == [True]
    with pytest.raises(DBAPIError) as failure:
        await relay.has_waiting()
    assert is_temporary(failure.value)
    assert await relay.has_waiting()
    assert await relay.run_once() == 1


async def test_a_relay_whose_kafka_is_gone_can_be_stopped_and_keeps_everything(
    store: Database, clock: ManualClock, settings: Settings
) -> None:
    own, box, name = EmbeddedBroker(), Outbox(outbox, clock), settings.topic("told")
    await own.ensure_topics([name])
    relay = new_relay(store, clock, settings, own.bootstrap_servers)
    await relay.start()
    del own  # and the broker with it
    async with store.transaction() as connection:
        await box.append(connection, [event(name, "kept")])
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(relay.run_once(), 0.5)
    await asyncio.wait_for(relay.stop(), 5)
    async with store.transaction() as connection:
        assert await pending(connection) == 1


async def test_what_waits_is_measured_and_a_standstill_is_told(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic
) -> None:
    box, telemetry = Outbox(outbox, clock), Telemetry("test")
    watch = OutboxWatch(store, box, SystemClock(), telemetry, stuck_seconds=0.0)

    def gauge(name: str) -> float | None:
        return telemetry.registry.get_sample_value(f"tricolor_outbox_{name}")

    await watch.run_once()
    assert (gauge("pending"), gauge("oldest_seconds"), await watch.stuck()) == (0, 0, None)
    async with store.transaction() as connection:
        await box.append(connection, [event(topic, "1"), event(topic, "2")])
    await watch.run_once()
    assert gauge("pending") == 2
    assert gauge("oldest_seconds") == pytest.approx((SystemClock().now() - clock.now()).total_seconds(), abs=10)
    assert "none was handed to Kafka" in (await watch.stuck() or "")
    assert await relay.run_once() == 2
    await watch.run_once()
    assert (gauge("pending"), gauge("oldest_seconds"), await watch.stuck()) == (0, 0, None)


async def test_what_is_sent_again_and_looks_packed_leaves_byte_for_byte(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic, settings: Settings, broker: str
) -> None:
    looks_packed = Outgoing(event_id=uuid4(), topic=topic, key=b"E1", value=b"\x01 whatever", headers=HEADERS)
    async with store.transaction() as connection:
        await Outbox(outbox, clock).append(connection, [looks_packed, event(topic, "{}")])
    assert await relay.run_once() == 2
    assert await read(settings, broker, topic, 2) == [(b"E1", b"\x01 whatever"), (b"E1", b"{}")]
