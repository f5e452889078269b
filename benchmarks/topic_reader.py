"""A process of its own for the benchmark of the topic: one of its two ways.

    python -m benchmarks.topic_reader barest|ours DATABASE_URL KAFKA PREFIX EVENTS

It prints `ready`, waits for a line, and prints what its events took as soon as all of them are durable.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
from aiokafka import AIOKafkaConsumer
from sqlalchemy import text

from services.alert_ingest.build import build
from services.runner import freeze_heap
from shared.contract.events import Topic
from shared.messaging.relayed import waits
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.identity import Identity

Go = Callable[[], Awaitable[None]]
_POLL = 5_000


async def barest(settings: Settings, url: str, kafka: str, number: int, go: Go) -> None:
    """Read the JSON and keep the bytes, each event once: what nothing that takes events in can do without."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "create table bare (source text, id text, body bytea not null, received_at timestamptz not null default now(),"
        " primary key (source, id))"
    )
    consumer = AIOKafkaConsumer(
        settings.topic(Topic.ANOMALY_EVENTS),
        group_id="barest",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        **settings.kafka_client(kafka),
    )
    await consumer.start()
    while not consumer.assignment():  # noqa: ASYNC110  it tells of it only when asked
        await asyncio.sleep(0.1)
    await go()
    done = 0
    while done < number:
        polled = await consumer.getmany(timeout_ms=500, max_records=_POLL)
        bodies = [record.value for records in polled.values() for record in records]
        events = [json.loads(body) for body in bodies]
        async with connection.transaction():
            await connection.execute(
                "insert into bare (source, id, body) select * from unnest($1::text[], $2::text[], $3::bytea[])"
                " on conflict do nothing",
                [event["source"] for event in events],
                [event["id"] for event in events],
                bodies,
            )
        await consumer.commit()
        done += len(bodies)
    await _done()
    await consumer.stop()
    await connection.close()


async def ours(settings: Settings, url: str, kafka: str, number: int, go: Go) -> None:
    """The service as it is built, with its relay; its other duties rest."""
    with TemporaryDirectory() as directory:
        service = build(
            settings,
            SystemClock(),
            database_url=url,
            kafka=settings.kafka_client(kafka),
            identity=Identity.from_settings(settings, Path(directory)),
        )
        anomalies = service.consumers[0]
        await service.relay.start()
        await anomalies.start()
        while await anomalies.missing() is not None:  # noqa: ASYNC110  it tells of it only when asked
            await asyncio.sleep(0.1)
        await go()
        stopping, done = asyncio.Event(), 0
        relaying = asyncio.create_task(service._relay(stopping))
        while done < number:
            done += await anomalies.run_once(0.5)
        _durable()
        async with service.database.autocommit() as connection:
            waiting = text(f"select 1 from ingest.outbox o where {waits('ingest.outbox', 'o')} limit 1")
            while await connection.scalar(waiting):  # noqa: ASYNC110  another process would do no less
                await asyncio.sleep(0.05)
            await _done()
            kept = await connection.scalar(text("select count(*) from ingest.events"))
            print(f"{kept} events kept", file=sys.stderr)
        stopping.set()
        service.outbox.appended.set()
        await relaying
        await service.stop()


_began: list[tuple[float, float]] = []
_ended: list[float] = []


def _durable() -> None:
    _ended.append(time.perf_counter())


async def _done() -> None:
    """Say what it took, and wait until that is heard."""
    if not _ended:
        _durable()
    (began, used), ended = _began[0], _ended[0]
    times = os.times()
    answer = {"seconds": ended - began, "processor": times.user + times.system - used}
    print(json.dumps(answer), flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def _go() -> None:
    freeze_heap()  # as the service does when it is ready
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    times = os.times()
    _began.append((time.perf_counter(), times.user + times.system))


def main(way: str, url: str, kafka: str, prefix: str, number: str) -> None:
    settings = Settings(topic_prefix=f"{prefix}-", database_url=url, packed_alerts=True)  # as docker-compose.yml has it
    run = {"barest": barest, "ours": ours}[way]
    asyncio.run(run(settings, url, kafka, int(number), _go))


if __name__ == "__main__":
    main(*sys.argv[1:])
