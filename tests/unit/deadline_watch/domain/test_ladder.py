"""Working hours, and who must act when a deadline has passed."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadline_watch.domain import policy
from services.deadline_watch.domain.ladder import next_repeat, rungs_after_miss
from services.deadline_watch.domain.policy import DeadlinePolicy
from services.deadline_watch.domain.working_time import add_working_days, add_working_hours
from shared.contract.events import Level
from shared.contract.refusals import Invalid
from shared.contract.words import ClockKind
from shared.time.instants import SHANGHAI
from tests.unit.deadline_watch.domain.test_deadlines import CALENDAR, POLICY, shanghai, starts

HOURS = POLICY.working_hours
DATA = Path(policy.__file__).with_name("policy.yaml").read_text()


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (shanghai("2026-03-02", "09:00"), 3, shanghai("2026-03-02", "12:00")),
        (shanghai("2026-03-02", "09:00"), 4, shanghai("2026-03-02", "15:00")),
        (shanghai("2026-03-02", "13:00"), 1, shanghai("2026-03-02", "15:00")),
        (shanghai("2026-03-06", "17:30"), 1, shanghai("2026-03-09", "09:30")),  # over a weekend
        (shanghai("2026-09-30", "17:00"), 2, shanghai("2026-10-08", "10:00")),  # over the National Day
        (shanghai("2026-03-02", "00:00"), 0.5, shanghai("2026-03-02", "09:30")),
    ],
)
def test_working_hours(start: datetime, hours: float, end: datetime) -> None:
    assert add_working_hours(start, hours, CALENDAR, HOURS) == end


@given(starts, st.integers(1, 40), st.integers(1, 40))
def test_working_hours_add_up(start: datetime, first: int, second: int) -> None:
    at_once = add_working_hours(start, first + second, CALENDAR, HOURS)
    assert add_working_hours(add_working_hours(start, first, CALENDAR, HOURS), second, CALENDAR, HOURS) == at_once


@given(starts, st.integers(1, 10))
def test_working_days_end_at_the_opening_of_business(start: datetime, days: int) -> None:
    end = add_working_days(start, days, CALENDAR, HOURS).astimezone(SHANGHAI)
    assert (end.hour, end.minute) == (9, 0)
    assert CALENDAR.day(end.date()).working
    assert end - start >= timedelta(days=days)


def test_a_whole_working_day_is_one_that_begins_at_or_after_the_start() -> None:
    assert add_working_days(shanghai("2026-03-10", "00:00"), 1, CALENDAR, HOURS) == shanghai("2026-03-11", "09:00")
    assert add_working_days(shanghai("2026-03-10", "00:01"), 1, CALENDAR, HOURS) == shanghai("2026-03-12", "09:00")


def test_red_climbs_from_the_chief_to_the_leader() -> None:
    missed = shanghai("2026-03-10", "00:00")
    rungs = rungs_after_miss(ClockKind.ON_SITE, missed, POLICY, CALENDAR)
    assert [(rung.roles, rung.at) for rung in rungs] == [
        (("station_chief",), missed),
        (("section",), shanghai("2026-03-10", "15:00")),
        (("leader",), shanghai("2026-03-11", "09:00")),
    ]
    assert [rung.repeat_hours for rung in rungs] == [None, None, 24]
    assert len({rung.name for rung in rungs}) == 3


def test_yellow_reaches_the_section_in_two_clock_hours() -> None:
    missed = shanghai("2026-10-01", "03:00")  # a holiday night changes nothing
    rungs = rungs_after_miss(ClockKind.SELF_REPORT, missed, POLICY, CALENDAR)
    assert [(rung.roles, rung.at - missed) for rung in rungs] == [
        (("station_chief",), timedelta(0)),
        (("section",), timedelta(hours=2)),
    ]


def test_what_was_not_repeated_in_time_is_repeated_once() -> None:
    first = shanghai("2026-03-11", "09:00")
    assert next_repeat(first, 24, first) == (1, first + timedelta(days=1))
    assert next_repeat(first, 24, first + timedelta(days=3, hours=1)) == (4, first + timedelta(days=4))


def test_every_level_but_white_has_a_deadline() -> None:
    assert POLICY.kind_of(Level.RED) == ClockKind.ON_SITE
    assert POLICY.kind_of(Level.YELLOW) == ClockKind.SELF_REPORT
    with pytest.raises(ValueError, match="no answer"):
        POLICY.kind_of(Level.WHITE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("span: {hours: 6}", "span: {hours: 6, working_days: 1}"),
        ("share: 0.5", "share: 1.5"),
        ('["14:00", "18:00"]', '["11:00", "18:00"]'),
        ("step: warned-5h", "step: warned-3h"),
        ("roles: [section]", "roles: [mayor]"),
        ("  verification:\n", "  other:\n"),
        ("station-chief, after: {hours: 0}", "station-chief, after: {hours: 3}"),
        ("step: leader, after: {working_days: 1}", "step: leader, after: {hours: 0}"),
    ],
    ids=[
        "two units",
        "share",
        "overlapping hours",
        "step twice",
        "unknown role",
        "a kind without rule",
        "a ladder that falls",
        "a top at once above what waits",
    ],
)
def test_a_doubtful_policy_is_refused(old: str, new: str) -> None:
    text = DATA.replace(old, new)
    assert text != DATA
    with pytest.raises(Invalid):
        DeadlinePolicy.parse(text)
