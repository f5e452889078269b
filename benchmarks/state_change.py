"""What a step of a case costs beside ten thousand stored cases, and beside a million."""

import time
from collections import defaultdict
from datetime import datetime
from statistics import median
from uuid import UUID

from sqlalchemy import insert, select, text

from benchmarks.dispatching import STATIONS, Dispatching, hear_reds, prepared
from services.dispatcher import tables
from services.dispatcher.assignments.queue import AssignmentQueue
from services.dispatcher.domain.own_steps import STEPS
from services.dispatcher.handlers import field_work
from services.dispatcher.handlers.field_work import FeedbackBody, StepBody
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import Database
from shared.time.instants import SHANGHAI

FEW, MANY, LOTS, MEASURED, BURST = 10_000, 1_000_000, 4, 60, 20
NOW = datetime(2026, 3, 3, 9, 0, tzinfo=SHANGHAI)

Seconds = defaultdict[str, list[float]]

_CLOSED = """
    with new as (
        insert into dispatch.cases (case_id, enterprise_code, alert_id, kind, level, state, station, category,
                                    issued_at, opened_at, closed_at, outcome, due_at, due_text, revision)
        select gen_random_uuid(), 'E' || lpad((n % 1000)::text, 5, '0'), gen_random_uuid(), 'on_site', 'red',
               'approved', 's' || lpad((n % 20)::text, 2, '0'), 'gas_daily_mean_exceedance', at, at,
               at + interval '3 days', 'rectified', at + interval '7 days', 'due', 8
          from (select n, cast(:now as timestamptz) - n % 1000 * interval '1 day' as at
                  from generate_series(1, :number) as n) as days
        returning case_id, enterprise_code, station, opened_at, closed_at),
    held as (
        insert into dispatch.assignments (assignment_id, case_id, enterprise_code, officer, part, state, round,
                                          offered_at, ended_at, end_reason, explanation)
        select gen_random_uuid(), case_id, enterprise_code,
               station || '-' || lpad(((extract(epoch from opened_at)::bigint / 86400 + k) % 20)::text, 2, '0'),
               case k when 0 then 'lead' else 'second' end, 'on_site', 1, opened_at, closed_at, 'closed', '{}'
          from new, generate_series(0, 1) as k),
    along as (
        insert into dispatch.case_alerts (case_id, alert_id, enterprise_code, alert)
        select case_id, gen_random_uuid(), enterprise_code, '{}' from new)
    insert into dispatch.timeline (case_id, enterprise_code, type, state, at, actor_role, actor_subject, detail)
    select case_id, enterprise_code, 'cn.tricolor.case.closed.v1', 'approved', closed_at, 'system', 'b', '{}'
      from new, generate_series(1, 4)
"""


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print the median of each step at both sizes, which take turns: a slow minute of the machine hits both."""
    server = Database(postgres.url())
    desks = {}
    for name, number in (("few", FEW), ("many", MANY)):
        async with server.autocommit() as connection:
            await connection.execute(text(f"create database {name}"))
        desks[name] = await desk_of(postgres.url(name), number)
    seconds: dict[str, Seconds] = {"few": defaultdict(list), "many": defaultdict(list)}
    for lot in range(1 + LOTS):
        for name, desk in desks.items():
            taken = await handled(desk, lot)
            for step, times in taken.items() if lot else ():  # the first is to warm up
                seconds[name][step] += times
    for step, times in seconds["few"].items():
        base, beside = median(times), median(seconds["many"][step])
        print(
            f"{step + ':':14} {base * 1000:6.2f} ms beside {FEW:,} cases (base), {beside * 1000:6.2f} ms beside"
            f" {MANY:,}: {beside / base:.2f}"
        )
    for desk in desks.values():
        await desk.database.close()
    await server.close()


async def desk_of(url: str, number: int) -> Dispatching:
    """Twenty officers at each station, and `number` cases that are over."""
    desk = await prepared(url, NOW)
    async with desk.database.transaction() as connection:
        await connection.execute(
            insert(tables.officers),
            [
                {
                    "code": f"s{station:02}-{number:02}",
                    "name": f"执法员{number}",
                    "station": f"s{station:02}",
                    "certified": True,
                    "on_duty": True,
                    "skills": [],
                    "updated_at": NOW,
                }
                for station in range(STATIONS)
                for number in range(20)
            ],
        )
    await _store(desk, number)
    return desk


async def _store(desk: Dispatching, number: int) -> None:
    at_once = 100_000
    for first in range(0, number, at_once):
        async with desk.database.transaction() as connection:
            await connection.execute(text(_CLOSED), {"now": NOW, "number": min(at_once, number - first)})
    async with desk.database.autocommit() as connection:
        await connection.execute(text("vacuum analyze"))


async def handled(desk: Dispatching, lot: int) -> Seconds:
    """How long each step took of cases that are opened, assigned and visited."""
    seconds: Seconds = defaultdict(list)
    began = time.perf_counter()
    await hear_reds(desk, range(lot * MEASURED, (lot + 1) * MEASURED))
    seconds["opened"].append((time.perf_counter() - began) / MEASURED)
    queue = AssignmentQueue(BURST)
    for _ in range(MEASURED // BURST):
        began = time.perf_counter()
        async with desk.units.open() as work:
            assert await queue.assign_page(work) == BURST
        seconds["assigned"].append((time.perf_counter() - began) / BURST)
    assignments = tables.assignments.c
    async with desk.database.transaction() as connection:
        leads = (
            await connection.execute(
                select(assignments.assignment_id, assignments.case_id, assignments.officer)
                .join(tables.cases, tables.cases.c.case_id == assignments.case_id)
                .where(assignments.ended_at.is_(None), assignments.part == "lead", tables.cases.c.state == "assigned")
            )
        ).all()
    assert len(leads) == MEASURED
    report = FeedbackBody(findings="无", measures="无", outcome="rectified")
    for assignment_id, case_id, officer in leads:
        caller = Principal(role=Role.OFFICER, subject=officer)
        for action in STEPS:
            began = time.perf_counter()
            async with desk.units.open() as work:
                await field_work.take_step(work, caller, assignment_id, action, StepBody())
            seconds[action].append(time.perf_counter() - began)
        began = time.perf_counter()
        await _report(desk, caller, case_id, report)
        seconds["feedback"].append(time.perf_counter() - began)
    return seconds


async def _report(desk: Dispatching, caller: Principal, case_id: UUID, report: FeedbackBody) -> None:
    async with desk.units.open() as work:
        await field_work.give_feedback(work, caller, case_id, report)
