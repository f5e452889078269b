"""Rows of `watch.deadlines` for the benchmarks: one that the service started itself, stored again and again."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import text

from services.deadline_watch import tables
from services.deadline_watch.handlers.case_events import CaseEvents
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.units_of_work import units_of_work
from shared.contract.cloudevents import compose
from shared.contract.events import Actor, CaseEvent, CaseKind, CaseType, Level
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import Record
from shared.storage.database import Database
from shared.time.clock import ManualClock
from shared.time.instants import SHANGHAI

ISSUED = datetime(2026, 3, 2, 8, 30, tzinfo=SHANGHAI)
DUE = datetime(2026, 3, 10, tzinfo=SHANGHAI)

# One deadline, started as the service starts it, is stored again and again, each at an enterprise of its own.
_MULTIPLY = """
    with one as (select * from watch.deadlines where deadline_id = :one),
         new as (insert into watch.deadlines (deadline_id, case_id, alert_id, kind, level, enterprise_code, station,
                        state, started_at, due_at, due_text, provisional, version, policy_version, calendar_version,
                        explanation, missed_at, closed_at)
                 select uuidv7({before}), uuidv7({before}), alert_id, kind, level, enterprise_code || '-' || n % 5000,
                        station, {state}, started_at, due_at + {later}, due_text, provisional, version,
                        policy_version, calendar_version, {explanation}, {missed}, {closed}
                   from one, generate_series(1, :number) as n
                 returning deadline_id, enterprise_code, due_at)
    insert into watch.steps (deadline_id, version, step, enterprise_code, action, at, recipients, done_at, outcome)
    select new.deadline_id, s.version, s.step, new.enterprise_code, s.action, new.due_at, s.recipients,
           {closed}, {outcome}
      from new, watch.steps s where s.deadline_id = :one and s.step = 'missed'
"""
OPEN = {
    "before": "",
    "state": "'open'",
    "later": "interval '0'",
    "explanation": "explanation",
    "missed": "null::timestamptz",
    "closed": "null::timestamptz",
    "outcome": "null",
}
_AGO = "- n % 1000 * interval '1 hour'"
OVER = {
    "before": _AGO,
    "state": "'overdue'",
    "later": _AGO,
    "explanation": "'{}'::jsonb",
    "missed": "timestamptz '2026-01-01'",
    "closed": "timestamptz '2026-01-01'",
    "outcome": "'fired'",
}


async def start_one(database: Database) -> object:
    """A red deadline, started by the service's own handler; not one of those that are counted."""
    clock = ManualClock(ISSUED)
    inbox = Inbox(
        consumer="benchmark",
        units=units_of_work(database, clock, topic_prefix=""),
        table=tables.inbox,
        letters=DeadLetters(tables.dead_letters, "benchmark"),
        handlers={CaseType.OPENED: CaseEvents(RuleVersions.shipped(clock), UpcomingSteps()).handle},
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


async def multiplied(database: Database, one: object, number: int, **how: str) -> None:
    at_once = 200_000
    for first in range(0, number, at_once):
        async with database.transaction() as connection:
            await connection.execute(
                text(_MULTIPLY.format(**how)), {"one": one, "number": min(at_once, number - first)}
            )
    async with database.autocommit() as connection:
        await connection.execute(text("vacuum analyze watch.steps, watch.deadlines"))
