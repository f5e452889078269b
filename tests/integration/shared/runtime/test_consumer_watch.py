"""Records that wait with none handled: measured, said by the readiness check, and noticed once until they move."""

import asyncio
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer, TopicPartition
from prometheus_client import generate_latest
from pydantic_core import from_json
from sqlalchemy import select

from shared.contract.events import CONSUMER_STALLED
from shared.messaging.brakes import policy
from shared.messaging.consumer import Consumer
from shared.messaging.kafka import Record, ensure_topics
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.runtime.consumer_watch import ConsumerWatch
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import Telemetry
from tests.integration.shared.conftest import outbox


async def test_a_partition_that_stands_still_is_noticed_once(
    settings: Settings,
    broker: str,
    embedded_broker: EmbeddedBroker | None,
    store: Database,
    units: UnitsOfWork[UnitOfWork],
) -> None:
    topic, kafka = settings.topic("stalled"), settings.kafka_client(broker)
    await (embedded_broker.ensure_topics([topic]) if embedded_broker else ensure_topics(kafka, [topic], 2))
    is_away = True

    async def handle(records: Sequence[Record]) -> list[Record]:
        if is_away and any(record.partition == 0 for record in records):
            raise ConnectionError("the database is away")
        return []

    consumer = Consumer(name="test", topics=[topic], group=topic, handle=handle, kafka=kafka, max_records=10, batch=10)
    now, telemetry = 0.0, Telemetry("sample")
    watch = ConsumerWatch(
        [consumer],
        service="alert_ingest",
        units=units,
        policy=policy.load(),
        telemetry=telemetry,
        monotonic=lambda: now,
    )
    assert (await watch.run_once(), await watch.stalled()) == (0, None)  # while it is not connected, nothing is known
    await consumer.start()
    async with AIOKafkaProducer(**kafka) as producer:
        for partition in (0, 1):
            await producer.send_and_wait(topic, b"1", partition=partition)
    async with asyncio.timeout(30):
        while await consumer.lag() != 1 or f"{topic}/0 held up" not in (await consumer.missing() or ""):
            await consumer.run_once(wait_seconds=0.2)

    for now, emitted in ((10.0, 0), (309.0, 0), (310.0, 1), (400.0, 0)):  # noqa: B007  read by the watch
        assert await watch.run_once() == emitted
    assert f"{topic}/0 for 390 s at offset 0" in (await watch.stalled() or "")
    metrics = generate_latest(telemetry.registry).decode()
    assert f'tricolor_consumer_stalled_seconds{{partition="0",topic="{topic}"}} 390.0' in metrics
    assert f'tricolor_consumer_stalled_seconds{{partition="1",topic="{topic}"}} 0.0' in metrics
    async with store.autocommit() as connection:
        (event,) = [from_json(row.value) for row in await connection.execute(select(outbox))]
    assert event["type"] == CONSUMER_STALLED
    assert event["data"]["detail"] == "ConnectionError: the database is away"
    assert (event["data"]["partition"], event["data"]["waiting"], event["data"]["seconds"]) == (0, 1, 300)

    is_away = False
    async with asyncio.timeout(30):
        while (await consumer.ends())[TopicPartition(topic, 0)] != (1, 1):
            await consumer.run_once(wait_seconds=0.2)
    assert (await watch.run_once(), await watch.stalled()) == (0, None)
    await consumer.stop()
