"""What watching costs: idle beside a million open deadlines, punctual, and 100,000 red ones due at one midnight."""

import asyncio
import time
from collections import Counter
from datetime import timedelta
from statistics import median, quantiles
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import job_queues, replica
from benchmarks.deadline_rows import DUE, OPEN, OVER, multiplied, start_one
from benchmarks.intake import BATCH
from services.alert_ingest.tables import HISTORY as INGEST
from services.deadline_watch.tables import HISTORY as WATCH
from services.runner import freeze_heap
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import ManualClock, SystemClock

MIDNIGHT = 100_000
AHEAD = 1_000_000
FINISHED = 10_000_000
PASSES = 10
PUNCTUAL = 2_000
_BASE_SECONDS = 12.0


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print the figures, each beside its base of the same run."""
    server = Database(postgres.url())
    await _bases(server, postgres, await _midnight(*await _prepared(server, postgres, "midnight")))
    few, many = [await _prepared(server, postgres, name) for name in ("few", "many")]
    await multiplied(many[0], many[1], FINISHED, **OVER)
    await _beside_finished(server, few, many)
    await _idle(*many)
    await _punctuality(many[0])
    for database in (few[0], many[0], server):
        await database.close()


async def _prepared(server: Database, postgres: EmbeddedPostgres, name: str) -> tuple[Database, object]:
    """A database of its own, and the deadline in it that is multiplied."""
    async with server.autocommit() as connection:
        await connection.execute(text(f"create database {name}"))
    database = Database(postgres.url(name))
    for history in (INGEST, WATCH):
        await migrate(database.engine, history)
    return database, await start_one(database)


async def _midnight(database: Database, one: object) -> float:
    """Answer how many a second were worked off while nothing else went on."""
    url = _url(database)
    await multiplied(database, one, MIDNIGHT, **OPEN)
    began, ended = await _worked_off(database, url)
    rate = MIDNIGHT / (ended - began)
    print(f"{MIDNIGHT:,} red at one midnight:      {ended - began:8.1f} s by two replicas, {rate:.0f} a second")
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
    await database.close()
    return rate


async def _bases(server: Database, postgres: EmbeddedPostgres, ours: float) -> None:
    async with server.autocommit() as connection:
        await connection.execute(text("create database queues"))
    for name, rate in (await job_queues.measure(postgres.url("queues"))).items():
        print(f"{name + ' (base):':34} {rate:8.0f} a second; ours {ours / rate:.1f} times")


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


def _url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


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


async def _beside_finished(server: Database, few: tuple[Database, object], many: tuple[Database, object]) -> None:
    """The median time of a pass of 1,000 in both, which take turns: a slow minute of the machine hits both."""
    async with server.autocommit() as connection:
        # What was just stored is still being written: that is the inserting's cost, not the pass's.
        await connection.execute(text("checkpoint"))
    watchers = [(*one, replica.watcher_of(one[0], ManualClock(DUE))) for one in (few, many)]
    freeze_heap()  # a full collection comes every few passes, and would hit one side alone
    seconds: tuple[list[float], list[float]] = [], []
    for turn in range(1 + PASSES):
        for (database, one, watcher), times in zip(watchers, seconds, strict=True):
            await multiplied(database, one, 1_000, **OPEN)
            began = time.perf_counter()
            assert await watcher.run_once() >= 1_000
            if turn:  # the first is to warm up
                times.append(time.perf_counter() - began)
    base, beside = map(median, seconds)
    print(f"a pass of 1,000, few rows (base):  {base * 1000:8.1f} ms")
    print(f"beside {FINISHED:,} finished:     {beside * 1000:8.1f} ms, {beside / base:.2f} times the base")


async def _idle(database: Database, one: object) -> None:
    await multiplied(database, one, AHEAD, **OPEN | {"later": "interval '9 years' + n * interval '1 second'"})
    share = float((await replica.of("beat", _url(database), "30"))[-1])
    print(f"idle beside {AHEAD:,} open:         {share:8.2%} of a core")


async def _punctuality(database: Database) -> None:
    """How late the watcher tells of what falls due one after another, within 20 seconds, in real time."""
    async with database.transaction() as connection:
        await connection.execute(text("truncate watch.outbox"))
        # Chosen before the instants are: beside ten million that takes seconds, and they would have passed.
        open_ones = text("select deadline_id from watch.deadlines where state = 'open' limit :number")
        chosen = list(await connection.scalars(open_ones, {"number": PUNCTUAL}))
    falls_due = {"chosen": chosen, "first": SystemClock().now() + timedelta(seconds=10)}
    async with database.transaction() as connection:
        for change in (
            "update watch.steps s set at = due.at {} where s.deadline_id = due.deadline_id and s.done_at is null",
            "update watch.deadlines d set due_at = due.at {} where d.deadline_id = due.deadline_id",
        ):
            await connection.execute(
                text(
                    change.format("""
                        from (select deadline_id, cast(:first as timestamptz) + n * interval '10 milliseconds' as at
                                from unnest(cast(:chosen as uuid[])) with ordinality as one (deadline_id, n)) as due
                    """)
                ),
                falls_due,
            )
    await replica.of("beat", _url(database), "35")
    async with database.transaction() as connection:
        late = list(
            await connection.scalars(
                text(
                    "select extract(epoch from o.appended_at - s.at) from watch.outbox o, watch.steps s"
                    " where s.step = 'missed' and s.outcome = 'fired'"
                    " and s.deadline_id = cast(convert_from(o.value, 'utf8')::jsonb->'data'->>'deadline_id' as uuid)"
                    " and convert_from(o.value, 'utf8')::jsonb->>'type' like '%missed%'"
                )
            )
        )
    assert len(late) == PUNCTUAL, len(late)
    cuts = quantiles(map(float, late), n=100)
    print(f"late by, p50 / p99 / most:         {cuts[49]:8.2f} / {cuts[98]:.2f} / {max(late):.2f} s")
