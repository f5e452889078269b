"""What an event costs between the services: alerts into cases, notices and teams, and cases into clocks.

Processor time is that of the process, the database's own apart. The alerts are those of the sample district, half of
them red or yellow. The base is release deaad63, given the first of the same alerts before and after
(`benchmarks/alert_flow_base.py`). Statements are those by SQLAlchemy; what goes to the driver itself is not counted.
"""

import asyncio
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.graded_alerts import CHUNK, NOW, alert_of, alerts, write
from benchmarks.release import clone_of
from services.deadline_watch import tables as watch_tables
from services.deadline_watch.handlers.case_events import CaseEvents
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.units_of_work import units_of_work as units_of_watch
from services.dispatcher import tables
from services.dispatcher.assignments.queue import AssignmentQueue
from services.dispatcher.build import QUEUE_PAGE, assemble
from services.runner import freeze_heap
from services.sample.district import district
from services.sample.loading import load
from shared.contract.events import CaseType
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import Record
from shared.messaging.outbox import Outbox
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import ManualClock

ALERTS, WAITING = 20_000, 10_000
BASE, OF_BASE = "deaad63", 2_000
_TITLES = {"alerts": "alerts to case, notice, team", "cases": "cases to clocks"}


def records(events: Iterable[tuple[str, bytes]], topic: str) -> list[Record]:
    return [Record(topic, 0, at, key.encode(), value, (), 0) for at, (key, value) in enumerate(events)]


def _chunks(records: Sequence[Record], size: int) -> Iterator[Sequence[Record]]:
    return (records[start : start + size] for start in range(0, len(records), size))


@dataclass
class Cost:
    """What a chunk cost: milliseconds of this process an event, and how many statements."""

    milliseconds: list[float]
    statements: list[int]

    def __str__(self) -> str:
        low, high = min(self.milliseconds), max(self.milliseconds)
        return (
            f"{median(self.milliseconds):7.3f} ms an event ({low:.3f} to {high:.3f}),"
            f" {median(self.statements):.0f} statements a chunk"
        )


class Meter:
    """Counts processor time and statements, chunk by chunk."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.cost, self._count = Cost([], []), 0
        event.listen(engine.sync_engine, "before_cursor_execute", self._counted)

    @contextmanager
    def chunk(self, events: int) -> Iterator[None]:
        self._count, began = 0, time.process_time()
        yield
        self.cost.milliseconds.append((time.process_time() - began) * 1000 / events)
        self.cost.statements.append(self._count)

    def _counted(self, *_: Any) -> None:
        self._count += 1


class Dispatching:
    """The dispatcher's inbox and the pass over its queue, as the service puts them together, over a sample district."""

    def __init__(self, database: Database) -> None:
        self.database, self.clock = database, ManualClock(NOW)
        self.parts = assemble(Settings(), self.clock, database, Outbox(tables.outbox, self.clock))
        self._queue = AssignmentQueue(QUEUE_PAGE)

    async def take(self, chunk: Sequence[Record]) -> None:
        """Act on a chunk, and give to teams what waits then."""
        await self.parts.inbox.handle(chunk)
        await self.assign()
        self.clock.advance(timedelta(seconds=1))

    async def assign(self) -> None:
        assigned = 1
        while assigned:
            async with self.parts.units.open() as work:
                assigned = await self._queue.assign_page(work)


async def dispatching(url: str) -> Dispatching:
    database = Database(url)
    await migrate(database.engine, tables.HISTORY)
    desk = Dispatching(database)
    await load(database, Outbox(tables.outbox, desk.clock), desk.clock, "")
    return desk


async def cost_of_alerts(desk: Dispatching, number: int, seed: int) -> Cost:
    await desk.take(records(alerts(CHUNK, seed + 1), "alerts"))  # to warm up
    freeze_heap()  # as the service does once it is ready
    meter = Meter(desk.database.engine)
    for chunk in _chunks(records(alerts(number, seed), "alerts"), CHUNK):
        with meter.chunk(len(chunk)):
            await desk.take(chunk)
    return meter.cost


_NOBODY = text("""
    insert into dispatch.stations (code, name, district, streets, updated_at)
    values ('nobody', '无人所', '440300', '{}', :now)
""")
_UNREACHED = text("""
    insert into dispatch.enterprises (code, name, station, classification, source, updated_at)
    select 'W' || n, '某厂' || n, 'nobody', '{}', 'master', :now from generate_series(1, :number) n
""")


async def let_wait(desk: Dispatching, number: int) -> None:
    """Have so many red cases wait at a station without officers."""
    async with desk.database.transaction() as connection:
        await connection.execute(_NOBODY, {"now": NOW})
        await connection.execute(_UNREACHED, {"now": NOW, "number": number})
    waiting = [(f"W{one}", _elsewhere(value, f"W{one}")) for one, (_, value) in enumerate(_reds(number), 1)]
    for chunk in _chunks(records(waiting, "alerts"), CHUNK):
        await desk.take(chunk)
    async with desk.database.autocommit() as connection:
        await connection.execute(text("vacuum analyze"))


def _reds(number: int) -> Iterator[tuple[str, bytes]]:
    enterprises, choice = district().enterprises, random.Random(99)
    return (alert_of(choice.choice(enterprises), "red", one, choice) for one in range(number))


def _elsewhere(value: bytes, code: str) -> bytes:
    written = from_json(value)
    written["subject"] = written["data"]["enterprise"]["code"] = code
    return to_json(written)


async def cost_of_cases(database: Database, cases: Sequence[Record]) -> Cost:
    clock = ManualClock(NOW + timedelta(minutes=5))
    await migrate(database.engine, watch_tables.HISTORY)
    inbox = Inbox(
        consumer="benchmark",
        units=units_of_watch(database, clock, topic_prefix=""),
        table=watch_tables.inbox,
        letters=DeadLetters(watch_tables.dead_letters, "benchmark"),
        handlers=dict.fromkeys(map(str, CaseType), CaseEvents(RuleVersions.shipped(clock), UpcomingSteps()).handle),
    )
    meter = Meter(database.engine)
    for chunk in _chunks(cases, CHUNK):
        with meter.chunk(len(chunk)):
            await inbox.handle(chunk)
    meter.cost.milliseconds.pop(0)  # the first warms up
    meter.cost.statements.pop(0)
    return meter.cost


async def emitted(database: Database) -> list[Record]:
    """The events of cases that left, in order."""
    async with database.autocommit() as connection:
        rows = await connection.execute(
            text("select key, value from dispatch.outbox where topic = 'cases' order by position")
        )
        return records([(row.key.decode(), row.value) for row in rows], "cases")


async def measure(postgres: EmbeddedPostgres, number: int = ALERTS, waiting: int = WAITING) -> None:
    """Print the processor time an event, and how many times it is less than the base's."""
    base = [await costs_of_base()]
    desk = await dispatching(postgres.url())
    alone = await cost_of_alerts(desk, number, seed=1)
    cases = await cost_of_cases(desk.database, await emitted(desk.database))
    base.append(await costs_of_base())
    for name, cost in (("alerts", alone), ("cases", cases)):
        print(f"{_TITLES[name]}: {cost}")
        for costs in base:
            if costs:
                other = median(costs[name])
                print(f"  {BASE}: {other:.3f} ms an event, {other / median(cost.milliseconds):.1f} times as much")
    await let_wait(desk, waiting)
    beside = await cost_of_alerts(desk, number // 2, seed=3)
    ratio = median(beside.milliseconds) / median(alone.milliseconds)
    print(f"alerts beside {waiting:,} that wait: {beside}: {ratio:.2f} times")
    await desk.database.close()


async def costs_of_base() -> dict[str, list[float]]:
    """Milliseconds an event of the base by chunks, for alerts and for cases; nothing where it cannot be had."""
    clone = await asyncio.to_thread(clone_of, BASE)
    if clone is None:
        print(f"this clone does not have release {BASE}: no base")
        return {}
    with TemporaryDirectory() as directory:
        given = Path(directory) / "alerts"
        write(given, OF_BASE)
        process = await asyncio.create_subprocess_exec(
            *(clone / ".venv" / "bin" / "python", Path(__file__).with_name("alert_flow_base.py").resolve(), given),
            cwd=clone,
            stdout=asyncio.subprocess.PIPE,
        )
        written, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"release {BASE} ended with {process.returncode}")
    costs: dict[str, list[float]] = from_json(written)
    return costs
