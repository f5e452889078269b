"""History over HTTP and in PostgreSQL: counts are exact, late arrivals regrade others, and nothing sinks by itself."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from pydantic_core import from_json
from sqlalchemy import insert, select, text, update

from services.alert_ingest import tables
from services.alert_ingest.domain.history import HistoryEntry, HistoryQuery
from services.alert_ingest.store.history import earlier_alerts
from shared.contract.events import Level
from shared.messaging.stored_events import unnamed
from shared.storage.database import Database
from shared.storage.packing import unpacked
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.hourly import ENTERPRISE, Json, alert, hour, levels, push

EPOCH = datetime(2026, 11, 1, tzinfo=UTC)


async def emitted(database: Database) -> list[Json]:
    async with database.transaction() as connection:
        value = unnamed("ingest", "o.value")
        values = await connection.scalars(text(f"select {value} from ingest.outbox o order by o.position"))
        return [from_json(unpacked(value)) for value in values]


# --- upgrades -----------------------------------------------------------------------------------------------------


async def test_the_third_hour_on_end_is_red_and_names_the_two_before(app: App) -> None:
    first, second = await push(app, hour(1), hour(2))
    (third,) = await push(app, hour(3))
    assert [one["level"] for one in (first, second, third)] == ["yellow", "yellow", "red"]
    grading = (await alert(app, third["alert_id"]))["grading"]
    assert grading["rule"] == "gas_hourly_mean_repeated_exceedance"
    assert grading["causes"] == [first["alert_id"], second["alert_id"]]
    assert grading["facts"]["consecutive_exceeding_hours"] == 3


async def test_an_hour_that_arrives_late_makes_a_later_one_red(
    app: App, database: Database, clock: ManualClock
) -> None:
    one, three = await push(app, hour(1), hour(3))
    assert (one["level"], three["level"]) == ("yellow", "yellow")
    clock.advance(timedelta(hours=2))
    (two,) = await push(app, hour(2))
    assert two["level"] == "yellow"

    risen = await alert(app, three["alert_id"])
    assert (risen["level"], risen["revision"]) == ("red", 2)
    assert risen["issued_at"] == "2026-11-23T11:05:00+08:00"  # its clock runs from the upgrade
    (former,) = risen["former"]
    assert (former["level"], former["issued_at"], former["cause"]) == (
        "yellow",
        "2026-11-23T09:05:00+08:00",
        "history",
    )
    (event,) = [event for event in await emitted(database) if event["type"] == "cn.tricolor.alert.regraded.v1"]
    assert event["data"]["alert_id"] == three["alert_id"]
    assert (event["data"]["previous_level"], event["data"]["level"]) == ("yellow", "red")
    assert (event["data"]["revision"], event["data"]["cause"]) == (2, "history")


async def test_the_third_reminder_of_a_day_is_an_obligation_and_stays_one(app: App) -> None:
    spike: Any = {"category": "minute_spike", "period": "minute"}
    results = await push(app, hour(1, **spike), hour(9, **spike), hour(20, **spike))
    assert [one["level"] for one in results] == ["white", "white", "yellow"]
    grading = (await alert(app, results[2]["alert_id"]))["grading"]
    assert (grading["rule"], grading["own_rule"], grading["upgraded_from"]) == (
        "white_repeated",
        "minute_spike",
        "white",
    )
    # An upgrade feeds no other upgrade: the reminders count as what they are.
    assert "yellow_7d" not in grading["facts"]


async def test_the_batch_or_the_order_makes_no_difference_to_the_final_levels(app: App) -> None:
    choice = random.Random(3)
    stream = [(number, choice.choice([45.0, 61.0, 61.0, 120.0])) for number in choice.sample(range(24), 14)]

    async def final(outlet: str, batches: list[list[tuple[int, float]]]) -> dict[int, str]:
        ids = {}
        for batch in batches:
            events = [hour(number, value, outlet={"mn": outlet, "medium": "gas"}) for number, value in batch]
            for (number, _), result in zip(batch, await push(app, *events), strict=True):
                ids[number] = result["alert_id"]
        return dict(zip(sorted(ids), await levels(app, [ids[number] for number in sorted(ids)]), strict=True))

    at_once = await final("at-once", [stream])
    one_by_one = await final("one-by-one", [[one] for one in sorted(stream)])
    backwards = await final("backwards", [[one] for one in sorted(stream, reverse=True)])
    mixed = await final("mixed", [stream[:5], stream[5:6], stream[6:]])
    assert at_once == one_by_one == backwards == mixed
    assert "red" in at_once.values()


async def test_duplicates_and_repeats_count_once(app: App) -> None:
    first, second = hour(1), hour(2)
    again = hour(1)
    await push(app, first, second)
    statuses = [result["status"] for result in await push(app, first, again, second)]
    assert statuses == ["duplicate", "repeat", "duplicate"]
    (other,) = await push(app, hour(10))
    assert other["level"] == "red"  # the third yellow of the week, no fifth
    assert (await alert(app, other["alert_id"]))["grading"]["facts"]["yellow_7d"] == 3


# --- the same anomaly again -----------------------------------------------------------------------------------------


async def test_a_resend_that_shows_more_makes_it_stricter(app: App) -> None:
    (first,) = await push(app, hour(1, 61.0, observed=None))
    assert first["level"] == "white"
    (resent,) = await push(app, hour(1, 61.0))
    assert (resent["status"], resent["level"], resent["alert_id"]) == ("repeat", "yellow", first["alert_id"])
    found = await alert(app, first["alert_id"])
    assert found["former"][0]["cause"] == "repeat"
    assert found["grading"]["facts"]["observed"] == 61.0
    # And it counts as what it is now.
    await push(app, hour(2))
    (third,) = await push(app, hour(3))
    assert third["level"] == "red"


async def test_a_mark_that_comes_late_waits_for_people(app: App, database: Database) -> None:
    (first,) = await push(app, hour(1))
    marking = {"kind": "calibration", "reason": "零点校准"}
    (marked,) = await push(app, hour(1, marking=marking))
    assert marked["level"] == "yellow"
    async with database.transaction() as connection:
        (proposal,) = (await connection.execute(select(tables.proposals))).all()
    assert (proposal.subject, proposal.kind, proposal.parameters["level"], proposal.state) == (
        first["alert_id"],
        "downgrade",
        "white",
        "open",
    )
    assert "已标记异常" in proposal.reason
    await push(app, hour(1, marking=marking))
    async with database.transaction() as connection:
        assert len((await connection.execute(select(tables.proposals))).all()) == 1


async def test_a_resend_with_too_few_valid_data_waits_for_people_and_one_with_enough_makes_it_stricter(
    app: App, database: Database
) -> None:
    few, enough = {"valid_count": 30, "expected_count": 60}, {"valid_count": 50, "expected_count": 60}
    await push(app, hour(1))
    (resent,) = await push(app, hour(1, **few))
    assert (resent["status"], resent["level"]) == ("repeat", "yellow")
    async with database.transaction() as connection:
        (proposal,) = (await connection.execute(select(tables.proposals))).all()
    assert (proposal.kind, proposal.parameters["level"]) == ("downgrade", "white")

    (first,) = await push(app, hour(12, **few))
    assert first["level"] == "white"
    (resent,) = await push(app, hour(12, **enough))
    assert (resent["alert_id"], resent["level"]) == (first["alert_id"], "yellow")


# --- classification -------------------------------------------------------------------------------------------------


async def test_special_supervision_makes_the_second_count(app: App, database: Database) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            insert(tables.enterprises).values(code=ENTERPRISE, classification=["special_supervision"])
        )
    results = await push(app, hour(1), hour(10))
    assert [one["level"] for one in results] == ["yellow", "red"]
    assert (await alert(app, results[1]["alert_id"]))["grading"]["rule"] == "yellow_repeated"
    # What is graded stays as its enterprise was classified then.
    async with database.transaction() as connection:
        await connection.execute(update(tables.enterprises).values(classification=[]))
    await push(app, hour(5))
    assert (await alert(app, results[1]["alert_id"]))["level"] == "red"


# --- the statement --------------------------------------------------------------------------------------------------


async def test_the_statement_counts_what_the_question_says(database: Database) -> None:
    choice = random.Random(7)
    entries = [
        HistoryEntry(
            alert_id=uuid4(),
            enterprise_code=choice.choice(["e1", "e2"]),
            outlet=choice.choice(["o1", "o2"]),
            pollutant=choice.choice(["p1", ""]),
            occurred_at=EPOCH + timedelta(hours=number),
            rule=choice.choice(["r1", "r2", "r3"]),
            level=choice.choice(list(Level)),
            exceeding=choice.random() < 0.5,
        )
        for number in range(60)
    ]
    await _store(database, entries)

    def one_of(*values: Any) -> Any:
        return choice.choice(values)

    history_queries = [
        HistoryQuery(
            enterprise_code=one_of("e1", "e2"),
            after=EPOCH + timedelta(hours=one_of(-1, 0, 10)),
            before=EPOCH + timedelta(hours=one_of(11, 30, 59, 99)),
            outlet=one_of(None, "o1"),
            pollutant=one_of(None, "p1", ""),
            rules=one_of(None, ("r1",), ("r1", "r3"), ()),
            level=one_of(None, Level.YELLOW),
            exceeding=one_of(True, False),
        )
        for _ in range(80)
    ]
    apart = [entries[3].alert_id, entries[8].alert_id]
    async with database.transaction() as connection:
        answers = await earlier_alerts(connection, history_queries, apart)
    for query in history_queries:
        expected = {
            (one.occurred_at, one.alert_id) for one in entries if query.matches(one) and one.alert_id not in apart
        }
        assert set(answers[query]) == expected, query
    assert any(answers.values())


async def test_a_dismissed_alert_counts_no_more(database: Database) -> None:
    entry = HistoryEntry(UUID(int=1), "e1", "o1", "", EPOCH, "r1", Level.YELLOW, exceeding=True)
    await _store(database, [entry])
    query = HistoryQuery("e1", EPOCH - timedelta(hours=1), EPOCH + timedelta(hours=1), None, None, None, None, False)
    async with database.transaction() as connection:
        assert len((await earlier_alerts(connection, [query]))[query]) == 1
        await connection.execute(update(tables.alerts).values(dismissed_at=EPOCH))
        assert (await earlier_alerts(connection, [query]))[query] == []


async def _store(database: Database, entries: list[HistoryEntry]) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            insert(tables.alerts),
            [
                {
                    "alert_id": one.alert_id,
                    "enterprise_code": one.enterprise_code,
                    "outlet": one.outlet,
                    "category": one.rule,
                    "pollutant": one.pollutant,
                    "occurred_at": one.occurred_at,
                    "level": one.level,
                    "grading": {},
                    "doubts": [],
                    "event": {},
                    "received_at": EPOCH,
                    "issued_at": EPOCH,
                    "own_rule": one.rule,
                    "own_level": one.level,
                    "exceeding": one.exceeding,
                }
                for one in entries
            ],
        )
