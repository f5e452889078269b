"""Old events make room: their bodies move while others come in, and what is known stays known."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from sqlalchemy import insert, select, text, update

from services.alert_ingest import tables
from services.alert_ingest.store import archives
from shared.contract.cloudevents import STRUCTURED
from shared.contract.roles import Role
from shared.storage import retention
from shared.storage.database import Database
from shared.storage.housekeeping import Housekeeping
from shared.storage.retention import RetentionPolicy
from shared.telemetry import Telemetry
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App
from tests.integration.alert_ingest.hourly import ENTERPRISE, Json, hour, push

MONTH = "ingest.event_bodies_2026_11"


def policy(**events: Any) -> RetentionPolicy:
    data = yaml.safe_load(retention.DATA.read_text(encoding="utf-8"))
    data["archives"]["events"] |= events
    return RetentionPolicy.model_validate(data)


def housekeeping(database: Database, clock: ManualClock, **events: Any) -> Housekeeping:
    chosen = policy(**events)
    return Housekeeping(
        metadata=tables.metadata,
        database=database,
        clock=clock,
        telemetry=Telemetry("ingest"),
        policy=chosen,
        moved=archives.archives(chosen),
    )


def reminders(number: int, first: int = 0) -> list[Json]:
    """White ones, each at an outlet of its own, so that none repeats or strengthens another."""
    return [hour(one % 20, 45.0, outlet={"mn": f"A{one:06}", "medium": "gas"}) for one in range(first, first + number)]


async def scalars(database: Database, question: Any) -> list[Any]:
    async with database.autocommit() as connection:
        return list(await connection.scalars(text(question) if isinstance(question, str) else question))


async def note(database: Database, alert_id: str, *, case_id: UUID, **columns: Any) -> None:
    async with database.transaction() as connection:
        await connection.execute(
            insert(tables.cases).values(alert_id=UUID(alert_id), case_id=case_id, enterprise_code=ENTERPRISE, **columns)
        )


async def test_events_move_while_others_come_in_and_nobody_waits(
    app: App, database: Database, clock: ManualClock
) -> None:
    name = database.engine.url.database
    async with database.transaction() as connection:
        # From its first connection on, whoever waits for a lock as long as this fails, and the test with it.
        await connection.execute(text(f'alter database "{name}" set lock_timeout = 1000'))
    await database.engine.dispose()
    old = reminders(900)
    for start in range(0, 900, 300):
        await push(app, *old[start : start + 300])
    (before,) = await scalars(database, "select array_agg(body order by source, id) from ingest.events")
    clock.advance(timedelta(days=91))
    fresh = 1000

    async def come_in() -> int:
        nonlocal fresh
        rounds = 0
        while not moving.done():
            await asyncio.sleep(0)
            results = await push(app, *reminders(50, fresh), *old[rounds * 50 % 900 :][:50])
            assert [one["status"] for one in results] == ["accepted"] * 50 + ["duplicate"] * 50
            fresh, rounds = fresh + 50, rounds + 1
        return rounds

    async def move() -> int:
        keeping, moved = housekeeping(database, clock), 0
        # In passes of their own, as if on many days: the intake is met at every moment of one.
        for _ in range(5):
            moved += await keeping.run_once()
        return moved

    moving = asyncio.create_task(move())
    assert await come_in() > 0
    # The events, and what was told of them is not published yet.
    assert await moving == 900
    assert await scalars(database, "select count(*) from ingest.alerts") == [fresh - 1000 + 900]
    assert await scalars(database, "select count(*) from ingest.events where body is null") == [900]
    assert await scalars(
        database, "select array_agg(body order by source, id) from ingest.events_all where received_at < '2027-01-01'"
    ) == [before]


@pytest.mark.parametrize("value", [45.0, 61.0])
async def test_only_what_is_at_rest_moves(app: App, database: Database, clock: ManualClock, value: float) -> None:
    (result,) = await push(app, hour(0, value))
    clock.advance(timedelta(days=3 * 365))
    keeping = housekeeping(database, clock)
    is_white = value < 50

    # A reminder asks for nothing; a yellow alert has its case, though nobody has told of it yet.
    assert await keeping.run_once() == (1 if is_white else 0)
    if is_white:
        return
    one, other = uuid4(), uuid4()
    await note(database, result["alert_id"], case_id=one, closed_at=clock.now())
    await note(database, result["alert_id"], case_id=other)
    assert await keeping.run_once() == 0
    async with database.transaction() as connection:
        await connection.execute(update(tables.cases).values(closed_at=clock.now()))
    assert await keeping.run_once() == 1


async def test_a_month_stays_until_its_last_case_has_been_closed_as_long_as_policy_says(
    app: App, database: Database, clock: ManualClock
) -> None:
    first, second = await push(app, hour(0, 61.0), hour(12, 61.0, outlet={"mn": "A2", "medium": "gas"}))
    keeping = housekeeping(database, clock, kept_months=24)
    for result in (first, second):
        await note(database, result["alert_id"], case_id=uuid4(), closed_at=clock.now())
    clock.advance(timedelta(days=91))
    assert await keeping.run_once() == 2
    # One of them is opened again, and closed a year later.
    again = uuid4()
    await note(database, second["alert_id"], case_id=again)
    clock.advance(timedelta(days=3 * 365))
    assert await keeping.run_once() == 0
    async with database.transaction() as connection:
        await connection.execute(
            update(tables.cases).where(tables.cases.c.case_id == again).values(closed_at=clock.now())
        )
    clock.advance(timedelta(days=23 * 30))
    assert await keeping.run_once() == 0
    assert await scalars(database, f"select count(*) from {MONTH}") == [2]
    clock.advance(timedelta(days=3 * 31))
    assert await keeping.run_once() == 2

    log = tables.retention_log
    assert await scalars(database, select(log.c.table_name)) == ["event_bodies"]
    # The alert and the event's key stay: sent again, it is a duplicate still.
    assert await scalars(database, "select count(*) from ingest.events") == [2]
    assert await scalars(database, "select count(*) from ingest.alerts") == [2]


async def test_refusals_move_and_go(app: App, database: Database, clock: ManualClock) -> None:
    platform = app(Role.PLATFORM, "p")
    answer = await platform.post("/v1/events", content=b"not json", headers={"content-type": STRUCTURED})
    assert answer.status_code == 422
    keeping = housekeeping(database, clock)
    clock.advance(timedelta(days=91))
    assert await keeping.run_once() == 1
    assert await scalars(database, "select body from ingest.refusals_all") == [b"not json"]
    assert await scalars(database, "select count(*) from ingest.refusals") == [0]
    clock.advance(timedelta(days=5 * 366 + 31))
    assert await keeping.run_once() == 1
    assert await scalars(database, "select count(*) from ingest.refusals_all") == [0]
