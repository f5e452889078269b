"""`tricolor replay` and `tricolor reconcile` as a person types them: what they say, and how they end."""

import random
from datetime import timedelta

from pydantic_core import from_json
from sqlalchemy import text

from services.alert_ingest import tables
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.handlers.decisions import Decisions
from services.alert_ingest.handlers.intake import Intake, Submission
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.alert_ingest.store.unit_of_work import units_of_work
from services.infrastructure import OUTBOXES
from services.sample.anomalies import WHITE, anomaly
from services.sample.district import district
from shared.contract.cloudevents import Refused
from shared.messaging.dead_letters.store import DeadLetters, Letter
from shared.messaging.kafka import Record
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import ManualClock, SystemClock
from tests.integration.running.commands import tricolor


async def test_replay_counts_then_marks_and_says_what_it_cannot_do(database: Database, database_url: str) -> None:
    await take_in(database, 3)
    asked = ("replay", "--topic", "alerts", "--since", "2026-01-01T00:00:00+08:00")
    code, out, _ = await tricolor(*asked, "--dry-run", url=database_url)
    assert (code, out) == (
        0,
        "ingest.outbox: 3 would be published again, 0 wait for their first time or were asked for before\n",
    )
    code, out, _ = await tricolor(*asked, url=database_url)
    assert (code, out.split(",")[0]) == (0, "ingest.outbox: 3 are published again")
    async with database.transaction() as connection:
        assert await connection.scalar(text("select count(*) from ingest.outbox where published_at is null")) == 3
    code, out, _ = await tricolor(*asked, "--key", "nobody", url=database_url)
    assert (code, out) == (0, "no outbox has anything like that for alerts: 0 are published again\n")
    code, _, err = await tricolor("replay", "--topic", "anomaly-events", "--since", "2026-01-01T00:00:00+08:00")
    assert code == 1
    assert "ingest.events" in err
    code, _, err = await tricolor("replay", "--topic", "alerts", "--since", "2026-01-01T00:00:00")
    assert code == 1
    assert "no offset" in err


async def test_reconcile_ends_with_what_it_found(database: Database, database_url: str) -> None:
    await take_in(database, 2)
    async with database.transaction() as connection:  # as if both readers had heard of them, and reminded
        for inbox in ("dispatch.inbox", "console.inbox"):
            await connection.execute(text(f"insert into {inbox} select event_id, 't', appended_at from ingest.outbox"))
    code, out, err = await tricolor("reconcile", "--no-repair", "--json", url=database_url)
    report = from_json(out)
    assert (code, [one["link"] for one in report["findings"]]) == (1, ["alert-without-case"] * 2), err
    assert report["examined"]["alerts"] == 2
    code, out, _ = await tricolor("reconcile", url=database_url)
    assert code == 3
    assert "2 mended" in out
    async with database.transaction() as connection:
        assert await connection.scalar(text("select count(*) from dispatch.inbox")) == 0
        await connection.execute(text("delete from ingest.events"))
        for table in ("ingest.alerts", *(outbox.fullname for outbox in OUTBOXES)):
            await connection.execute(text(f"delete from {table}"))
    code, out, _ = await tricolor("reconcile", url=database_url)
    assert code == 0
    assert "the chain is whole" in out


async def test_reconcile_does_not_say_that_all_is_well_while_dead_letters_wait(
    database: Database, database_url: str
) -> None:
    record = Record("anomaly-events", 0, 7, b"E1", b"{", (), 0)
    letters = [
        Letter(record._replace(offset=offset), Refused("not-json", "no JSON"), "alert_ingest", SystemClock().now())
        for offset in (7, 8)
    ]
    async with database.transaction() as connection:
        await DeadLetters(tables.dead_letters, "alert_ingest").keep(connection, letters)
    code, out, err = await tricolor("reconcile", "--json", url=database_url)
    (finding,) = from_json(out)["findings"]
    assert (code, finding["link"], finding["number"]) == (1, "dead-letters-waiting", 2), err
    assert "not-json" in finding["says"]["zh"]
    code, out, _ = await tricolor("reconcile", url=database_url)
    assert (code, "the chain is whole" in out) == (1, False)
    assert "dead-letters-waiting: 2" in out
    async with database.transaction() as connection:
        await connection.execute(
            text("""
                insert into ingest.brakes (topic, partition, "offset", consumer, cause, code, detail, since,
                                           policy_version)
                values ('anomaly-events', 1, 9, 'alert_ingest', 'refusals', 'unknown-category', '', now(), '1')
            """)
        )
    code, out, _ = await tricolor("reconcile", "--json", url=database_url)
    (brake,) = [one for one in from_json(out)["findings"] if one["link"] == "partition-braked"]
    assert (code, brake["subject"]) == (1, "ingest.brakes anomaly-events/1")
    assert "unknown-category" in brake["says"]["zh"]


async def take_in(database: Database, number: int) -> None:
    """Reminders to that many enterprises, taken in and handed to Kafka an hour ago."""
    clock = ManualClock(SystemClock().now() - timedelta(hours=1))
    books = RuleBooks(RULE_BOOK.read_text(encoding="utf-8"))
    intake = Intake(
        settings=Settings(),
        units=units_of_work(database, Outbox(tables.outbox, clock), clock, Settings().topic_prefix),
        letters=DeadLetters(tables.dead_letters, "test"),
        books=books,
        decisions=Decisions(books),
        telemetry=Telemetry("test"),
    )

    def submission(body: bytes) -> Submission:
        return Submission(raw=body, structured=lambda: body, entrance="http", origin="test")

    choice = random.Random(1)
    bodies = [
        anomaly(WHITE, enterprise, enterprise.outlets[0], clock.now(), choice)
        for enterprise in district().enterprises[:number]
    ]
    await intake.take([submission(body) for body in bodies])
    async with database.transaction() as connection:
        await connection.execute(text("update ingest.outbox set published_at = appended_at"))
