"""What goes on behind the answers gives way while a crowd waits for them, and not for long."""

import asyncio
import time
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from shared.messaging.consumer import Consumer
from shared.messaging.kafka import Record
from shared.messaging.precedence import Precedence
from shared.runtime.embedded import EmbeddedBroker


async def test_nobody_gives_way_where_nobody_goes_first() -> None:
    precedence = Precedence([lambda: False], longest_seconds=3_600.0)
    assert not precedence.is_claimed()
    await asyncio.wait_for(precedence.give_way(asyncio.Event()), 1.0)


async def test_giving_way_ends_with_the_crowd() -> None:
    crowds = iter([True, True, False])
    await asyncio.wait_for(Precedence([lambda: next(crowds)], longest_seconds=3_600.0).give_way(asyncio.Event()), 5.0)
    assert next(crowds, None) is None


async def test_giving_way_ends_while_the_crowd_does_not() -> None:
    began = time.monotonic()
    await Precedence([lambda: False, lambda: True], longest_seconds=0.1).give_way(asyncio.Event())
    assert 0.1 <= time.monotonic() - began < 5.0


async def test_who_is_to_stop_waits_no_longer() -> None:
    stopping = asyncio.Event()
    stopping.set()
    await asyncio.wait_for(Precedence([lambda: True], longest_seconds=3_600.0).give_way(stopping), 5.0)


async def test_a_consumer_takes_nothing_while_a_crowd_goes_first() -> None:
    broker, handled, crowded = EmbeddedBroker(), asyncio.Queue[bytes](), True
    await broker.ensure_topics(["first"])

    async def act(records: Sequence[Record]) -> Sequence[Record]:
        for record in records:
            handled.put_nowait(record.value)
        return []

    kafka = {"bootstrap_servers": broker.bootstrap_servers}
    consumer = Consumer(name="test", topics=["first"], group="test", handle=act, kafka=kafka, max_records=9, batch=9)
    consumer.precedence = Precedence([lambda: crowded], longest_seconds=3_600.0)
    producer, stopping = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers), asyncio.Event()
    await producer.start()
    running = asyncio.create_task(consumer.run(stopping))
    try:
        async with asyncio.timeout(30.0):
            await producer.send_and_wait("first", b"1", key=b"same")
            assert await handled.get() == b"1"  # it gives way before the next chunk
            await producer.send_and_wait("first", b"2", key=b"same")
            await producer.send_and_wait("first", b"3", key=b"same")
            await asyncio.sleep(0.5)
            assert handled.empty()
            crowded = False
            assert [await handled.get(), await handled.get()] == [b"2", b"3"]
    finally:
        stopping.set()
        await running
        await consumer.stop()
        await producer.stop()
