"""From the topic to durable graded alerts, beside the barest loop that keeps the same events; in turns.

    .venv/bin/python -m benchmarks topic                               on the embedded broker
    tests/kafka/run .venv/bin/python -m benchmarks.topic [EVENTS]      on a real Apache Kafka

Each way runs in a process of its own on a database of its own, and reads a topic of its own that was filled before.
"""

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import unquote

from aiokafka import AIOKafkaProducer
from sqlalchemy import text

from benchmarks.registered import register
from services.alert_ingest import tables
from services.sample.anomalies import MIX, anomaly
from services.sample.district import district
from shared.contract.events import Topic
from shared.messaging.kafka import ensure_topics
from shared.runtime.embedded import EmbeddedBroker, EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import SystemClock

EVENTS = 8_000
TURNS = 5
WAYS = ("barest", "ours")
_APART = timedelta(hours=7)
_WINDOW = 2_000


class Cost(NamedTuple):
    """What a way took for each event: seconds, processor seconds of its process and of PostgreSQL, bytes written."""

    seconds: float
    processor: float
    server: float
    written: float


def events_of(number: int, choice: random.Random) -> Iterable[tuple[bytes, bytes]]:
    """Anomalies of the sample district with their keys, some hours apart at each enterprise, the earliest first."""
    enterprises, now = district().enterprises, SystemClock().now()
    for one in range(number):
        enterprise = enterprises[one % len(enterprises)]
        at = now - _APART * ((number - one) // len(enterprises))
        yield enterprise.code.encode(), anomaly(choice.choice(MIX), enterprise, enterprise.outlets[0], at, choice)


async def fill(settings: Settings, kafka: str, events: Iterable[tuple[bytes, bytes]]) -> None:
    producer = AIOKafkaProducer(acks="all", linger_ms=20, max_batch_size=256 * 1024, **settings.kafka_client(kafka))
    await producer.start()
    waiting = []
    for key, event in events:
        waiting.append(await producer.send(settings.topic(Topic.ANOMALY_EVENTS), event, key=key))
        if len(waiting) == _WINDOW:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await producer.stop()


def directory_of(url: str) -> Path:
    """Where the embedded PostgreSQL at `url` keeps its data."""
    return Path(unquote(url.rpartition("host=")[2]))


def server_seconds(directory: Path) -> float:
    """Processor seconds that the server in `directory` has used, those of sessions that ended too."""
    postmaster = int((directory / "postmaster.pid").read_text().split()[0])
    ticks = 0
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(") ")[2].split()
            except OSError:
                continue
            own, ended = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
            if int(entry.name) == postmaster:
                ticks += own + ended
            elif int(fields[1]) == postmaster:
                ticks += own
    return ticks / os.sysconf("SC_CLK_TCK")


async def cost_of(way: str, postgres: EmbeddedPostgres, directory: Path, kafka: str, turn: int, number: int) -> Cost:
    """Run one way once."""
    name = f"{way}_{turn}"
    settings = Settings(topic_prefix=f"{name}-")
    base = Database(postgres.url())
    async with base.autocommit() as connection:
        await connection.execute(text(f"create database {name}"))
    database = Database(postgres.url(name))
    await migrate(database.engine, tables.HISTORY)
    await register(database)
    await database.close()
    topics = [settings.topic(topic) for one in Topic for topic in (one, one.dead_letter)]
    if Settings().kafka_bootstrap_servers is None:
        await EmbeddedBroker(kafka).ensure_topics(topics)
    else:
        await ensure_topics(settings.kafka_client(kafka), topics, settings.topic_partitions)
    await fill(settings, kafka, events_of(number, random.Random(turn)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.topic_reader", way, postgres.url(name), kafka, name, str(number)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    async with base.autocommit() as connection:
        await connection.execute(text("checkpoint"))
        before = await connection.scalar(text("select pg_current_wal_lsn()"))
        busy = server_seconds(directory)
        process.stdin.write(b"go\n")
        answer = json.loads(await process.stdout.readline())
        busy = server_seconds(directory) - busy
        written = await connection.scalar(
            text("select pg_wal_lsn_diff(pg_current_wal_lsn(), cast(:before as pg_lsn))"), {"before": before}
        )
        process.stdin.close()
        assert await process.wait() == 0
        await connection.execute(text(f"drop database {name}"))
    await base.close()
    return Cost(answer["seconds"] / number, answer["processor"] / number, busy / number, float(written or 0) / number)


async def in_turns(
    postgres: EmbeddedPostgres, directory: Path, kafka: str, number: int, turns: int
) -> dict[str, list[Cost]]:
    """The costs of both ways, by turns; the first turn warms up."""
    costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
    for turn in range(turns + 1):
        for way in WAYS if turn % 2 else reversed(WAYS):
            one = await cost_of(way, postgres, directory, kafka, turn, number)
            if turn:
                costs[way].append(one)
    return costs


def spread(values: Iterable[float], digits: int = 2) -> str:
    ordered = sorted(values)
    return f"{median(ordered):.{digits}f} (from {ordered[0]:.{digits}f} to {ordered[-1]:.{digits}f})"


def report(costs: dict[str, list[Cost]]) -> None:
    for way, ones in costs.items():
        print(
            f"topic, {way:6}: {1 / median(one.seconds for one in ones):8.0f} events/s,"
            f" {median(one.processor for one in ones) * 1e6:6.0f} µs of its own processor time an event,"
            f" {median(one.server for one in ones) * 1e6:6.0f} µs of PostgreSQL's,"
            f" {median(one.written for one in ones) / 1000:5.2f} KB written"
        )
    pairs = list(zip(*costs.values(), strict=True))
    print(f"topic, rate, ours / barest:           {spread(bare.seconds / our.seconds for bare, our in pairs)}")
    print(f"topic, processor time, ours / barest: {spread(our.processor / bare.processor for bare, our in pairs)}")
    both = (our.processor + our.server for _, our in pairs), (bare.processor + bare.server for bare, _ in pairs)
    print(f"topic, with PostgreSQL's:             {spread(o / b for o, b in zip(*both, strict=True))}")


async def measure(postgres: EmbeddedPostgres, number: int = EVENTS, turns: int = TURNS) -> None:
    """Print rate, processor time and bytes of both ways, and their ratios."""
    real = Settings().kafka_bootstrap_servers
    broker = None if real else EmbeddedBroker()
    directory = directory_of(postgres.url())
    costs = await in_turns(postgres, directory, real or (broker.bootstrap_servers if broker else ""), number, turns)
    if turns:
        report(costs)


if __name__ == "__main__":
    with TemporaryDirectory(ignore_cleanup_errors=True) as place:
        given = [int(one) for one in sys.argv[1:]]
        asyncio.run(measure(EmbeddedPostgres(Path(place) / "postgres"), *given))
