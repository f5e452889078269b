"""Periods of figures, and the questions that find a figure's cases again."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.figures import COUNTS, DEFINITIONS, Grouping, Period, Span, questions, span_of
from shared.contract.refusals import Invalid
from shared.time.instants import SHANGHAI

days = st.dates(date(2020, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("period", "since", "until"),
    [
        (Period.DAY, date(2026, 11, 29), date(2026, 11, 30)),
        (Period.WEEK, date(2026, 11, 23), date(2026, 11, 30)),
        (Period.MONTH, date(2026, 11, 1), date(2026, 12, 1)),
        (Period.QUARTER, date(2026, 10, 1), date(2027, 1, 1)),
        (Period.YEAR, date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_the_period_that_now_lies_in(period: Period, since: date, until: date) -> None:
    # 23:30 in Shanghai on the 29th.
    assert span_of(datetime(2026, 11, 29, 15, 30, tzinfo=UTC), period, None, None) == Span(since, until)


def test_a_day_begins_in_shanghai() -> None:
    assert span_of(datetime(2026, 11, 30, 16, 0, tzinfo=UTC), Period.MONTH, None, None).since == date(2026, 12, 1)


@given(days, st.sampled_from(Period))
def test_now_lies_in_its_period(day: date, period: Period) -> None:
    now = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    span = span_of(now, period, None, None)
    assert span.since <= day < span.until
    # The period after it begins where this one ends.
    after = span_of(datetime(span.until.year, span.until.month, span.until.day, tzinfo=SHANGHAI), period, None, None)
    assert after.since == span.until


@given(days, st.sampled_from(Period))
def test_from_a_day_on_the_period_is_as_long_as_the_calendar_has_it(day: date, period: Period) -> None:
    span = span_of(datetime(2026, 1, 1, tzinfo=UTC), period, day, None)
    assert span.since == day
    longest = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31, Period.QUARTER: 92, Period.YEAR: 366}[period]
    assert 0 < (span.until - span.since).days <= longest


def test_days_in_the_wrong_order_and_too_many_are_refused() -> None:
    now, day = datetime(2026, 11, 29, tzinfo=UTC), date(2026, 11, 29)
    for since, until in ((day, day), (day, day - timedelta(days=1)), (day - timedelta(days=4000), day)):
        with pytest.raises(Invalid):
            span_of(now, Period.DAY, since, until)


def test_each_figure_says_how_its_cases_are_found() -> None:
    asked = questions(Span(date(2026, 11, 1), date(2026, 12, 1)), {"level": ["red"]}, Grouping.STATION, "xixiang")
    assert tuple(asked) == COUNTS
    assert set(COUNTS) <= DEFINITIONS.keys()
    assert parse_qs(asked["late"]) == {
        "counted": ["true"],
        "opened_since": ["2026-11-01T00:00:00+08:00"],
        "opened_until": ["2026-12-01T00:00:00+08:00"],
        "level": ["red"],
        "station": ["xixiang"],
        "handled": ["true"],
        "on_time": ["false"],
    }


def test_the_cases_of_a_day_are_those_of_that_day() -> None:
    asked = questions(Span(date(2026, 11, 1), date(2026, 12, 1)), {}, Grouping.DAY, "2026-11-09")
    assert parse_qs(asked["total"])["opened_until"] == ["2026-11-10T00:00:00+08:00"]
