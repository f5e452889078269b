"""Counting time: working days and working hours in Shanghai. Pure; every instant in and out is aware."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from services.deadline_watch.domain.calendar import Day, WorkingCalendar
from services.deadline_watch.domain.policy import Span
from shared.time.instants import SHANGHAI, aware, instant_on

_DAY = timedelta(days=1)
Hours = Sequence[tuple[time, time]]


def midnight(day: date) -> datetime:
    """The instant at which `day` begins in Shanghai, in UTC."""
    return instant_on(day, time())


def local_date(instant: datetime) -> date:
    """The date of `instant` in Shanghai. Raises ValueError for a naive one."""
    return aware(instant).astimezone(SHANGHAI).date()


def days_from(first: date, calendar: WorkingCalendar) -> Iterator[Day]:
    """The days of the calendar from `first` on, without end."""
    while True:
        yield calendar.day(first)
        first += _DAY


def add_working_hours(start: datetime, hours: float, calendar: WorkingCalendar, working_hours: Hours) -> datetime:
    """The instant at which `hours` of working time after `start` have passed, in UTC."""
    left, moment = timedelta(hours=hours), aware(start)
    for day in days_from(local_date(moment), calendar):
        for opening, closing in working_hours if day.working else ():
            opens, closes = instant_on(day.date, opening), instant_on(day.date, closing)
            begins = max(opens, moment)
            if begins >= closes:
                continue
            if closes - begins >= left:
                return begins + left
            left -= closes - begins
    raise AssertionError("days have no end")


def add_working_days(start: datetime, days: int, calendar: WorkingCalendar, working_hours: Hours) -> datetime:
    """The opening of business after `days` whole working days from `start` have passed, in UTC.

    A day that `start` lies within is not whole; one that begins at `start` is.
    """
    first = local_date(start)
    if midnight(first) < aware(start):
        first += _DAY
    working = (day.date for day in days_from(first, calendar) if day.working)
    for _ in range(days):
        next(working)
    return instant_on(next(working), working_hours[0][0])


def after(start: datetime, span: Span, calendar: WorkingCalendar, working_hours: Hours) -> datetime:
    """The instant `span` after `start`, in UTC."""
    if span.hours is not None:
        return aware(start) + timedelta(hours=span.hours)
    if span.working_hours is not None:
        return add_working_hours(start, span.working_hours, calendar, working_hours)
    assert span.working_days is not None  # noqa: S101  a span has exactly one unit
    return add_working_days(start, span.working_days, calendar, working_hours)


def working_time(start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
    """How much of the working days, midnight to midnight, lies between two instants."""
    start, end, total = aware(start), aware(end), timedelta()
    for day in days_from(local_date(start), calendar):
        begins = midnight(day.date)
        if begins >= end:
            return total
        if day.working:
            total += min(end, begins + _DAY) - max(start, begins)
    raise AssertionError("days have no end")


def add_working_time(start: datetime, span: timedelta, calendar: WorkingCalendar) -> datetime:
    """The first instant at which `span` of working days, midnight to midnight, lies behind `start`, in UTC.

    The inverse of `working_time`: it ends with the working day that is filled, not with the next one's beginning.
    """
    left, moment = span, aware(start)
    for day in days_from(local_date(moment), calendar):
        if left <= timedelta():
            return moment
        if day.working:
            begins = max(moment, midnight(day.date))
            ends = midnight(day.date) + _DAY
            if ends - begins >= left:
                return begins + left
            left -= ends - begins
    raise AssertionError("days have no end")
