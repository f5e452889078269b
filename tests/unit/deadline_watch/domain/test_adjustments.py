"""Pausing and extending: the remaining time is exact to the second, and the explanation says who and why."""

from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.deadline_watch.domain.adjustments import Extension, Pause
from services.deadline_watch.domain.deadlines import compute
from services.deadline_watch.domain.policy import Span
from services.deadline_watch.domain.working_time import add_working_time, working_time
from shared.contract.words import ClockKind
from tests.unit.deadline_watch.domain.test_deadlines import CALENDAR, POLICY, red, shanghai, starts

SECONDS = st.integers(0, 40 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
BY = {"reason": "台风红色预警", "ground": "《突发事件应对法》第五十条", "requested_by": "zhang", "approver": "li"}


def pause(at: datetime, resumed_at: datetime | None = None) -> Pause:
    return Pause(at=at, resumed_at=resumed_at, **BY)


def extension(at: datetime, **by: float) -> Extension:
    return Extension(at=at, by=Span.model_validate(by), **BY)


@given(starts, SECONDS)
def test_adding_working_time_is_the_inverse_of_counting_it(start: datetime, span: timedelta) -> None:
    end = add_working_time(start, span, CALENDAR)
    assert working_time(start, end, CALENDAR) == span


@given(starts, SECONDS, SECONDS)
def test_working_time_adds_up(start: datetime, first: timedelta, second: timedelta) -> None:
    middle, end = start + first, start + first + second
    whole = working_time(start, end, CALENDAR)
    assert working_time(start, middle, CALENDAR) + working_time(middle, end, CALENDAR) == whole
    assert whole <= end - start


def test_six_hours_paused_after_two_have_four_left() -> None:
    start = shanghai("2026-03-02", "08:30")
    paused, resumed = shanghai("2026-03-02", "10:30:07"), shanghai("2026-03-04", "09:00")
    deadline = compute(ClockKind.SELF_REPORT, start, POLICY, CALENDAR, [pause(paused, resumed)])
    assert deadline.due_at == resumed + (start + timedelta(hours=6) - paused)
    assert deadline.due_text == "2026-03-04 12:59:53 (+08:00)"


def test_five_working_days_paused_over_a_holiday_lose_none_of_them() -> None:
    start = shanghai("2026-09-29")  # the five: 09-30, 10-08, 10-09, the make-up Saturday 10-10, 10-12
    assert red(start).due_text == "2026-10-12 24:00 (+08:00)"
    paused, resumed = shanghai("2026-09-30", "12:00"), shanghai("2026-10-08", "12:00")
    deadline = compute(ClockKind.ON_SITE, start, POLICY, CALENDAR, [pause(paused, resumed)])
    left = timedelta(days=4, hours=12)
    assert working_time(paused, red(start).due_at, CALENDAR) == left
    assert working_time(resumed, deadline.due_at, CALENDAR) == left
    assert deadline.due_text == "2026-10-13 24:00 (+08:00)"  # half of the 8th, the 9th, 10th, 12th, and the 13th


@given(starts, st.floats(0, 0.999), SECONDS)
def test_what_was_left_is_left(start: datetime, share: float, still: timedelta) -> None:
    due = red(start).due_at
    paused = start + (due - start) * share
    resumed = paused + still
    assume(resumed.year < 2026)
    deadline = compute(ClockKind.ON_SITE, start, POLICY, CALENDAR, [pause(paused, resumed)])
    assert working_time(paused, due, CALENDAR) == working_time(resumed, deadline.due_at, CALENDAR)
    assert deadline.due_at >= due


def test_a_pause_of_no_length_changes_nothing() -> None:
    start, at = shanghai("2026-03-02"), shanghai("2026-03-04", "11:00")
    deadline = compute(ClockKind.ON_SITE, start, POLICY, CALENDAR, [pause(at, at)])
    assert deadline.due_at == red(start).due_at


def test_while_it_stands_still_the_due_time_is_the_one_before() -> None:
    start = shanghai("2026-03-02")
    deadline = compute(ClockKind.ON_SITE, start, POLICY, CALENDAR, [pause(shanghai("2026-03-04"))])
    assert deadline.due_at == red(start).due_at
    assert "2026-03-04T10:00:00+08:00 起中止计时：台风红色预警" in deadline.explanation.text.zh


@pytest.mark.parametrize(
    ("by", "due"),
    [
        ({"working_days": 2}, "2026-03-11 24:00 (+08:00)"),
        ({"hours": 36}, "2026-03-11 12:00:00 (+08:00)"),
    ],
)
def test_an_extension_adds_hours_or_working_days(by: dict[str, float], due: str) -> None:
    start = shanghai("2026-03-02")
    deadline = compute(ClockKind.ON_SITE, start, POLICY, CALENDAR, [extension(shanghai("2026-03-03"), **by)])
    assert deadline.due_text == due
    for words in ("台风红色预警", "第五十条", "zhang → li", f"到期改为 {due}"):
        assert words in deadline.explanation.text.zh


def test_an_extension_into_an_unpublished_year_is_provisional() -> None:
    start = shanghai("2026-12-18")
    assert not red(start).provisional
    late = compute(ClockKind.ON_SITE, start, POLICY, CALENDAR, [extension(shanghai("2026-12-22"), working_days=10)])
    assert late.provisional
    assert "2027" in late.explanation.text.zh.split("暂定：")[1]
