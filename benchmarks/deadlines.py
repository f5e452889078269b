"""What watching costs: idle beside a million open deadlines, punctual, and 100,000 red ones due at one midnight."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from statistics import quantiles
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import job_queues, replica
from benchmarks.deadline_rows import DUE, OPEN, OVER, multiplied, start_one
from benchmarks.intake import BATCH
from services.alert_ingest.tables import HISTORY as INGEST
from services.deadline_watch.tables import HISTORY as WATCH
from shared.clock import ManualClock, SystemClock
from shared.database import Database
from shared.embedded import EmbeddedPostgres
from shared.migrating import migrate

MIDNIGHT = 100_000
AHEAD = 1_000_000
FINISHED = 10_000_000
PUNCTUAL = 2_000
_BASE_SECONDS = 12.0


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print the figures, each beside its base of the same run."""
    database = Database(postgres.url())
    for history in (INGEST, WATCH):
        await migrate(database.engine, history)
    one = await start_one(database)
    await _midnight(database, postgres.url(), one)
    await _bases(database, postgres)
    few = await _pass_seconds(database, one)
    await multiplied(database, one, FINISHED, **OVER)
    many = await _pass_seconds(database, one)
    print(f"a pass of 1,000, few rows (base):  {few * 1000:8.1f} ms")
    print(f"beside {FINISHED:,} finished:     {many * 1000:8.1f} ms, {many / few:.2f} times the base")
    await multiplied(database, one, AHEAD, **OPEN | {"later": "interval '9 years' + n * interval '1 second'"})
    share = float((await replica.of("beat", postgres.url(), "30"))[-1])
    print(f"idle beside {AHEAD:,} open:         {share:8.2%} of a core")
    await _punctuality(database)
    await database.close()


async def _midnight(database: Database, url: str, one: object) -> None:
    await multiplied(database, one, MIDNIGHT, **OPEN)
    began, ended = await _worked_off(database, url)
    alone = ended - began
    _speed.append(MIDNIGHT / alone)
    print(f"{MIDNIGHT:,} red at one midnight:      {alone:8.1f} s by two replicas, {_speed[0]:.0f} a second")
    await multiplied(database, one, MIDNIGHT, **OPEN)
    async with _Intake(url, seed=2) as intake:
        # The base lies just before and just after: the machine may be another one a minute later.
        await asyncio.sleep(8)
        before = await intake.rate(_BASE_SECONDS)
        began, ended = await _worked_off(database, url)
        during = intake.rate_between(began, ended)
        base = (before + await intake.rate(_BASE_SECONDS)) / 2
    print(f"the same beside a busy intake:     {ended - began:8.1f} s")
    print(f"the intake meanwhile:              {during:8.0f} events/s, {during / base:.0%} of {base:.0f} alone (base)")


async def _bases(database: Database, postgres: EmbeddedPostgres) -> None:
    async with database.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("create database queues"))
    for name, rate in (await job_queues.measure(postgres.url("queues"))).items():
        print(f"{name + ' (base):':34} {rate:8.0f} a second; ours {_speed[0] / rate:.1f} times")


_speed: list[float] = []


async def _worked_off(database: Database, url: str) -> tuple[float, float]:
    """From when until when two replicas marked all that is due at midnight missed and escalated, each exactly once."""
    await database.engine.dispose()
    async with database.transaction() as connection:
        before = await _outcomes(connection)
    watchers = [await replica.started("watch", url, DUE.isoformat()) for _ in range(2)]
    began = time.time()
    done = await asyncio.gather(*(replica.finished(process) for process in watchers))
    ended = time.time()
    async with database.transaction() as connection:
        outcomes = await _outcomes(connection) - before
        told = await connection.scalar(text("select count(*) from watch.outbox"))
        await connection.execute(text("truncate watch.outbox"))
    assert all(int(lines[-1]) for lines in done), "every replica had its share"
    assert outcomes["miss fired"] == outcomes["escalate fired"] == MIDNIGHT, outcomes
    assert told == 2 * MIDNIGHT, told
    return began, ended


async def _outcomes(connection: AsyncConnection) -> Counter[str]:
    rows = await connection.execute(
        text(
            "select action || ' ' || outcome as name, count(*) as number"
            " from watch.steps where outcome is not null group by 1"
        )
    )
    return Counter({row.name: row.number for row in rows})


class _Intake:
    """An intake of its own that is kept busy."""

    def __init__(self, url: str, *, seed: int) -> None:
        self._url, self._seed = url, seed
        self._stamps: list[float] = []

    async def __aenter__(self) -> Self:
        self._process = await replica.started("ingest", self._url, str(self._seed))
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        self._process.kill()
        await self._process.wait()

    async def rate(self, seconds: float) -> float:
        """Events a second over the next `seconds`."""
        began = time.time()
        await asyncio.sleep(seconds)
        return self.rate_between(began, began + seconds)

    def rate_between(self, start: float, end: float) -> float:
        return BATCH * sum(start <= stamp <= end for stamp in self._stamps) / (end - start)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            self._stamps.append(float(line))


async def _pass_seconds(database: Database, one: object) -> float:
    """The median time of a pass of 1,000 due deadlines."""
    times = []
    clock = ManualClock(DUE)
    watcher = replica.watcher_of(database, clock)
    for _ in range(6):
        await multiplied(database, one, 1_000, **OPEN)
        began = time.perf_counter()
        assert await watcher.run_once() >= 1_000
        times.append(time.perf_counter() - began)
    return sorted(times[1:])[2]


async def _punctuality(database: Database) -> None:
    """How late the watcher tells of what falls due one after another, within 20 seconds, in real time."""
    async with database.transaction() as connection:
        await connection.execute(text("truncate watch.outbox"))
        await connection.execute(
            text("""
                update watch.steps s set at = cast(:now as timestamptz) + n * interval '10 milliseconds'
                  from (select deadline_id, row_number() over () as n from watch.deadlines
                         where state = 'open' limit :number) d
                 where s.deadline_id = d.deadline_id and s.done_at is null
            """),
            {"now": SystemClock().now() + timedelta(seconds=10), "number": PUNCTUAL},
        )
        await connection.execute(
            text(
                "update watch.deadlines d set due_at = s.at from watch.steps s"
                " where s.deadline_id = d.deadline_id and s.done_at is null and s.at < now() + interval '1 hour'"
            )
        )
    await replica.of("beat", str(database.engine.url.render_as_string(hide_password=False)), "35")
    async with database.transaction() as connection:
        late = list(
            await connection.scalars(
                text(
                    "select extract(epoch from o.appended_at - s.at) from watch.outbox o, watch.steps s"
                    " where s.step = 'missed' and s.outcome = 'fired'"
                    " and convert_from(o.value, 'utf8')::jsonb->'data'->>'deadline_id' = s.deadline_id::text"
                    " and convert_from(o.value, 'utf8')::jsonb->>'type' like '%missed%'"
                )
            )
        )
    assert len(late) == PUNCTUAL, len(late)
    cuts = quantiles(map(float, late), n=100)
    print(f"late by, p50 / p99 / most:         {cuts[49]:8.2f} / {cuts[98]:.2f} / {max(late):.2f} s")
