"""Who is woken by what is published in the same process, and who asks the broker all the time."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from shared.messaging.bells import Bells, connect, ring_when_written
from shared.messaging.consumer import Consumer
from shared.messaging.kafka import Record
from shared.runtime.embedded import EmbeddedBroker


async def _act(records: Sequence[Record]) -> Sequence[Record]:
    del records
    return []


def consumer(*topics: str) -> Consumer:
    return Consumer(name="test", topics=topics, group="test", handle=_act, kafka={}, max_records=1, batch=1)


def test_a_bell_is_rung_for_each_of_its_topics() -> None:
    bells = Bells()
    alerts, both = bells.hang(["alerts"]), bells.hang(["alerts", "cases"])
    bells.ring(["cases", "unheard"])
    assert (alerts.is_set(), both.is_set()) == (False, True)
    bells.ring(["alerts"])
    assert alerts.is_set()


async def test_who_reads_what_others_write_is_woken_when_the_broker_was_written_to() -> None:
    inside, outside = consumer("alerts", "cases"), consumer("alerts", "anomaly-events")
    bells = connect([], [inside, outside], frozenset({"alerts", "cases"}))
    assert inside.bell is not None
    assert outside.bell is not None
    answers = iter([False, True])
    ringing = asyncio.create_task(ring_when_written(bells, lambda: next(answers, False)))
    async with asyncio.timeout(5):
        await outside.bell.wait()
    assert next(answers, None) is None
    assert not inside.bell.is_set()
    ringing.cancel()


async def test_the_embedded_broker_says_that_it_was_written_to() -> None:
    broker = EmbeddedBroker()
    await broker.ensure_topics(["written"])
    assert broker.was_written_to(), "before it is asked the first time nobody knows"
    assert not broker.was_written_to()
    producer = AIOKafkaProducer(bootstrap_servers=broker.bootstrap_servers)
    await producer.start()
    try:
        await producer.send_and_wait("written", b"1")
    finally:
        await producer.stop()
    assert broker.was_written_to()
    assert not broker.was_written_to()
