"""The watcher: warns, marks missed and escalates on time, in order, each step once, whoever watches."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from services.deadline_watch import tables
from services.deadline_watch.domain.clocks import Clock
from services.deadline_watch.passes.watcher import Watcher
from shared.contract.events import CaseKind, CaseType
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.time.clock import ManualClock
from shared.time.instants import shown
from tests.integration.deadline_watch.office import Office, shanghai, watcher

MICROSECOND = timedelta(microseconds=1)


async def test_yellow_is_warned_twice_missed_and_escalated_on_the_instant(office: Office) -> None:
    case = await office.opened()
    expected = ["deadline.started"]
    for at, happened in (
        ("2026-03-02T11:30", ["deadline.warned"]),
        ("2026-03-02T13:30", ["deadline.warned"]),
        ("2026-03-02T14:30", ["deadline.missed", "case.escalated"]),
        ("2026-03-02T16:30", ["case.escalated"]),
    ):
        office.clock.move_to(shanghai(at) - MICROSECOND)
        await office.watch()
        assert await office.names(case) == expected
        await office.at(at)
        expected += happened
        assert await office.names(case) == expected
    warnings = await office.emitted("deadline.warned", case)
    assert [warning["step"] for warning in warnings] == ["warned-3h", "warned-5h"]
    assert [warning["recipients"] for warning in warnings] == [[{"role": "enterprise", "station": None}]] * 2
    assert await office.escalated_to(case) == ["station_chief", "section"]
    assert not any(event["reason"] for event in await office.emitted(case=case))
    assert await office.watcher.run_once() == 0


async def test_red_is_warned_thrice_then_climbs_and_is_repeated_daily_at_the_top(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    for day in range(3, 10):
        for hour in range(0, 24, 3):
            await office.at(f"2026-03-{day:02}T{hour:02}:00")
    warnings = await office.emitted("deadline.warned", case)
    assert [warning["step"] for warning in warnings] == ["warned-half", "warned-eighty", "warned-last-day"]
    officers, chief = {"role": "officer", "station": "xinan"}, {"role": "station_chief", "station": "xinan"}
    assert [warning["recipients"] for warning in warnings] == [[officers], [officers, chief], [officers, chief]]
    assert {warning["state"] for warning in warnings} == {"warned"}

    for at in ("10T00:00", "10T15:00", "11T09:00", "12T08:59:59", "12T09:00", "13T09:00"):
        await office.at(f"2026-03-{at}")
    climbed = await office.emitted("case.escalated", case)
    assert [(event["rung"], event["recipients"][0]["role"], event["at"]) for event in climbed] == [
        (1, "station_chief", "2026-03-10T00:00:00+08:00"),
        (2, "section", "2026-03-10T15:00:00+08:00"),
        (3, "leader", "2026-03-11T09:00:00+08:00"),
        (3, "leader", "2026-03-12T09:00:00+08:00"),
        (3, "leader", "2026-03-13T09:00:00+08:00"),
    ]
    assert len({event["step"] for event in climbed}) == 5
    assert climbed[0]["recipients"] == [chief]
    assert climbed[1]["recipients"] == [{"role": "section", "station": None}]


async def test_a_warning_that_can_no_longer_help_is_left_out(office: Office) -> None:
    case = await office.opened()
    await office.at("2026-03-02T14:30")
    assert await office.names(case) == ["deadline.started", "deadline.missed", "case.escalated"]
    steps = await office.steps_of(case)
    assert (steps["warned-3h"], steps["warned-5h"], steps["missed"]) == ("void", "void", "fired")


async def test_after_a_stoppage_all_is_worked_off_in_due_order_and_says_when_it_was_due(office: Office) -> None:
    first = await office.opened()
    office.clock.advance(timedelta(minutes=20))
    second = await office.opened()
    office.clock.move_to(shanghai("2026-03-03T09:00"))
    while await office.watcher.run_once(limit=1):
        pass
    due = [(event["case_id"], event["step"]) for event in await office.emitted() if event["step"]]
    assert due == [
        (str(first.case_id), "missed"),
        (str(first.case_id), "rung-1-station-chief"),
        (str(second.case_id), "missed"),
        (str(second.case_id), "rung-1-station-chief"),
        (str(first.case_id), "rung-2-section"),
        (str(first.case_id), "unanswered"),
        (str(second.case_id), "rung-2-section"),
        (str(second.case_id), "unanswered"),
    ]
    (missed,) = await office.emitted("deadline.missed", second)
    assert missed["at"] == "2026-03-03T09:00:00+08:00"
    assert "3月2日（周一）14:50" in missed["reason"]["zh"]
    assert "Mon 2 Mar 14:50" in missed["reason"]["en"]


async def test_reminders_missed_during_a_stoppage_are_told_as_one(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await office.at("2026-03-11T09:00")
    await office.at("2026-03-16T12:00")
    assert await office.escalated_to(case) == ["station_chief", "section", "leader", "leader"]
    await office.at("2026-03-17T09:00")  # and go on at their hour
    last = (await office.emitted("case.escalated", case))[-1]
    assert (last["at"], last["reason"]) == ("2026-03-17T09:00:00+08:00", None)


async def test_two_watchers_at_once_do_each_step_once(office: Office, database_url: str, clock: ManualClock) -> None:
    number = 60
    for _ in range(number):
        await office.opened()
    clock.move_to(shanghai("2026-03-02T16:30"))
    database = Database(database_url)
    replicas = [office.watcher, watcher(database, clock, office.settings)]

    async def work(index: int) -> int:
        done = 0
        while did := await replicas[index].run_once(limit=7):
            done += did
        return done

    done = await asyncio.gather(work(0), work(1))
    await office.watch()
    await database.close()
    assert all(done), "both found work"
    counts = await office.emitted_counts()
    assert (counts["deadline.missed"], counts["case.escalated"]) == (number, 2 * number)
    assert counts.total() == number * 4  # and started


async def test_a_step_found_before_another_replica_did_it_is_not_done_again(office: Office, clock: ManualClock) -> None:
    case = await office.opened()
    await office.at("2026-03-02T14:30")
    clock.move_to(shanghai("2026-03-02T16:30"))
    async with office.database.transaction() as connection:
        found = await office.watcher._claim(connection, clock.now(), 10)

    class Behind(Watcher):
        async def _claim(self, *_: object) -> dict[UUID, Clock]:
            return found

    behind = watcher(office.database, clock, office.settings, kind=Behind)
    await office.watch()
    assert await behind.run_once() == len(found) == 1
    assert await office.escalated_to(case) == ["station_chief", "section"]


async def test_a_clock_in_other_hands_is_left_to_them_and_holds_up_no_other(office: Office) -> None:
    """An answer in time is being written while the deadline passes: the watcher neither waits nor overlooks it."""
    answered, silent = await office.opened(), await office.opened()
    office.clock.move_to(shanghai("2026-03-02T14:30"))
    columns = tables.deadlines.c
    async with office.database.transaction() as other:
        await other.execute(select(tables.deadlines).where(columns.case_id == answered.case_id).with_for_update())
        await asyncio.wait_for(office.watch(), 10)
        assert len(await office.emitted("deadline.missed", silent)) == 1
        assert not await office.emitted("deadline.missed", answered)
    await office.receive_step(CaseType.SELF_REPORTED, answered, shanghai("2026-03-02T14:29"))
    await office.watch()
    assert await office.names(answered) == ["deadline.started", "deadline.met"]


async def test_a_pass_that_breaks_off_leaves_nothing_half_done(office: Office, clock: ManualClock) -> None:
    case = await office.opened()
    clock.move_to(shanghai("2026-03-02T14:30"))
    before = await office.steps_of(case)

    class FullOutbox(Outbox):
        async def append(self, *_: object) -> None:
            raise OSError("no space left")

    broken = watcher(office.database, clock, office.settings, outbox=FullOutbox(tables.outbox, clock))
    with pytest.raises(OSError, match="no space left"):
        await broken.run_once()
    assert await office.steps_of(case) == before
    assert (await office.clock_of(case))["state"] == "open"
    await office.watch()
    assert len(await office.emitted("deadline.missed", case)) == 1


async def test_the_miss_is_dated_by_the_due_time_not_by_the_pass(office: Office) -> None:
    case = await office.opened()
    await office.at("2026-03-02T14:45")
    assert shown((await office.clock_of(case))["missed_at"]) == "2026-03-02T14:30:00+08:00"
