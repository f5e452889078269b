"""Rows on a real database: the same in whatever order and however cut into batches, with counts that fit them."""

import asyncio
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.console.domain.case_record import CaseRecord
from services.console.domain.completion import Completion
from services.console.domain.counts import Day, Standing, counted
from services.console.store import changes, rebuilding, records, stream
from services.console.store.targets import LIVE
from services.console.store.wakeups import Listener, Wakeups
from shared.contract.events import CaseType, DeadlineType, Level
from shared.contract.registrations import ENTERPRISE_REGISTERED, EnterpriseRegistered
from shared.storage.database import Database
from tests.integration.console.conftest import ReadModel
from tests.unit.console.domain.events_of_a_case import (
    ALERT,
    CASE,
    CLOCK,
    CODE,
    LIFE,
    NINE,
    Told,
    clock,
    dismissed,
    grade,
    step,
)

REGISTERED = Told(
    ENTERPRISE_REGISTERED, EnterpriseRegistered(at=NINE, code=CODE, name="深圳某某电子有限公司", station="xinan")
)
SECOND = UUID(int=11)
OPEN = [
    step(CaseType.OPENED, "open", 1, 3, case_id=SECOND, alert_id=UUID(int=12)),
    clock(DeadlineType.STARTED, "open", 3, deadline_id=UUID(int=13), case_id=SECOND, alert_id=UUID(int=12)),
    clock(DeadlineType.MISSED, "overdue", 60, deadline_id=UUID(int=13), case_id=SECOND, alert_id=UUID(int=12)),
]
ALERTS = [grade(Level.YELLOW, 1, 0), grade(Level.RED, 2, 5), dismissed(90)]
ALL = [REGISTERED, *LIFE, *CLOCK, *OPEN, *ALERTS]


async def rows(database: Database, *names: str) -> list[dict[str, Any]]:
    found = []
    async with database.autocommit() as connection:
        for name in names:
            answered = await connection.execute(text(f"select * from console.{name}"))
            found += [row._asdict() | {"matter_id": None} for row in answered]
    return sorted(found, key=str)


async def counts(database: Database) -> tuple[dict[Standing, int], dict[Day, list[int]]]:
    """The counts that are kept, those that are none left out."""
    async with database.autocommit() as connection:
        standings = await connection.execute(
            text(f"select {', '.join(Standing._fields)}, cases from console.open_counts where cases <> 0")
        )
        days = await connection.execute(
            text(f"select {', '.join((*Day._fields, *Completion._fields))} from console.day_counts where total <> 0")
        )
        return (
            {Standing(*row[:6]): row.cases for row in standings},
            {Day(*row[:5]): list(row[5:]) for row in days},
        )


async def cases(database: Database) -> list[CaseRecord]:
    async with database.autocommit() as connection:
        return await records.cases_of_enterprises(connection, LIVE, [CODE])


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_in_any_batches_gives_the_same_rows_and_counts(
    read_model: ReadModel, database: Database, seed: int
) -> None:
    choice = random.Random(seed)
    told = [*ALL, *choice.sample(ALL, seed)]
    choice.shuffle(told)
    while told:
        batch = [told.pop() for _ in range(min(len(told), choice.randint(1, 8)))]
        await read_model.merge(batch)
        # After every batch, not only at the end.
        standings, days = counted(await cases(database))
        assert await counts(database) == (standings, {day: numbers for day, numbers in days.items() if numbers[0]})
    shuffled = await rows(database, "cases", "deadlines", "alerts")
    async with database.transaction() as connection:
        for table in ("cases", "deadlines", "alerts", "open_counts", "day_counts", "enterprises"):
            await connection.execute(text(f"delete from console.{table}"))
    await read_model.merge(ALL)
    assert await rows(database, "cases", "deadlines", "alerts") == shuffled
    found = {case.case_id: case for case in await cases(database)}
    assert (found[CASE].handled, found[CASE].on_time) == (True, False)
    assert (found[SECOND].overdue, found[SECOND].awaits, found[SECOND].rung) == (True, "team", None)


async def test_counting_anew_says_what_was_kept(read_model: ReadModel, database: Database) -> None:
    await read_model.merge(ALL)
    kept = await counts(database)
    assert all(kept)
    async with database.transaction() as connection:
        await connection.execute(text("update console.open_counts set cases = 7"))
        await rebuilding.count_anew(connection)
    assert await counts(database) == kept


async def test_what_comes_again_changes_nothing_and_wakes_nobody(
    read_model: ReadModel, database: Database, wakeups: Wakeups
) -> None:
    await read_model.merge(ALL)
    async with database.autocommit() as connection:
        last = await stream.last_number(connection)
    with wakeups.hold() as woken:
        await read_model.merge(ALL)
        assert not woken.is_set()
    async with database.autocommit() as connection:
        assert await stream.last_number(connection) == last


async def test_a_change_of_another_process_is_heard_at_once(
    read_model: ReadModel, database_url: str, database: Database
) -> None:
    wakeups, other = Wakeups(), Database(database_url)
    listener = Listener(other, wakeups)
    await listener.run_once()
    try:
        with wakeups.hold() as woken:
            async with asyncio.timeout(10):
                await read_model.merge(ALL)
                await woken.wait()
            woken.clear()
            # A connection that was lost is made anew, and whoever watches looks again: something may have been missed.
            async with database.autocommit() as connection:
                await connection.execute(
                    text("""
                        select pg_terminate_backend(pid) from pg_stat_activity
                         where datname = current_database() and pid <> pg_backend_pid() and query like 'select 1%'
                    """)
                )
            async with asyncio.timeout(10):
                while not woken.is_set():
                    await listener.run_once()
                    await asyncio.sleep(0)
    finally:
        await listener.close()
        await other.close()


async def test_whoever_watches_is_told_within_the_own_station(read_model: ReadModel, database: Database) -> None:
    await read_model.merge([REGISTERED, *OPEN, ALERTS[0]])
    moved = step(CaseType.TRANSFERRED, "transferred", 2, 70, case_id=SECOND, alert_id=UUID(int=12), station="shajing")
    async with database.autocommit() as connection:
        before = await stream.last_number(connection)
        first = await stream.changed_since(connection, 0, "xinan")
        assert {(one.subject, one.id) for one in first.seen} == {("case", SECOND), ("alert", ALERT)}
        assert all(one.row is not None for one in first.seen)
        assert (await stream.changed_since(connection, 0, "shajing")).seen == []
        await read_model.merge([moved])
        gone = await stream.changed_since(connection, before, "xinan")
        assert [(one.id, one.row) for one in gone.seen] == [(SECOND, None)]
        came = await stream.changed_since(connection, before, "shajing")
        assert [one.row is not None and one.row.station for one in came.seen] == ["shajing"]
        assert not await stream.is_forgotten(connection, before)
        assert await stream.is_forgotten(connection, 10_000)
    async with database.transaction() as connection:
        assert await changes.forget(connection, NINE + timedelta(days=1), 1)
    async with database.autocommit() as connection:
        assert await stream.is_forgotten(connection, 0)
