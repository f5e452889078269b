"""Which policy decides, and what a change of calendar or policy does to the clocks that run."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.deadline_watch.domain.calendar import WorkingCalendar, Year
from services.deadline_watch.domain.clocks import Clock, ComputedClock, State
from services.deadline_watch.domain.deadlines import compute
from services.deadline_watch.domain.policy import DeadlinePolicy
from services.deadline_watch.domain.recalculation import AffectedClocks, affected, changed_days, reasons, recomputed
from services.deadline_watch.domain.rules_in_force import RulesInForce
from shared.contract.events import Level
from shared.contract.words import ClockKind
from tests.unit.deadline_watch.domain.test_deadlines import CALENDAR, POLICY, shanghai

BEFORE = RulesInForce(CALENDAR, [POLICY])


def policy(version: str, effective_from: datetime, **deadlines: Any) -> DeadlinePolicy:
    return POLICY.model_copy(
        update={
            "version": version,
            "effective_from": effective_from,
            "deadlines": POLICY.deadlines | deadlines,
        }
    )


def stored(start: datetime, kind: ClockKind = ClockKind.ON_SITE, **changes: Any) -> ComputedClock:
    deadline = compute(kind, start, POLICY, CALENDAR)
    facts: dict[str, Any] = {
        "deadline_id": uuid4(),
        "case_id": uuid4(),
        "alert_id": uuid4(),
        "kind": kind,
        "level": Level.RED,
        "enterprise_code": "91440306MA5000001W",
        "station": "xinan",
        "state": State.OPEN,
        "started_at": start,
        "due_at": deadline.due_at,
        "due_text": deadline.due_text,
        "provisional": deadline.provisional,
        "version": 1,
        "policy_version": POLICY.version,
        "calendar_version": CALENDAR.version,
    }
    return ComputedClock(Clock(**facts | changes), deadline.explanation.model_dump(mode="json"), [])


def with_2027(**days: list[date]) -> WorkingCalendar:
    year = Year.model_validate(
        {
            "published": True,
            "notice": {"title": "关于2027年部分节假日安排的通知", "number": "国办发明电〔2026〕1号"},
            "days_off": {"元旦": [date(2027, 1, 1), *days.get("off", [])]},
            "make_up_days": {"元旦": days["made_up"]} if "made_up" in days else {},
        }
    )
    return CALENDAR.with_year(2027, year, "with-2027")


def test_the_policy_in_force_at_the_start_decides() -> None:
    first, second = policy("1", shanghai("2026-01-01")), policy("2", shanghai("2026-06-01"))
    rules = RulesInForce(CALENDAR, [second, first])
    assert rules.policy_at(shanghai("2025-12-01")).version == "1"
    assert rules.policy_at(shanghai("2026-06-01") - timedelta(microseconds=1)).version == "1"
    assert rules.policy_at(shanghai("2026-06-01")).version == "2"
    again = policy("2b", shanghai("2026-06-01"))
    assert RulesInForce(CALENDAR, [second, first, again]).policy_at(shanghai("2026-07-01")).version == "2b"
    assert rules.policy("1").version == "1"
    assert rules.policy("lost").version == "2"


def test_nothing_changes_but_the_name_of_the_version() -> None:
    assert recomputed(stored(shanghai("2026-03-02")), replace(BEFORE, calendar=with_2027())) is None
    later = RulesInForce(CALENDAR, [POLICY, policy("next", POLICY.effective_from)])
    assert recomputed(stored(shanghai("2026-03-02")), later) is None


@pytest.mark.parametrize(
    ("days", "fate", "due"),
    [
        ({}, "final", "2027-01-07 24:00 (+08:00)"),
        ({"off": [date(2027, 1, 4)]}, "moved", "2027-01-08 24:00 (+08:00)"),
        ({"made_up": [date(2027, 1, 2)]}, "moved", "2027-01-06 24:00 (+08:00)"),
    ],
    ids=["as assumed", "a day off more", "a Saturday made up"],
)
def test_the_year_end_is_made_final_or_moved(days: dict[str, list[date]], fate: str, due: str) -> None:
    clock = stored(shanghai("2026-12-30", "16:20"))
    deadline = recomputed(clock, replace(BEFORE, calendar=with_2027(**days)))
    assert deadline is not None
    became = affected(clock.clock, deadline, shanghai("2026-12-31"))
    assert (became.fate, became.due_text_after, became.provisional_after) == (fate, due, False)
    assert became.is_changed
    moves = AffectedClocks()
    moves.count(became)
    assert (moves.made_final, moves.moved) == (1, fate == "moved")
    assert moves.by == ({} if fate == "final" else {"+24 h" if days.get("off") else "-24 h": 1})


def test_what_was_missed_stays_missed_and_what_was_in_time_stays_in_time() -> None:
    later, earlier = with_2027(off=[date(2027, 1, 4)]), with_2027(made_up=[date(2027, 1, 2)])
    start = shanghai("2026-12-30")
    missed = stored(start, missed_at=shanghai("2027-01-08", "00:00"))
    deadline = recomputed(missed, replace(BEFORE, calendar=later))
    assert deadline is not None
    stands = affected(missed.clock, deadline, shanghai("2027-01-08"))
    assert (stands.fate, stands.is_changed) == ("missed_stands", False)
    answered = shanghai("2027-01-07", "15:00")
    met = stored(start, met_at=answered, answered_at=answered)
    deadline = recomputed(met, replace(BEFORE, calendar=earlier))
    assert deadline is not None
    stands = affected(met.clock, deadline, shanghai("2027-01-08"))
    assert (stands.fate, stands.is_changed) == ("answer_stands", False)


def test_moved_into_the_past_it_becomes_overdue() -> None:
    clock = stored(shanghai("2026-12-30"))
    deadline = recomputed(clock, replace(BEFORE, calendar=with_2027(made_up=[date(2027, 1, 2)])))
    assert deadline is not None
    assert affected(clock.clock, deadline, shanghai("2027-01-07", "10:00")).becomes_overdue
    assert not affected(clock.clock, deadline, shanghai("2027-01-06", "10:00")).becomes_overdue


def test_a_policy_that_warns_otherwise_reaches_the_clocks_it_is_in_force_for() -> None:
    rule = POLICY.deadlines[ClockKind.ON_SITE]
    fewer = policy("2", shanghai("2026-03-01"), on_site=rule.model_copy(update={"warnings": rule.warnings[:1]}))
    rules = RulesInForce(CALENDAR, [POLICY, fewer])
    assert recomputed(stored(shanghai("2026-02-27")), rules) is None
    clock = stored(shanghai("2026-03-02"))
    deadline = recomputed(clock, rules)
    assert deadline is not None
    assert len(deadline.warnings) == 1
    assert affected(clock.clock, deadline, shanghai("2026-03-02")).fate == "recomputed"


def test_a_moved_deadline_names_the_days_that_move_it() -> None:
    clock = stored(shanghai("2026-12-30"))
    after = replace(BEFORE, calendar=with_2027(off=[date(2027, 1, 4), date(2027, 6, 1)], made_up=[date(2027, 1, 3)]))
    days = changed_days(BEFORE.calendar, after.calendar)
    assert {day.date: day.working for day in days if day.date <= date(2027, 1, 31) or day.date == date(2027, 6, 1)} == {
        date(2027, 1, 3): True,
        date(2027, 1, 4): False,
        date(2027, 6, 1): False,
    }
    deadline = recomputed(clock, replace(BEFORE, calendar=with_2027(off=[date(2027, 1, 4), date(2027, 6, 1)])))
    assert deadline is not None
    moved = affected(clock.clock, deadline, shanghai("2026-12-31"))
    # What changes in June moves nothing that is due in January.
    assert [day.date for day in reasons(moved, clock.clock.started_at, days)] == [date(2027, 1, 3), date(2027, 1, 4)]
    assert not reasons(moved.model_copy(update={"fate": "final"}), clock.clock.started_at, days)
