"""What a platform wrote in a Kafka transaction counts once it is committed. The embedded broker has no transactions.

make test-kafka
"""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer

from shared.messaging.consumer import Consumer
from shared.messaging.kafka import Record, ensure_topics
from shared.settings import Settings


async def test_records_of_an_aborted_transaction_are_never_acted_on(settings: Settings, broker: str) -> None:
    kafka, topic = settings.kafka_client(broker), settings.topic("consumed")
    await ensure_topics(kafka, [topic], 1)
    handled: list[bytes] = []

    async def handle(records: Sequence[Record]) -> list[Record]:
        handled.extend(record.value for record in records)
        return []

    one = Consumer(name="test", topics=[topic], group=topic, handle=handle, kafka=kafka, max_records=20, batch=10)
    await one.start()
    async with AIOKafkaProducer(transactional_id=topic, **kafka) as platform:
        for value in (b"taken back", b"meant", b"taken back as well"):
            await platform.begin_transaction()
            await platform.send_and_wait(topic, value)
            await (platform.commit_transaction() if value == b"meant" else platform.abort_transaction())
        await platform.begin_transaction()
        await platform.send_and_wait(topic, b"not decided")
        async with asyncio.timeout(30):
            while await one.lag():
                await one.run_once(wait_seconds=0.5)
        assert handled == [b"meant"]
        # What is written and not decided waits: should that last, it is noticed.
        ((reached, end),) = (await one.ends()).values()
        assert end == reached + 1
        await platform.commit_transaction()
        async with asyncio.timeout(30):
            while await one.lag():
                await one.run_once(wait_seconds=0.5)
    await one.stop()
    assert handled == [b"meant", b"not decided"]
