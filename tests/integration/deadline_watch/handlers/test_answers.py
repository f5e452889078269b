"""What an answer, a return and the closing make of a clock. The server's receipt decides, not the message's arrival."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest

from shared.contract.events import CaseEvent, CaseKind, CaseType
from shared.time.instants import shown
from tests.integration.deadline_watch.office import Office, shanghai

DUE = shanghai("2026-03-02T14:30")
MICROSECOND = timedelta(microseconds=1)


async def yellow(office: Office) -> CaseEvent:
    """A case due at 14:30."""
    return await office.opened()


async def test_answered_in_time_it_is_met_and_nothing_more_happens(office: Office) -> None:
    case = await yellow(office)
    await office.at("2026-03-02T10:00")
    await office.receive_step(CaseType.SELF_REPORTED, case)
    clock = await office.clock_of(case)
    assert (clock["state"], shown(clock["met_at"])) == ("met", "2026-03-02T10:00:00+08:00")
    await office.at("2026-03-20T09:00")
    assert await office.names(case) == ["deadline.started", "deadline.met"]
    assert set((await office.steps_of(case)).values()) == {"void"}


async def test_feedback_meets_the_clock_of_a_case_on_site(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await office.receive_step(CaseType.FEEDBACK_SUBMITTED, case)
    (met,) = await office.emitted("deadline.met", case)
    assert (met["state"], met["reason"]) == ("met", None)


async def test_the_last_microsecond_is_in_time(office: Office) -> None:
    case = await yellow(office)
    await office.receive_step(CaseType.SELF_REPORTED, case, DUE - MICROSECOND)
    await office.at("2026-03-02T14:30")
    assert (await office.clock_of(case))["state"] == "met"


async def test_the_instant_of_due_is_late(office: Office) -> None:
    case = await yellow(office)
    await office.receive_step(CaseType.SELF_REPORTED, case, DUE)
    await office.at("2026-03-02T14:30")
    clock = await office.clock_of(case)
    assert (clock["state"], clock["answered_at"], clock["met_at"]) == ("overdue", DUE, None)
    assert clock["missed_at"] == DUE


async def test_a_late_answer_is_kept_and_stops_the_ladder(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await office.at("2026-03-10T10:00")
    await office.receive_step(CaseType.FEEDBACK_SUBMITTED, case)
    await office.at("2026-03-20T09:00")
    clock = await office.clock_of(case)
    assert clock["state"] == "overdue"
    assert shown(clock["answered_at"]) == "2026-03-10T10:00:00+08:00"
    assert await office.escalated_to(case) == ["station_chief"]


async def test_a_late_answer_that_is_returned_lets_the_ladder_go_on(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await office.at("2026-03-10T10:00")
    await office.receive_step(CaseType.FEEDBACK_SUBMITTED, case)
    await office.at("2026-03-10T16:00")  # the section's rung came due at 15:00
    await office.receive_step(CaseType.RETURNED, case)
    await office.at("2026-03-11T09:00")
    assert await office.escalated_to(case) == ["station_chief", "section", "leader"]


async def test_an_answer_in_time_told_of_after_the_miss_is_met_and_says_so(office: Office) -> None:
    case = await yellow(office)
    await office.at("2026-03-02T14:31")
    assert (await office.clock_of(case))["state"] == "overdue"
    await office.receive_step(CaseType.SELF_REPORTED, case, DUE - MICROSECOND)
    clock = await office.clock_of(case)
    assert (clock["state"], clock["met_at"]) == ("met", DUE - MICROSECOND)
    assert clock["missed_at"] == DUE  # that it was marked missed stays on record
    (met,) = await office.emitted("deadline.met", case)
    assert "更正" in met["reason"]["zh"]
    await office.at("2026-03-20T09:00")
    assert await office.escalated_to(case) == ["station_chief"]


async def test_a_return_opens_the_same_deadline_again(office: Office) -> None:
    case = await yellow(office)
    await office.at("2026-03-02T09:00")
    await office.receive_step(CaseType.SELF_REPORTED, case)
    await office.receive_step(CaseType.RETURNED, case)
    clock = await office.clock_of(case)
    assert (clock["state"], clock["due_at"], clock["answered_at"], clock["met_at"]) == ("open", DUE, None, None)
    for at in ("11:30", "13:30", "14:30"):
        await office.at(f"2026-03-02T{at}")
    assert await office.names(case) == [
        "deadline.started",
        "deadline.met",
        *["deadline.warned"] * 2,
        "deadline.missed",
        "case.escalated",
    ]


async def test_returned_after_due_it_is_missed_by_the_next_pass(office: Office) -> None:
    case = await yellow(office)
    await office.receive_step(CaseType.SELF_REPORTED, case)
    await office.at("2026-03-02T15:00")
    await office.receive_step(CaseType.RETURNED, case)
    await office.watch()
    clock = await office.clock_of(case)
    assert (clock["state"], clock["missed_at"]) == ("overdue", DUE)
    assert await office.escalated_to(case) == ["station_chief"]


async def test_a_corrected_miss_that_is_returned_is_overdue_again_and_climbs_on(office: Office) -> None:
    case = await yellow(office)
    await office.at("2026-03-02T14:31")
    await office.receive_step(CaseType.SELF_REPORTED, case, DUE - MICROSECOND)
    await office.at("2026-03-02T17:00")
    await office.receive_step(CaseType.RETURNED, case)
    await office.watch()
    assert (await office.clock_of(case))["state"] == "overdue"
    assert len(await office.emitted("deadline.missed", case)) == 2
    assert await office.escalated_to(case) == ["station_chief", "section"]


async def test_closed_before_it_was_answered_it_is_cancelled(office: Office) -> None:
    case = await yellow(office)
    await office.receive_step(CaseType.CLOSED, case)
    await office.at("2026-03-20T09:00")
    clock = await office.clock_of(case)
    assert (clock["state"], clock["closed_at"]) == ("cancelled", case.at)
    assert await office.names(case) == ["deadline.started"]


async def test_closed_after_an_answer_in_time_it_stays_met(office: Office) -> None:
    case = await yellow(office)
    await office.receive_step(CaseType.SELF_REPORTED, case)
    await office.receive_step(CaseType.CLOSED, case)
    clock = await office.clock_of(case)
    assert (clock["state"], clock["closed_at"]) == ("met", case.at)


@pytest.mark.parametrize("watched_first", [True, False])
async def test_closed_after_a_late_answer_it_stays_overdue(office: Office, *, watched_first: bool) -> None:
    """Also where answer and closing were read from the topic before the watcher's first pass after a stoppage."""
    case = await yellow(office)
    office.clock.move_to(DUE + timedelta(hours=1))
    if watched_first:
        await office.watch()
    await office.receive_step(CaseType.SELF_REPORTED, case, DUE + timedelta(minutes=10))
    await office.receive_step(CaseType.CLOSED, case, DUE + timedelta(minutes=20))
    await office.at("2026-03-20T09:00")
    clock = await office.clock_of(case)
    assert (clock["state"], clock["missed_at"]) == ("overdue", DUE)
    assert clock["closed_at"] == DUE + timedelta(minutes=20)
    assert len(await office.emitted("deadline.missed", case)) == 1
    assert await office.escalated_to(case) == (["station_chief"] if watched_first else [])


async def test_other_steps_of_a_case_leave_its_clock_alone(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    before = await office.clock_of(case)
    for type_ in (CaseType.ASSIGNED, CaseType.ACCEPTED, CaseType.DEPARTED, CaseType.ARRIVED, CaseType.REASSIGNED):
        await office.receive_step(type_, case)
    assert await office.clock_of(case) == before | {"acted_at": case.at}
    assert await office.names(case) == ["deadline.started"]


async def test_duplicates_change_nothing(office: Office) -> None:
    case = office.case()
    story = [
        office.step(CaseType.OPENED, case),
        office.step(CaseType.SELF_REPORTED, case, DUE - timedelta(hours=3)),
        office.step(CaseType.RETURNED, case, DUE - timedelta(hours=2)),
        office.step(CaseType.SELF_REPORTED, case, DUE - timedelta(hours=1)),
        office.step(CaseType.CLOSED, case, DUE + timedelta(hours=1)),
    ]
    await office.receive(*story)
    names, clock = await office.names(case), await office.clock_of(case)
    await office.receive(*story, *reversed(story))
    assert await office.names(case) == names
    assert await office.clock_of(case) == clock


IN_TIME, LATE = DUE - timedelta(hours=1), DUE + timedelta(hours=1)
LATER = LATE + timedelta(hours=1)


@pytest.mark.parametrize(
    ("answered_again", "closed", "state"),
    [
        (IN_TIME, LATE, "met"),
        (LATE, LATER, "overdue"),
        (None, IN_TIME, "cancelled"),
        (None, LATE, "overdue"),
    ],
    ids=["answered again in time", "answered again late", "closed in time", "closed late"],
)
async def test_in_whatever_order_they_are_received_it_ends_the_same(
    office: Office, answered_again: datetime | None, closed: datetime, state: str
) -> None:
    cases = [office.case() for _ in orders(answered_again, closed)]
    for case, order in zip(cases, orders(answered_again, closed), strict=True):
        await office.receive(*(office.step(type_, case, at) for type_, at in order))
    await office.at("2026-03-20T09:00")
    for case in cases:
        clock = await office.clock_of(case)
        assert {name: clock[name] for name in ("state", "answered_at", "met_at", "missed_at", "closed_at")} == {
            "state": state,
            "answered_at": answered_again,
            "met_at": answered_again if state == "met" else None,
            "missed_at": DUE if state == "overdue" else None,
            "closed_at": closed,
        }
        assert len(await office.emitted("deadline.missed", case)) == (state == "overdue")
        assert not await office.escalated_to(case)


@pytest.mark.parametrize(("answered_again", "state"), [(IN_TIME, "met"), (LATE, "overdue")])
async def test_so_it_does_with_the_watcher_at_work_between_the_messages(
    office: Office, answered_again: datetime, state: str
) -> None:
    """All is received after due: each order is seen missed in between, and is put right."""
    cases = [office.case() for _ in orders(answered_again, LATER)]
    office.clock.move_to(LATER)
    for messages in zip(*orders(answered_again, LATER), strict=True):
        for case, (type_, at) in zip(cases, messages, strict=True):
            await office.receive_step(type_, case, at)
        await office.watch()
    for case in cases:
        clock = await office.clock_of(case)
        assert (clock["state"], clock["answered_at"], clock["closed_at"]) == (state, answered_again, LATER)
        last = [name for name in await office.names(case) if name in {"deadline.met", "deadline.missed"}][-1]
        assert last == ("deadline.met" if state == "met" else "deadline.missed")


def orders(answered_again: datetime | None, closed: datetime) -> list[tuple[tuple[CaseType, datetime], ...]]:
    """Answered, returned, answered again (or not) and closed: the messages of it, in every order."""
    again = [] if answered_again is None else [(CaseType.SELF_REPORTED, answered_again)]
    return list(
        permutations(
            [
                (CaseType.OPENED, DUE - timedelta(hours=6)),
                (CaseType.SELF_REPORTED, DUE - timedelta(hours=3)),
                (CaseType.RETURNED, DUE - timedelta(hours=2)),
                *again,
                (CaseType.CLOSED, closed),
            ]
        )
    )
