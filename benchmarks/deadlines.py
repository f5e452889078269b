"""What watching costs: idle beside a million open deadlines, punctual, and 100,000 red ones due at one midnight."""

import asyncio
import sys
import time
from collections import Counter
from datetime import datetime, timedelta
from statistics import quantiles
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from benchmarks import job_queues
from benchmarks.replica import watcher_of
from services.alert_ingest.build import HISTORY as INGEST
from services.deadline_watch import policy, tables
from services.deadline_watch.build import HISTORY as WATCH
from services.deadline_watch.reactions import reaction
from services.deadline_watch.regimes import Regimes
from services.deadline_watch.steps import Ahead
from shared.calendar import WorkingCalendar
from shared.clock import ManualClock, SystemClock
from shared.cloudevents import compose
from shared.database import Database
from shared.dead_letters.store import DeadLetters
from shared.embedded import EmbeddedPostgres
from shared.events import Actor, CaseEvent, CaseKind, CaseType, Level
from shared.inbox import Inbox
from shared.instants import SHANGHAI
from shared.kafka import Record
from shared.migrating import migrate
from shared.outbox import Outbox

MIDNIGHT = 100_000
OPEN = 1_000_000
FINISHED = 10_000_000
PUNCTUAL = 2_000
ISSUED = datetime(2026, 3, 2, 8, 30, tzinfo=SHANGHAI)
DUE = datetime(2026, 3, 10, tzinfo=SHANGHAI)

# One deadline, started as the service starts it, is stored again and again, each at an enterprise of its own.
_MULTIPLY = """
    with one as (select * from watch.deadlines where deadline_id = :one),
         new as (insert into watch.deadlines (deadline_id, case_id, alert_id, kind, level, enterprise_code, station,
                        state, started_at, due_at, due_text, provisional, version, policy_version, calendar_version,
                        explanation, missed_at, closed_at)
                 select gen_random_uuid(), gen_random_uuid(), alert_id, kind, level, enterprise_code || '-' || n % 5000,
                        station, {state}, started_at, due_at + {later}, due_text, provisional, version,
                        policy_version, calendar_version, {explanation}, {missed}, {closed}
                   from one, generate_series(1, :number) as n
                 returning deadline_id, enterprise_code, due_at)
    insert into watch.steps (deadline_id, version, step, enterprise_code, action, at, recipients, done_at, outcome)
    select new.deadline_id, s.version, s.step, new.enterprise_code, s.action, new.due_at, s.recipients,
           {closed}, {outcome}
      from new, watch.steps s where s.deadline_id = :one and s.step = 'missed'
"""
_RUNNING = {
    "state": "'open'",
    "later": "interval '0'",
    "explanation": "explanation",
    "missed": "null::timestamptz",
    "closed": "null::timestamptz",
    "outcome": "null",
}
_FINISHED = {
    "state": "'overdue'",
    "later": "- n % 1000 * interval '1 hour'",
    "explanation": "'{}'::jsonb",
    "missed": "timestamptz '2026-01-01'",
    "closed": "timestamptz '2026-01-01'",
    "outcome": "'fired'",
}


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print the figures, each beside its base of the same run."""
    database = Database(postgres.url())
    for history in (INGEST, WATCH):
        await migrate(database.engine, history)
    one = await _start_one(database)
    idle = await _intake_rate(postgres.url(), seed=1)
    print(f"intake beside nothing (base):      {idle:8.0f} events/s")
    await _midnight(database, postgres.url(), one, idle)
    await _bases(database, postgres)
    few = await _pass_seconds(database, one)
    await _multiplied(database, one, FINISHED, **_FINISHED)
    many = await _pass_seconds(database, one)
    print(f"a pass of 1,000, few rows (base):  {few * 1000:8.1f} ms")
    print(f"beside {FINISHED:,} finished:     {many * 1000:8.1f} ms, {many / few:.2f} times the base")
    await _multiplied(database, one, OPEN, **_RUNNING | {"later": "interval '9 years' + n * interval '1 second'"})
    share = float((await _replica("beat", postgres.url(), "30"))[-1])
    print(f"idle beside {OPEN:,} open:         {share:8.2%} of a core")
    await _punctuality(database)
    await database.close()


async def _midnight(database: Database, url: str, one: object, idle: float) -> None:
    await _multiplied(database, one, MIDNIGHT, **_RUNNING)
    alone = await _worked_off(database, url, replicas=2)
    _speed.append(MIDNIGHT / alone)
    print(f"{MIDNIGHT:,} red at one midnight:      {alone:8.1f} s by two replicas, {_speed[0]:.0f} a second")
    await _multiplied(database, one, MIDNIGHT, **_RUNNING)
    ingesting = asyncio.create_task(_intake_rate(url, seed=2, seconds=1e9))
    took = await _worked_off(database, url, replicas=2, after=ingesting)
    rate = _during.pop()
    print(
        f"the same beside a busy intake:     {took:8.1f} s; intake {rate:.0f} events/s, {rate / idle:.0%} of the base"
    )


async def _bases(database: Database, postgres: EmbeddedPostgres) -> None:
    async with database.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("create database queues"))
    for name, rate in (await job_queues.measure(postgres.url("queues"))).items():
        print(f"{name + ' (base):':34} {rate:8.0f} a second; ours {_speed[0] / rate:.1f} times")


_during: list[float] = []
_speed: list[float] = []


async def _worked_off(
    database: Database, url: str, *, replicas: int, after: "asyncio.Task[float] | None" = None
) -> float:
    """Seconds until all that is due at midnight has been marked missed and escalated, each exactly once."""
    await database.engine.dispose()
    async with database.transaction() as connection:
        before = await _outcomes(connection)
    watchers = [await _process("watch", url, DUE.isoformat()) for _ in range(replicas)]
    if after is not None:
        await asyncio.sleep(8)  # the intake is at work
    began = time.time()
    done = await asyncio.gather(*(_go(process) for process in watchers))
    took = time.time() - began
    if after is not None:
        _during.append(_rate_between(began, began + took))
        _stamps.clear()
        after.cancel()
    async with database.transaction() as connection:
        outcomes = await _outcomes(connection) - before
        told = await connection.scalar(text("select count(*) from watch.outbox"))
        await connection.execute(text("truncate watch.outbox"))
    assert all(int(lines[-1]) for lines in done), "every replica had its share"
    assert outcomes["miss fired"] == outcomes["escalate fired"] == MIDNIGHT, outcomes
    assert told == 2 * MIDNIGHT, told
    return took


async def _outcomes(connection: AsyncConnection) -> Counter[str]:
    rows = await connection.execute(
        text(
            "select action || ' ' || outcome as name, count(*) as number"
            " from watch.steps where outcome is not null group by 1"
        )
    )
    return Counter({row.name: row.number for row in rows})


_stamps: list[float] = []


def _rate_between(start: float, end: float) -> float:
    taken = [stamp for stamp in _stamps if start <= stamp <= end]
    return 500 * len(taken) / (end - start)


async def _intake_rate(url: str, *, seed: int, seconds: float = 12) -> float:
    """Events a second of an intake that is kept busy, for `seconds` or until cancelled."""
    process = await _process("ingest", url, str(seed))
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    began = time.time()
    try:
        while time.time() - began < seconds and (line := await process.stdout.readline()):
            _stamps.append(float(line))
        rate = _rate_between(began, time.time())
    finally:
        process.kill()
        await process.wait()
    _stamps.clear()
    return rate


async def _pass_seconds(database: Database, one: object) -> float:
    """The median time of a pass of 1,000 due deadlines."""
    times = []
    clock = ManualClock(DUE)
    watcher = watcher_of(database, clock)
    for _ in range(6):
        await _multiplied(database, one, 1_000, **_RUNNING)
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
    await _replica("beat", str(database.engine.url.render_as_string(hide_password=False)), "35")
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


async def _multiplied(database: Database, one: object, number: int, **how: str) -> None:
    at_once = 200_000
    for first in range(0, number, at_once):
        async with database.transaction() as connection:
            await connection.execute(
                text(_MULTIPLY.format(**how)), {"one": one, "number": min(at_once, number - first)}
            )
    async with database.engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
            text("vacuum analyze watch.steps, watch.deadlines")
        )


async def _start_one(database: Database) -> object:
    """A red deadline, started by the service's own reaction; not one of those that are counted."""
    clock = ManualClock(ISSUED)
    regimes = Regimes(WorkingCalendar.load(), policy.DATA.read_text(encoding="utf-8"), clock)
    inbox = Inbox(
        consumer="benchmark",
        database=database,
        table=tables.inbox,
        outbox=Outbox(tables.outbox, clock),
        letters=DeadLetters(tables.dead_letters, "benchmark"),
        clock=clock,
        react=reaction("deadlines", regimes, Ahead(lambda _: None)),
    )
    alert_id = uuid4()
    case = CaseEvent(
        case_id=uuid4(),
        kind=CaseKind.ON_SITE,
        level=Level.RED,
        state="open",
        enterprise_code="91440306MA5000001W",
        enterprise_name=None,
        station="xinan",
        alert_ids=[alert_id],
        alert_id=alert_id,
        issued_at=ISSUED,
        at=ISSUED,
        actor=Actor(role="system", subject="benchmark"),
    )
    opened = compose(
        topic="cases", source="/b", type_=CaseType.OPENED, enterprise=case.enterprise_code, time=ISSUED, data=case
    )
    await inbox.handle([Record("cases", 0, 0, opened.key, opened.value, (), 0)])
    async with database.transaction() as connection:
        one: object = await connection.scalar(text("select deadline_id from watch.deadlines"))
        await connection.execute(text("update watch.deadlines set state = 'cancelled', closed_at = started_at"))
        await connection.execute(text("update watch.steps set done_at = at, outcome = 'void'"))
        await connection.execute(text("truncate watch.outbox"))
    return one


async def _process(*arguments: str) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.replica", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    return process


async def _go(process: asyncio.subprocess.Process) -> list[str]:
    out, _ = await process.communicate(b"\n")
    assert process.returncode == 0
    return out.decode().split()


async def _replica(*arguments: str) -> list[str]:
    return await _go(await _process(*arguments))
