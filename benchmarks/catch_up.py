"""Catching up with a topic that filled while ingest was away: events a second, and how much memory that takes.

    tests/kafka/run .venv/bin/python -m benchmarks.catch_up [EVENTS]

It needs a real Apache Kafka, for the embedded broker keeps only some 10,000 messages a partition. Ingest runs as a
process of its own, as in production, on an embedded PostgreSQL beside it; its peak memory is what the kernel saw.
"""

import asyncio
import os
import random
import signal
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaProducer
from pydantic_core import from_json
from sqlalchemy import func, select

from benchmarks.intake import events_of
from services.alert_ingest import tables
from services.infrastructure import prepare_database
from shared.contract.events import Topic
from shared.messaging.kafka import ensure_topics
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database

EVENTS = 1_000_000
_LOOK_SECONDS = 1.0
_WINDOW = 5_000


async def fill(settings: Settings, kafka: str, number: int) -> None:
    """Push `number` distinct anomalies, the enterprises' in order."""
    client = settings.kafka_client(kafka)
    topic = settings.topic(Topic.ANOMALY_EVENTS)
    await ensure_topics(client, [topic], settings.topic_partitions)
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, linger_ms=20, max_batch_size=256 * 1024, **client)
    await producer.start()
    waiting = []
    for event in events_of(number, random.Random(1)):
        key = from_json(event)["subject"].encode()
        waiting.append(await producer.send(topic, event, key=key))
        if len(waiting) == _WINDOW:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    await producer.stop()


async def taken(database: Database) -> int:
    """How many records ended, as an event or as a refusal."""
    ended = [select(func.count()).select_from(table).scalar_subquery() for table in (tables.events, tables.refusals)]
    async with database.autocommit() as connection:
        return await connection.scalar(select(ended[0] + ended[1])) or 0


def peak_bytes(process: asyncio.subprocess.Process) -> int:
    """The most memory that `process` has had resident."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


async def catch_up(database_url: str, directory: Path, number: int) -> None:
    """Print how ingest fares, from its first event until every one is taken."""
    await prepare_database(database_url, migrating=True)
    database = Database(database_url)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from services.cli import main; main()", "serve", "ingest"),
        *("--data", str(directory), "--port", "0"),
        env=os.environ | {"TRICOLOR_DATABASE_URL": database_url},
    )
    began, first, half = time.perf_counter(), 0, 0
    while (done := await taken(database)) < number:
        if process.returncode is not None:
            raise SystemExit(f"ingest ended with {process.returncode} after {done} events")
        if not first:  # it is still starting
            began, first = time.perf_counter(), done
        if not half and done >= number / 2:
            half = peak_bytes(process)
        await asyncio.sleep(_LOOK_SECONDS)
        print(f"\r{done}", end="", file=sys.stderr)
    seconds, peak = time.perf_counter() - began, peak_bytes(process)
    process.send_signal(signal.SIGTERM)
    code = await process.wait()
    await database.close()
    print(f"catch-up with {number} events: {(number - first) / seconds:.0f} events/s, {seconds:.0f} s in all")
    print(f"peak memory of ingest:        {peak / 2**20:.0f} MiB, {half / 2**20:.0f} MiB half-way (ended with {code})")


async def measure(number: int) -> None:
    settings = Settings()
    if settings.kafka_bootstrap_servers is None:
        raise SystemExit("it needs a real Apache Kafka: tests/kafka/run .venv/bin/python -m benchmarks.catch_up")
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        postgres = EmbeddedPostgres(Path(directory) / "postgres")
        await fill(settings, settings.kafka_bootstrap_servers, number)
        await catch_up(postgres.url(), Path(directory), number)


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
