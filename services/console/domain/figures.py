"""The figures of a period: by what they are counted, what each is called, and how its cases are found again. Pure.

What is counted as handled, finished, on time and late is defined in `completion`. Here a period counts the cases that
were opened in it, so that a figure of a past month changes only where one of its cases does.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import urlencode

from shared.contract.events import Bilingual
from shared.contract.refusals import Invalid
from shared.contract.words import DecisiveOutcome
from shared.time.instants import SHANGHAI, instant_on, shown

LONGEST_DAYS = 1900
"""A little over five years: what a bureau keeps at hand."""


class Period(StrEnum):
    """A stretch of the calendar, in Shanghai; a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Grouping(StrEnum):
    """What the rows of figures are counted by. A case counts for every officer of its team."""

    STATION = "station"
    OFFICER = "officer"
    LEVEL = "level"
    CATEGORY = "category"
    ENTERPRISE = "enterprise"
    DAY = "day"
    HOUR = "hour"


class Span(NamedTuple):
    """Whole days, the last one not included."""

    since: date
    until: date

    @property
    def starts_at(self) -> datetime:
        return instant_on(self.since, time())

    @property
    def ends_at(self) -> datetime:
        return instant_on(self.until, time())


def span_of(now: datetime, period: Period, since: date | None, until: date | None) -> Span:
    """The days from `since` to before `until`: without `since`, from the start of the `period` that now lies in (or the
    day before `until`); without `until`, one `period` long.

    Raises Invalid for days in the wrong order, or more of them than are counted at once.
    """
    first = since or _start(now.astimezone(SHANGHAI).date() if until is None else until - timedelta(days=1), period)
    last = until or _end(first, period)
    if last <= first:
        raise Invalid("invalid-period", "`until` must be a later day than `from`.", title="Invalid period")
    if (last - first).days > LONGEST_DAYS:
        raise Invalid("invalid-period", f"At most {LONGEST_DAYS} days are counted at once.", title="Invalid period")
    return Span(first, last)


def _start(day: date, period: Period) -> date:
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)
        case Period.QUARTER:
            return day.replace(month=day.month - (day.month - 1) % 3, day=1)
        case Period.YEAR:
            return day.replace(month=1, day=1)


_MONTHS = {Period.MONTH: 1, Period.QUARTER: 3, Period.YEAR: 12}


def _end(day: date, period: Period) -> date:
    if period in (Period.DAY, Period.WEEK):
        return day + timedelta(days=1 if period is Period.DAY else 7)
    months = day.month - 1 + _MONTHS[period]
    year, month = day.year + months // 12, months % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


DEFINITIONS: Mapping[str, Bilingual] = {
    "total": Bilingual(
        zh="期内立案的案件，重新分级的只计后案", en="Cases opened in the period; of one graded anew, the later"
    ),
    "handled": Bilingual(zh="已办理：已有办理结果", en="Handled: ended in an outcome"),
    "finished": Bilingual(
        zh="已办结：已办理，且复查全部结束、立案号已补", en="Finished: handled, its checks ended and its file numbered"
    ),
    "on_time": Bilingual(zh="按期办理：已办理，各项时限均未逾期", en="On time: handled, and no clock of it was missed"),
    "late": Bilingual(zh="逾期办理：已办理，有时限逾期", en="Late: handled, and a clock of it was missed"),
    "open": Bilingual(zh="在办", en="Open"),
    "overdue": Bilingual(zh="在办且已逾期", en="Open, and overdue"),
    "false_alarms": Bilingual(zh="经复核认定为误报", en="Found to be false alarms"),
    "response_seconds": Bilingual(zh="自发出至首次反馈的时间", en="From issue to the first answer"),
    "arrival_seconds": Bilingual(zh="自发出至首次到场的时间", en="From issue to the first arrival on site"),
}
"""What each figure means, as it is shown beside it."""

_FOUND_BY: Mapping[str, Mapping[str, str]] = {
    "total": {},
    "handled": {"handled": "true"},
    "finished": {"finished": "true"},
    "on_time": {"handled": "true", "on_time": "true"},
    "late": {"handled": "true", "on_time": "false"},
    "open": {"open": "true"},
    "overdue": {"overdue": "true"},
    "false_alarms": {"handled": "true", "outcome": str(DecisiveOutcome.FALSE_ALARM)},
}
COUNTS = tuple(_FOUND_BY)
"""The figures that count cases."""


def questions(span: Span, filters: Mapping[str, Sequence[str]], by: Grouping, key: str | None) -> dict[str, str]:
    """By figure, what to ask `/cases` for exactly the cases that it counts; `key` None for those of all rows."""
    asked: dict[str, Any] = {
        "counted": "true",
        "opened_since": shown(span.starts_at),
        "opened_until": shown(span.ends_at),
        **{name: list(values) for name, values in filters.items() if values},
    }
    if key is not None and by is Grouping.DAY:
        day = date.fromisoformat(key)
        asked |= {
            "opened_since": shown(instant_on(day, time())),
            "opened_until": shown(instant_on(day + timedelta(days=1), time())),
        }
    elif key is not None:
        asked[by.value] = key
    return {name: urlencode({**asked, **found}, doseq=True) for name, found in _FOUND_BY.items()}
