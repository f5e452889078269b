"""How long it takes from an event on the topic until its team can be seen, while nothing else goes on.

    python -m benchmarks.team_visible [EVENTS]

`serve all` runs as a process of its own, on the embedded PostgreSQL and broker, over the sample district.
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

from services.sample.anomalies import RED, anomaly, push
from services.sample.district import district
from shared.storage.database import Database
from shared.time.clock import SystemClock

EVENTS = 100
_LOOK_SECONDS, _REST_SECONDS, _MOST_SECONDS = 0.005, 0.3, 10.0
_SETTLE_SECONDS, _IDLE_SECONDS = 15, 60
_HELD = text("select count(*) from dispatch.assignments where enterprise_code = :code and ended_at is null")


async def started(directory: Path) -> tuple[asyncio.subprocess.Process, dict[str, str]]:
    """`serve all`, ready, and its addresses."""
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


async def measure(events: int) -> None:
    """Print the distribution over single events, each sent once the one before has its team."""
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
        idle = await idling(process.pid, Path(directory))
        await producer.stop()
        await database.close()
        process.send_signal(signal.SIGTERM)
        await process.wait()
    cuts = quantiles(took, n=100)
    print(f"event to team visible: p50 {cuts[49]:.0f} ms, p90 {cuts[89]:.0f}, p99 {cuts[98]:.0f}, most {max(took):.0f}")
    print(f"idle afterwards:       {idle}")


async def idling(pid: int, directory: Path) -> str:
    """What the process and its PostgreSQL take of a core while nothing happens."""
    postmaster = int((directory / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])
    before, began = (_processor(pid), _processor(postmaster, *_children(postmaster))), time.perf_counter()
    await asyncio.sleep(_IDLE_SECONDS)
    after, seconds = (_processor(pid), _processor(postmaster, *_children(postmaster))), time.perf_counter() - began
    own, database = ((last - first) / seconds for first, last in zip(before, after, strict=True))
    return f"{own:.1%} of a core, and PostgreSQL {database:.1%}"


def _processor(*pids: int) -> float:
    """Seconds of processor time that processes have taken, with their children that have ended."""
    total = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
