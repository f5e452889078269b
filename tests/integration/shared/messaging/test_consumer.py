"""A consumer handles every record, again when handling failed, and commits only what was handled."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Sequence

import pytest
from aiokafka import AIOKafkaProducer
from confluent_kafka import Producer

from shared.messaging.consumer import Consumer, Handle
from shared.messaging.kafka import Record, ensure_topics
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings


class Handler:
    """Remembers what it was given; fails with `error` on what `fails` says, and tells `after` what it handled."""

    def __init__(self, error: Exception | None = None) -> None:
        self.handled: list[bytes] = []
        self.batches: list[int] = []
        self.error = error or ConnectionError("the database is away")
        self.failing: Collection[bytes] = ()
        self.failed = asyncio.Event()
        self.after: Callable[[], None] = lambda: None

    async def __call__(self, records: Sequence[Record]) -> list[Record]:
        if any(record.value in self.failing for record in records):
            self.failed.set()
            raise self.error
        self.handled += [record.value for record in records]
        self.batches.append(len(records))
        self.after()
        return []


@pytest.fixture
async def topic(settings: Settings, broker: str, embedded_broker: EmbeddedBroker | None) -> str:
    name = settings.topic("consumed")
    if embedded_broker:
        await embedded_broker.ensure_topics([name])
    else:
        await ensure_topics(settings.kafka_client(broker), [name], 2)
        await ensure_topics(settings.kafka_client(broker), [name], 2)  # a second starter finds it there
    return name


@pytest.fixture
async def producer(settings: Settings, broker: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(**settings.kafka_client(broker))
    await producer.start()
    yield producer
    await producer.stop()


SOON = {"session_timeout_ms": 3000, "heartbeat_interval_ms": 200}
"""Who came or went is known with the next heartbeat, not after three seconds; and the embedded broker, which waits for
the session of who has left to run out as well, goes on after two, not after nine."""


def consumer(settings: Settings, broker: str, topic: str, handle: Handle, batch: int = 10) -> Consumer:
    return Consumer(
        name="test",
        topics=[topic],
        group=topic,
        handle=handle,
        kafka=settings.kafka_client(broker) | SOON,
        max_records=20,
        batch=batch,
    )


async def work_off(one: Consumer) -> None:
    async with asyncio.timeout(30):
        while await one.lag():
            await one.run_once(wait_seconds=0.5)


async def test_what_failed_comes_again_in_order_and_what_was_handled_does_not(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    handler = Handler()
    handler.failing = [b"12"]
    first = consumer(settings, broker, topic, handler, batch=3)
    await first.start()
    sent = [b"%d" % number for number in range(25)]
    for value in sent:
        await producer.send_and_wait(topic, value, key=b"E1")
    while not handler.failed.is_set():
        await first.run_once(wait_seconds=1)
    assert await first.run_once(wait_seconds=0.1) == 0
    assert handler.handled == sent[: len(handler.handled)]
    assert len(handler.handled) <= 12
    assert "the database is away" in (await first.missing() or "")
    handler.failing = []
    await work_off(first)
    assert await first.missing() is None
    await first.stop()
    assert handler.handled == sent
    assert max(handler.batches) <= 3

    second = consumer(settings, broker, topic, handler)
    await second.start()
    await producer.send_and_wait(topic, b"next", key=b"E1")
    await work_off(second)
    await second.stop()
    assert handler.handled == [*sent, b"next"]


@pytest.mark.parametrize("codec", ["gzip", "snappy", "lz4", "zstd"])
async def test_records_packed_with_any_codec_of_kafka_are_read(
    settings: Settings, broker: str, topic: str, codec: str
) -> None:
    handler = Handler()
    one = consumer(settings, broker, topic, handler)
    await one.start()
    sent = [b"a text that is long enough to be packed, %d" % number for number in range(50)]
    platform = Producer({"bootstrap.servers": broker, "compression.type": codec, "linger.ms": 1000})
    for value in sent:
        platform.produce(topic, value, partition=1)
    await asyncio.to_thread(platform.flush)
    await work_off(one)
    await one.stop()
    assert handler.handled == sent


async def test_a_partition_in_trouble_holds_up_no_other(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    handler = Handler()
    handler.failing = [b"0-0"]
    one = consumer(settings, broker, topic, handler)
    await one.start()
    for number in range(30):
        for partition in (0, 1):
            await producer.send_and_wait(topic, b"%d-%d" % (partition, number), partition=partition)
    stopping = asyncio.Event()
    loop = asyncio.create_task(one.run(stopping))
    handler.after = lambda: stopping.set() if handler.handled[-1] == b"1-29" else None
    await asyncio.wait_for(loop, 20)
    assert handler.handled == [b"1-%d" % number for number in range(30)]
    assert f"{topic}/0 held up" in (await one.missing() or "")

    handler.failing, handler.handled = [], []
    await work_off(one)
    assert handler.handled == [b"0-%d" % number for number in range(30)]
    await one.stop()


async def test_told_to_stop_it_hands_back_what_it_has_not_begun(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    handler, stopping = Handler(), asyncio.Event()
    handler.after = lambda: stopping.set() if len(handler.handled) == 3 else None
    first = consumer(settings, broker, topic, handler, batch=1)
    await first.start()
    sent = [b"%d" % number for number in range(10)]
    for value in sent:
        await producer.send_and_wait(topic, value, key=b"E1")
    await asyncio.wait_for(first.run(stopping), 20)
    assert handler.handled == sent[:3]
    assert await first.lag() == 7
    await first.stop()

    second = consumer(settings, broker, topic, handler, batch=1)
    await second.start()
    await work_off(second)
    await second.stop()
    assert handler.handled == sent


async def test_the_loop_goes_on_after_a_transient_failure_and_stops_when_told(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    handler, stopping = Handler(), asyncio.Event()
    handler.failing, handler.after = [b"late"], stopping.set
    one = consumer(settings, broker, topic, handler)
    loop = asyncio.create_task(one.run(stopping))  # which joins the group by itself
    await producer.send_and_wait(topic, b"late", key=b"E1")
    await asyncio.wait_for(handler.failed.wait(), 20)
    handler.failing = []
    await asyncio.wait_for(loop, 20)
    assert handler.handled == [b"late"]
    await one.stop()


async def test_the_loop_ends_on_a_failure_that_trying_again_will_not_mend(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    handler = Handler(error=KeyError("a defect"))
    handler.failing = [b"x"]
    one = consumer(settings, broker, topic, handler)
    await one.start()
    await producer.send_and_wait(topic, b"x", key=b"E1")
    with pytest.raises(KeyError):
        await asyncio.wait_for(one.run(asyncio.Event()), 20)
    assert await one.lag() == 1
    await one.stop()


async def test_it_says_what_is_missing(settings: Settings) -> None:
    own = EmbeddedBroker()
    name = settings.topic("consumed")
    await own.ensure_topics([name])
    one = consumer(settings, own.bootstrap_servers, name, Handler())
    assert "not connected" in (await one.missing() or "")
    await one.start()
    assert await one.missing() is None
    del own  # and the broker with it
    assert await one.missing() == "test: Kafka does not answer"
    await one.stop()


class Member:
    """A member of a group as the process of a replica is: it comes, and it goes in good order or at once."""

    def __init__(self, one: Consumer) -> None:
        self._one, self._stopping = one, asyncio.Event()
        self._loop = asyncio.create_task(one.run(self._stopping))

    async def leave(self) -> None:
        self._stopping.set()
        await self._loop
        await self._one.stop()

    async def fall(self) -> None:
        """In the middle of its work, whatever that is."""
        self._loop.cancel()
        await asyncio.wait([self._loop])
        await self._one.stop()


class Effects:
    """An idempotent handler, as those of the services are: what it knows already has no effect."""

    def __init__(self, number: int) -> None:
        self._known: set[bytes] = set()
        self._number = number
        self.complete = asyncio.Event()
        self.by_key: defaultdict[bytes, list[int]] = defaultdict(list)
        self.again = 0

    async def handle(self, records: Sequence[Record]) -> list[Record]:
        await asyncio.sleep(0.01 * len(records))
        for record in records:
            self.again += record.value in self._known
            if record.value not in self._known:
                self._known.add(record.value)
                self.by_key[record.key or b""].append(int(record.value.partition(b":")[2]))
        if len(self._known) == self._number:
            self.complete.set()
        return []


async def test_members_come_and_go_under_load_and_nothing_is_lost_or_out_of_order(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    keys, each = 12, 60
    effects = Effects(keys * each)

    async def load() -> None:
        for number in range(each):
            for key in range(keys):
                await producer.send(topic, b"%d:%d" % (key, number), key=b"E%d" % key)
            await asyncio.sleep(0.1)

    def join() -> Member:
        return Member(consumer(settings, broker, topic, effects.handle, batch=5))

    members = [join()]
    loading = asyncio.create_task(load())
    for turn in range(4):
        await asyncio.sleep(0.8)
        members.append(join())
        await asyncio.sleep(0.4)
        gone = members.pop(0)
        await (gone.leave() if turn % 2 else gone.fall())
    await loading
    await asyncio.wait_for(effects.complete.wait(), 60)
    for member in members:
        await member.leave()
    assert effects.by_key == {b"E%d" % key: list(range(each)) for key in range(keys)}
    # Who leaves in good order has committed all it did; only who falls leaves some of it unsaid.
    assert effects.again < keys * each / 4
