"""How long it takes from an event on the topic until its team can be seen, while nothing else goes on.

`serve all` runs as a process of its own, on the embedded PostgreSQL and broker, over the sample district. Afterwards it
is left alone, to see what it takes while nothing happens.
"""

import asyncio
import os
import random
import signal
import sys
import time
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaProducer
from pydantic_core import from_json
from sqlalchemy import text

from benchmarks.topic import server_seconds
from services.sample.anomalies import RED, anomaly, push
from services.sample.district import district
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import Database
from shared.time.clock import SystemClock

EVENTS = 100
_LOOK_SECONDS, _REST_SECONDS, _MOST_SECONDS = 0.005, 0.3, 10.0
_SETTLE_SECONDS, _IDLE_SECONDS = 15, 60
_HELD = text("select count(*) from dispatch.assignments where enterprise_code = :code and ended_at is null")


async def started(directory: Path) -> tuple[asyncio.subprocess.Process, dict[str, str]]:
    """`serve all` with its own PostgreSQL and broker, ready, and its addresses."""
    ready = directory / "ready"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from services.cli import main; main()", "serve", "all", "--sample"),
        *("--data", str(directory), "--port", "0", "--ready-file", str(ready)),
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stderr=asyncio.subprocess.DEVNULL,
    )
    while not ready.exists():
        if process.returncode is not None:
            raise SystemExit(f"serve all ended with {process.returncode}")
        await asyncio.sleep(0.1)
    return process, from_json(ready.read_bytes())


async def seconds_until_team(database: Database, producer: AIOKafkaProducer, enterprise_number: int) -> float:
    """Push a red anomaly of an enterprise, and wait until two officers have it."""
    enterprise, choice = district().enterprises[enterprise_number], random.Random(enterprise_number)
    event = anomaly(RED, enterprise, enterprise.outlets[0], SystemClock().now(), choice)
    began = time.perf_counter()
    await push(producer, "anomaly-events", enterprise, event)
    async with database.autocommit() as connection:
        while await connection.scalar(_HELD, {"code": enterprise.code}) != 2:
            await asyncio.sleep(_LOOK_SECONDS)
            if time.perf_counter() - began > _MOST_SECONDS:
                raise SystemExit(f"no team for {enterprise.code} within {_MOST_SECONDS} s")
    return time.perf_counter() - began


async def measure(postgres: EmbeddedPostgres, events: int = EVENTS) -> None:
    """Print the distribution over single events, each sent once the one before has its team."""
    del postgres  # `serve all` starts its own
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        process, addresses = await started(Path(directory))
        database = Database(addresses["database"])
        producer = AIOKafkaProducer(bootstrap_servers=addresses["kafka"], acks="all")
        await producer.start()
        took = []
        for number in range(events + 1):
            seconds = await seconds_until_team(database, producer, number)
            if number:  # the first warms up
                took.append(seconds * 1000)
            await asyncio.sleep(_REST_SECONDS)
        await asyncio.sleep(_SETTLE_SECONDS)
        idle = await idling(process.pid, Path(directory) / "postgres")
        await producer.stop()
        await database.close()
        process.send_signal(signal.SIGTERM)
        await process.wait()
    cuts = quantiles(took, n=100)
    print(f"event to team visible: p50 {cuts[49]:.0f} ms, p90 {cuts[89]:.0f}, p99 {cuts[98]:.0f}, most {max(took):.0f}")
    print(f"idle afterwards:       {idle}")


async def idling(pid: int, directory: Path) -> str:
    """What the process, and PostgreSQL in `directory`, take of a core while nothing happens."""
    before, began = (_processor(pid), server_seconds(directory)), time.perf_counter()
    await asyncio.sleep(_IDLE_SECONDS)
    after, seconds = (_processor(pid), server_seconds(directory)), time.perf_counter() - began
    own, database = ((last - first) / seconds for first, last in zip(before, after, strict=True))
    return f"{own:.1%} of a core, and PostgreSQL {database:.1%}"


def _processor(pid: int) -> float:
    """Seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")
