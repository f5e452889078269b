"""Catching up with a topic that filled while everything was away: through all services, and in how much memory.

    tests/kafka/run .venv/bin/python -m benchmarks catch_up

It needs a real Apache Kafka, for the embedded broker keeps only some 10,000 messages a partition. `serve all` runs as a
process of its own on an embedded PostgreSQL beside it, with the sample district. The anomalies are those of its
enterprises over 25 days: a million, or as many as CATCH_UP_EVENTS in the environment says. It is done when nothing
waits in an outbox and no consumer group lags behind.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from sqlalchemy import text

from benchmarks.topic import directory_of, fill, server_seconds
from services.infrastructure import prepare_database
from services.sample.anomalies import MIX, anomaly
from services.sample.district import district
from shared.contract.events import Topic
from shared.messaging.kafka import ensure_topics
from shared.messaging.relayed import waits
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock

EVENTS = int(os.environ.get("CATCH_UP_EVENTS", "1000000"))
PARTS = 5
_SPAN = timedelta(days=25)
_LOOK_SECONDS = 5.0
_SCHEMAS = ("ingest", "dispatch", "watch", "console")
_WAITING = (f"(select count(*) from {name}.outbox o where {waits(f'{name}.outbox', 'o')})" for name in _SCHEMAS)
_STATE = text(f"""
    select (select count(*) from ingest.events) + (select count(*) from ingest.refusals) as taken,
           (select count(*) from dispatch.cases) as cases,
           (select count(*) from watch.deadlines) as clocks,
           (select count(*) from console.alerts) as shown,
           {" + ".join(_WAITING)}
           as waiting
""")


def events_of(number: int, choice: random.Random) -> Iterable[tuple[bytes, bytes]]:
    """Anomalies of all outlets of the sample district with their keys, over 25 days, the earliest first."""
    outlets = [(one, outlet) for one in district().enterprises for outlet in one.outlets]
    now = SystemClock().now()
    for one in range(number):
        enterprise, outlet = outlets[one % len(outlets)]
        at = now - _SPAN * (1 - one / number)
        yield enterprise.code.encode(), anomaly(choice.choice(MIX), enterprise, outlet, at, choice)


def resident(process: int, line: str) -> int:
    """The memory of a process, in bytes, by the kernel's books."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return next((int(one.split()[1]) * 1024 for one in status.splitlines() if one.startswith(line)), 0)


def server_resident(directory: Path) -> int:
    """What PostgreSQL's processes hold together: their own memory, and what they share once."""
    postmaster = int((directory / "postmaster.pid").read_text().split()[0])
    own, shared = 0, 0
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and f"PPid:\t{postmaster}\n" in (entry / "status").read_text():
                own += resident(int(entry.name), "RssAnon")
                shared = max(shared, resident(int(entry.name), "RssShmem"))
        except OSError:
            continue
    return own + shared


async def lag(client: dict[str, object]) -> int:
    """How many records the consumer groups have still to read."""
    admin = AIOKafkaAdminClient(**client)
    await admin.start()
    consumer = AIOKafkaConsumer(**client)
    await consumer.start()
    behind = 0
    for group, _ in await admin.list_consumer_groups():
        offsets = await admin.list_consumer_group_offsets(group)
        ends = await consumer.end_offsets(list(offsets)) if offsets else {}
        behind += sum(ends[partition] - max(0, offset.offset) for partition, offset in offsets.items())
    await consumer.stop()
    await admin.close()
    return behind


class Look(NamedTuple):
    """How things stand at one moment."""

    at: float
    taken: int
    cases: int
    clocks: int
    shown: int
    waiting: int
    behind: int
    memory: int
    server: int


async def catch_up(settings: Settings, kafka: str, postgres: EmbeddedPostgres, directory: Path, number: int) -> None:
    """Print how the services fare, from the first event until nothing waits."""
    url, client = postgres.url(), settings.kafka_client(kafka)
    await prepare_database(url, migrating=True)
    database = Database(url)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from services.cli import main; main()", "serve", "all", "--sample"),
        *("--data", str(directory), "--port", "0"),
        env=os.environ | {"TRICOLOR_DATABASE_URL": url},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=(directory / "serve.log").open("wb"),
    )
    looks: list[Look] = []
    while not looks or looks[-1].taken < number or looks[-1].waiting or looks[-1].behind:
        if process.returncode is not None:
            raise SystemExit(f"the services ended with {process.returncode}: {directory / 'serve.log'}")
        await asyncio.sleep(_LOOK_SECONDS)
        async with database.autocommit() as connection:
            state = (await connection.execute(_STATE)).one()
        memory = resident(process.pid, "VmRSS"), server_resident(directory_of(url))
        stands = state.taken, state.cases, state.clocks, state.shown, state.waiting
        look = Look(time.perf_counter(), *stands, await lag(client), *memory)
        if look.taken:  # until then it is still starting
            looks.append(look)
            print(f"{look.at - looks[0].at:6.0f} s {look._asdict()}", file=sys.stderr, flush=True)
    peak, used = resident(process.pid, "VmHWM"), server_seconds(directory_of(url))
    ticks = (Path("/proc") / str(process.pid) / "stat").read_text().rpartition(") ")[2].split()[11:13]
    process.send_signal(signal.SIGTERM)
    code = await process.wait()
    await database.close()
    _report(looks, number, peak)
    own = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    print(f"processor time, starting included: {own:.0f} s of the services, {used:.0f} s of PostgreSQL (ended: {code})")


def _report(looks: list[Look], number: int, peak: int) -> None:
    first, last = looks[0], looks[-1]
    seconds = last.at - first.at
    print(f"catch-up with {number} events through all services: {seconds:.0f} s, {number / seconds:.0f} events/s")
    print(f"at the end: {last.cases} cases, {last.clocks} clocks, {last.shown} alerts shown, lag {last.behind}")
    for name in ("taken", "shown"):
        rates, start = [], first
        for part in range(1, PARTS + 1):
            end = next(look for look in looks if getattr(look, name) >= getattr(last, name) * part / PARTS)
            if end.at > start.at:
                rates.append((getattr(end, name) - getattr(start, name)) / (end.at - start.at))
            start = end
        print(f"{name}, events/s by fifths: {', '.join(f'{rate:.0f}' for rate in rates)}")
    half = next(look for look in looks if look.taken >= number / 2)
    print(
        f"memory: services {half.memory / 2**20:.0f} MiB half-way, {peak / 2**20:.0f} at most;"
        f" PostgreSQL {half.server / 2**20:.0f} half-way, {max(look.server for look in looks) / 2**20:.0f} at most"
    )


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print rates, memory and processor time. Ends with a reason where there is no real Kafka."""
    settings = Settings()
    kafka = settings.kafka_bootstrap_servers
    if kafka is None:
        raise SystemExit("it needs a real Apache Kafka: tests/kafka/run .venv/bin/python -m benchmarks catch_up")
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        topics = [settings.topic(topic) for one in Topic for topic in (one, one.dead_letter)]
        await ensure_topics(settings.kafka_client(kafka), topics, settings.topic_partitions)
        await fill(settings, kafka, events_of(EVENTS, random.Random(1)))
        await catch_up(settings, kafka, postgres, Path(directory), EVENTS)
