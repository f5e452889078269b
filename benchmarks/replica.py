"""A process of its own for the benchmarks: one more watcher, or an intake that is kept busy.

    python -m benchmarks.replica watch DATABASE_URL NOW     works until nothing is due
    python -m benchmarks.replica beat DATABASE_URL SECONDS  beats as the service does, and prints its processor time
    python -m benchmarks.replica ingest DATABASE_URL SEED   takes batches in until it is ended

Each prints `ready`, waits for a line, and then prints what it did; the intake a line for each batch.
"""

import asyncio
import random
import sys
import time
from datetime import datetime

from benchmarks.intake import BATCH, events_of, intake_of, submissions
from services.deadline_watch.passes.watcher import BEAT_SECONDS, Watcher
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.units_of_work import units_of_work
from services.runner import freeze_heap
from shared.runtime.duty import Duty, Metronome
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import Clock, ManualClock, SystemClock


def watcher_of(database: Database, clock: Clock) -> Watcher:
    """The watcher as the service builds it."""
    return Watcher(units_of_work(database, clock, topic_prefix=""), clock, RuleVersions.shipped(clock), UpcomingSteps())


async def watch(database: Database, now: str) -> None:
    watcher = watcher_of(database, ManualClock(datetime.fromisoformat(now)))
    await database.ping()
    await _told_to_go()
    done = 0
    while did := await watcher.beat():
        done += did
    print(done, flush=True)


async def beat(database: Database, seconds: str) -> None:
    watcher = watcher_of(database, SystemClock())
    while await watcher.run_once():
        pass
    broken: list[BaseException] = []
    metronome = Metronome([Duty("watcher", watcher.beat, BEAT_SECONDS)], Telemetry("benchmark"), broken.append)
    await _told_to_go()
    metronome.start()
    began = time.process_time()
    await asyncio.sleep(float(seconds))
    used = time.process_time() - began
    await metronome.stop(3.0)
    assert not broken, broken
    print(used / float(seconds), flush=True)


async def ingest(database: Database, seed: str) -> None:
    intake = intake_of(database)
    bodies = list(events_of(400 * BATCH, random.Random(int(seed))))
    batches = [bodies[first : first + BATCH] for first in range(0, len(bodies), BATCH)]
    await intake.take(submissions(batches.pop(0)))
    await _told_to_go()
    for batch in batches:
        await intake.take(submissions(batch))
        print(time.time(), flush=True)


async def _told_to_go() -> None:
    freeze_heap()  # as the service does when it is ready
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)


async def started(*arguments: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.replica", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    return process


async def finished(process: asyncio.subprocess.Process) -> list[str]:
    out, _ = await process.communicate(b"\n")
    assert process.returncode == 0
    return out.decode().split()


async def of(*arguments: str) -> list[str]:
    return await finished(await started(*arguments))


async def main(name: str, url: str, argument: str) -> None:
    database = Database(url)
    await {"watch": watch, "beat": beat, "ingest": ingest}[name](database, argument)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
