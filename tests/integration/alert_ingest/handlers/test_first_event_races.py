"""Two first events of one anomaly at the same moment: one alert, whichever way and whichever replica they come by."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import func, select, text

from services.alert_ingest import tables
from services.alert_ingest.build import build
from services.sample.anomalies import RED, anomaly
from services.sample.district import Enterprise, Outlet
from shared.contract.cloudevents import STRUCTURED
from shared.contract.events import Topic
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.messaging.kafka import ensure_topics
from shared.runtime.embedded import EmbeddedBroker
from shared.runtime.service import Service
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity

PAIRS = 200
REPLICAS = 3


@pytest.fixture
async def replicas(
    settings: Settings,
    database_url: str,
    broker: str,
    embedded_broker: EmbeddedBroker | None,
    data_directory: Path,
) -> AsyncIterator[list[Service]]:
    """Three of the service, each with connections of its own, on one database and one topic."""
    kafka = settings.kafka_client(broker)
    names = [settings.topic(topic) for topic in Topic]
    if embedded_broker is not None:
        await embedded_broker.ensure_topics(names)
    else:
        await ensure_topics(kafka, names, 4)
    identity = Identity.from_settings(settings, data_directory)
    async with AsyncExitStack() as stack:
        services = []
        for _ in range(REPLICAS):
            one = build(settings, SystemClock(), database_url=database_url, kafka=kafka, identity=identity)
            stack.push_async_callback(one.stop)
            services.append(one)
        yield services


def pairs() -> list[tuple[bytes, bytes]]:
    """Two events, with an id each, of one anomaly; every pair is another enterprise's first."""
    choice, now = random.Random(1), SystemClock().now()
    made = []
    for number in range(PAIRS):
        outlet = Outlet(f"A4403060{number:05d}", "DA001", "锅炉废气排放口", "gas")
        enterprise = Enterprise(f"91440306MA5{number:06d}W", f"企业{number}", "新安", "xinan", [], (outlet,))
        one, other = (anomaly(RED, enterprise, outlet, now, choice) for _ in range(2))
        made.append((one, other))
    return made


async def alerts_and_repeats(database: Database) -> tuple[int, int]:
    async with database.transaction() as connection:
        found = (
            await connection.execute(select(func.count(), func.coalesce(func.sum(tables.alerts.c.repeats), 0)))
        ).one()
    return int(found[0]), int(found[1])


async def test_over_http_at_two_replicas_at_once(
    replicas: list[Service], settings: Settings, database: Database, data_directory: Path
) -> None:
    platform = Principal(role=Role.PLATFORM, subject="sample")
    token = DevelopmentIssuer(data_directory).token(platform, settings.oidc_audience, SystemClock().now())
    async with AsyncExitStack() as stack:
        apps = [
            await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(one.app),
                    base_url="http://ingest",
                    headers={"Authorization": f"Bearer {token}", "Accept-Language": "en", "content-type": STRUCTURED},
                )
            )
            for one in replicas
        ]
        for number, pair in enumerate(pairs()):
            answers = await asyncio.gather(
                *(
                    apps[(number + which) % REPLICAS].post("/v1/events", content=event)
                    for which, event in enumerate(pair)
                )
            )
            assert [answer.status_code for answer in answers] == [202, 202]
            results = [answer.json()["results"][0] for answer in answers]
            assert sorted(result["status"] for result in results) == ["accepted", "repeat"]
            assert results[0]["alert_id"] == results[1]["alert_id"]
    assert await alerts_and_repeats(database) == (PAIRS, PAIRS)


async def test_over_kafka_with_three_replicas(
    replicas: list[Service], settings: Settings, database: Database, broker: str
) -> None:
    """The two of a pair lie on different partitions, as no platform of ours sends them: so that replicas do meet.

    It takes a minute and hardly works: the embedded broker refuses members that learn their part before the leader
    has told it, and lets a group begin anew only when a session could have ended.
    """
    producer = AIOKafkaProducer(**settings.kafka_client(broker))
    await producer.start()
    stopping = asyncio.Event()
    running = [asyncio.create_task(one.run(stopping)) for one in replicas]
    topic = settings.topic(Topic.ANOMALY_EVENTS)
    partitions = len(await producer.partitions_for(topic))
    for number, pair in enumerate(pairs()):
        for which, event in enumerate(pair):
            await producer.send(topic, event, partition=(number + which) % partitions)
    await producer.stop()
    async with asyncio.timeout(120):
        while sum(await alerts_and_repeats(database)) < 2 * PAIRS:
            await asyncio.wait(running, timeout=0.2)
    stopping.set()
    await asyncio.gather(*running)
    assert await alerts_and_repeats(database) == (PAIRS, PAIRS)
    async with database.transaction() as connection:
        emitted = await connection.scalar(
            text("select count(*) from ingest.outbox where topic = :topic"), {"topic": settings.topic(Topic.ALERTS)}
        )
    assert emitted == PAIRS
