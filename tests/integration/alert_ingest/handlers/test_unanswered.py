"""A yellow alert is graded again when deadline_watch says that nobody answered, once and for the grade it has now."""

from datetime import datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel
from sqlalchemy import select, text

from services.alert_ingest import tables
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.handlers import case_events
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.alert_ingest.store.unit_of_work import units_of_work
from shared.contract.cloudevents import compose
from shared.contract.events import Actor, CaseEvent, CaseKind, CaseType, DeadlineEvent, DeadlineType, Level
from shared.contract.roles import Role
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox
from shared.messaging.kafka import Record
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.handlers.test_decisions import emitted, proposed, reviewed
from tests.integration.alert_ingest.hourly import ENTERPRISE, alert, hour, push

DAY = timedelta(hours=24, minutes=2)
_offsets = count()


@pytest.fixture
def inbox(database: Database, clock: ManualClock) -> Inbox[UnitOfWork]:
    books = RuleBooks(RULE_BOOK.read_text(encoding="utf-8"))
    return Inbox(
        consumer="alert_ingest",
        units=units_of_work(database, Outbox(tables.outbox, clock), clock, ""),
        table=tables.inbox,
        letters=DeadLetters(tables.dead_letters, "alert_ingest"),
        handlers=case_events.handlers(books, Decisions(books)),
        lock=case_events.lock,
    )


def record(type_: str, data: BaseModel, at: datetime) -> Record:
    composed = compose(topic="", source="/tricolor/test", type_=type_, enterprise=ENTERPRISE, time=at, data=data)
    return Record("deadlines", 0, next(_offsets), composed.key, composed.value, (), 0)


def unanswered(
    alert_id: str,
    started_at: datetime,
    at: datetime,
    kind: str = CaseKind.SELF_REPORT,
    returned_at: datetime | None = None,
) -> Record:
    data = DeadlineEvent(
        deadline_id=uuid4(),
        case_id=uuid4(),
        alert_id=UUID(alert_id),
        kind=kind,
        level=Level.YELLOW,
        enterprise_code=ENTERPRISE,
        station=None,
        started_at=started_at,
        due_at=started_at + timedelta(hours=6),
        due_text="",
        provisional=False,
        state="overdue",
        at=at,
        policy_version="1",
        calendar_version="1",
        returned_at=returned_at,
    )
    return record(DeadlineType.UNANSWERED, data, at)


def answered(alert_id: str, at: datetime) -> Record:
    data = CaseEvent(
        case_id=uuid4(),
        kind=CaseKind.SELF_REPORT,
        level=Level.YELLOW,
        state="reported",
        enterprise_code=ENTERPRISE,
        enterprise_name="某公司",
        station=None,
        alert_ids=[UUID(alert_id)],
        alert_id=UUID(alert_id),
        issued_at=at - timedelta(hours=1),
        revision=2,
        at=at,
        actor=Actor(role="enterprise", subject=ENTERPRISE),
    )
    return record(CaseType.SELF_REPORTED, data, at)


async def test_it_is_red_from_then_on_with_the_hours_and_once(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    (result,) = await push(app, hour(1))
    issued = clock.now()
    clock.advance(DAY)
    again = unanswered(result["alert_id"], issued, clock.now())
    await inbox.handle([unanswered(result["alert_id"], issued, clock.now()), again, again])
    await inbox.handle([again])
    found = await alert(app, result["alert_id"])
    assert (found["level"], found["revision"], found["grading"]["rule"]) == ("red", 2, "yellow_unanswered")
    assert found["grading"]["facts"]["unanswered_hours"] == pytest.approx(24 + 2 / 60)
    (event,) = await emitted(database, "alert.regraded")
    assert (event["cause"], event["previous_level"], event["level"]) == ("unanswered", "yellow", "red")


@pytest.mark.parametrize("answer_first", [True, False])
async def test_an_answer_before_it_counts_in_whatever_order_they_are_received(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork], answer_first: bool
) -> None:
    (result,) = await push(app, hour(1))
    issued = clock.now()
    clock.advance(DAY)
    events = [
        answered(result["alert_id"], issued + timedelta(hours=23)),
        unanswered(result["alert_id"], issued, clock.now()),
    ]
    for one in events if answer_first else reversed(events):
        await inbox.handle([one])
    waiting = (await app(Role.SECTION, "wang").get("/v1/decisions", params={"state": "proposed"})).json()["items"]
    if answer_first:
        assert (await alert(app, result["alert_id"]))["level"] == "yellow"
        assert waiting == []
    else:
        assert (await alert(app, result["alert_id"]))["level"] == "red"  # automatic changes only make it stricter
        (proposal,) = waiting
        assert (proposal["ground"], proposal["level"]) == ("answered", "yellow")


async def test_an_answer_after_it_changes_nothing_in_whatever_order_they_are_received(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    (result,) = await push(app, hour(1))
    issued = clock.now()
    clock.advance(DAY + timedelta(hours=2))
    await inbox.handle([answered(result["alert_id"], clock.now() - timedelta(hours=1))])
    await inbox.handle([unanswered(result["alert_id"], issued, issued + DAY)])
    assert (await alert(app, result["alert_id"]))["level"] == "red"


async def test_an_answer_that_was_returned_is_none(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    (result,) = await push(app, hour(1))
    issued = clock.now()
    returned = issued + timedelta(hours=5)
    await inbox.handle([answered(result["alert_id"], issued + timedelta(hours=2))])
    clock.advance(DAY + timedelta(hours=5))
    await inbox.handle([unanswered(result["alert_id"], issued, clock.now(), returned_at=returned)])
    found = await alert(app, result["alert_id"])
    assert (found["level"], found["grading"]["rule"]) == ("red", "yellow_unanswered")
    assert found["grading"]["facts"]["unanswered_hours"] == pytest.approx(24 + 2 / 60)


async def test_the_answer_after_the_return_counts(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    (result,) = await push(app, hour(1))
    issued = clock.now()
    for hours in (2, 6):
        await inbox.handle([answered(result["alert_id"], issued + timedelta(hours=hours))])
    clock.advance(DAY + timedelta(hours=5))
    returned = issued + timedelta(hours=5)
    await inbox.handle([unanswered(result["alert_id"], issued, clock.now(), returned_at=returned)])
    assert (await alert(app, result["alert_id"]))["level"] == "yellow"


async def test_a_case_asked_for_anew_is_unanswered_in_its_turn(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    (result,) = await push(app, hour(1))
    await inbox.handle([answered(result["alert_id"], clock.now() + timedelta(hours=2))])
    clock.advance(timedelta(days=10))
    reopened = clock.now()
    clock.advance(DAY)
    await inbox.handle([unanswered(result["alert_id"], reopened, clock.now())])
    assert (await alert(app, result["alert_id"]))["level"] == "red"


async def test_a_yellow_made_of_whites_is_red_too(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    gaps = [hour(number, category="short_data_gap", observed=None, limit=None) for number in (1, 3, 5)]
    *_, result = await push(app, *gaps)
    assert result["level"] == "yellow"
    issued = clock.now()
    clock.advance(DAY)
    await inbox.handle([unanswered(result["alert_id"], issued, clock.now())])
    found = await alert(app, result["alert_id"])
    assert (found["level"], found["grading"]["rule"], found["grading"]["own_rule"]) == (
        "red",
        "yellow_unanswered",
        "short_data_gap",
    )


async def test_only_the_clock_of_the_grade_it_has_now_counts(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    (result,) = await push(app, hour(1))
    issued = clock.now()
    clock.advance(DAY)
    await inbox.handle([unanswered(result["alert_id"], issued, clock.now())])
    decision = await proposed(app, result["alert_id"], "downgrade", level="yellow")
    await reviewed(app, decision)
    lowered = clock.now()
    clock.advance(timedelta(hours=1))
    await inbox.handle([unanswered(result["alert_id"], issued, clock.now())])  # of the clock that is over
    await inbox.handle([unanswered(result["alert_id"], lowered, clock.now(), kind="on_site")])
    assert (await alert(app, result["alert_id"]))["level"] == "yellow"
    clock.advance(DAY)
    await inbox.handle([unanswered(result["alert_id"], lowered, clock.now())])
    assert (await alert(app, result["alert_id"]))["level"] == "red"


async def test_a_dismissed_alert_asks_for_no_answer(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    (result,) = await push(app, hour(1))
    issued = clock.now()
    await reviewed(app, await proposed(app, result["alert_id"]))
    clock.advance(DAY)
    await inbox.handle([unanswered(result["alert_id"], issued, clock.now())])
    assert (await alert(app, result["alert_id"]))["level"] == "yellow"
    assert await emitted(database, "alert.regraded") == []


async def test_silence_that_the_rule_book_does_not_upgrade_is_stored_for_a_backtest(
    app: App, database: Database, clock: ManualClock, inbox: Inbox[UnitOfWork]
) -> None:
    (result,) = await push(app, hour(1))
    issued = clock.now()
    clock.advance(timedelta(hours=12))
    await inbox.handle([unanswered(result["alert_id"], issued, clock.now())])
    assert (await alert(app, result["alert_id"]))["level"] == "yellow"
    async with database.transaction() as connection:
        assert await connection.scalar(select(tables.alerts.c.unanswered_at)) == clock.now()
        assert await connection.scalar(text("select count(*) from ingest.former_gradings")) == 0
