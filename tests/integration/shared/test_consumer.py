"""A consumer handles every record, again when handling failed, and commits only what was handled."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
from aiokafka import AIOKafkaProducer

from shared.embedded import EmbeddedBroker
from shared.kafka import Consumer, Record, ensure_topics
from shared.settings import Settings


class Handler:
    """Remembers what it was given; fails as often as told."""

    def __init__(self, failures: int = 0, error: Exception | None = None) -> None:
        self.handled: list[bytes] = []
        self.called = asyncio.Event()
        self._failures, self._error = failures, error or ConnectionError("the database is away")

    async def __call__(self, records: Sequence[Record]) -> None:
        if self._failures:
            self._failures -= 1
            raise self._error
        self.handled += [record.value for record in records]
        self.called.set()


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


def consumer(settings: Settings, broker: str, topic: str, handle: Handler) -> Consumer:
    return Consumer(
        name="test", topics=[topic], group=topic, handle=handle, kafka=settings.kafka_client(broker), max_records=10
    )


async def test_a_failed_poll_comes_again_and_a_committed_one_does_not(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    handler = Handler(failures=2)
    first = consumer(settings, broker, topic, handler)
    await first.start()
    sent = [b"%d" % number for number in range(25)]
    for value in sent:
        await producer.send_and_wait(topic, value, key=b"E1")
    for _ in range(2):
        with pytest.raises(ConnectionError):
            await first.run_once(wait_seconds=5)
    while await first.lag():
        assert await first.run_once(wait_seconds=5) <= 10
    await first.stop()
    assert handler.handled == sent

    second = consumer(settings, broker, topic, handler)
    await second.start()
    await producer.send_and_wait(topic, b"next", key=b"E1")
    while await second.lag():
        await second.run_once(wait_seconds=1)
    await second.stop()
    assert handler.handled == [*sent, b"next"]


async def test_the_loop_goes_on_after_a_transient_failure_and_stops_when_told(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    handler, stopping = Handler(failures=1), asyncio.Event()
    one = consumer(settings, broker, topic, handler)
    await one.start()
    loop = asyncio.create_task(one.run(stopping))
    await producer.send_and_wait(topic, b"late", key=b"E1")
    await asyncio.wait_for(handler.called.wait(), 20)
    assert handler.handled == [b"late"]
    stopping.set()
    await asyncio.wait_for(loop, 5)
    await one.stop()


async def test_the_loop_ends_on_a_failure_that_trying_again_will_not_mend(
    settings: Settings, broker: str, topic: str, producer: AIOKafkaProducer
) -> None:
    one = consumer(settings, broker, topic, Handler(failures=1, error=KeyError("a defect")))
    await one.start()
    await producer.send_and_wait(topic, b"x", key=b"E1")
    with pytest.raises(KeyError):
        await asyncio.wait_for(one.run(asyncio.Event()), 20)
    assert await one.lag() == 1
    await one.stop()
