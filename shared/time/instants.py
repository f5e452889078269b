"""Instants: aware datetimes, stored in UTC, computed in Asia/Shanghai, shown with the offset +08:00."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, PlainSerializer

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Before, Shanghai kept its own mean time; after, there is no year at +08:00, and for some offsets none in UTC.
_FIRST = datetime(1901, 1, 1, tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC) - timedelta(hours=8)  # in UTC, as most instants are: compared at once


_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_A_TIME = "a time is a text with date, time and offset from UTC, such as 2026-11-23T09:05:00+08:00"
_A_DATE = "a date is a text of the form 2026-11-23"


def aware(instant: datetime) -> datetime:
    """`instant` in UTC. Raises ValueError for a naive one, for a time without an offset is no evidence, and for one
    that cannot be kept or shown.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no offset from UTC")
    return _keepable(instant).astimezone(UTC)


def _keepable(instant: datetime) -> datetime:
    if not _FIRST <= instant <= _LAST:
        raise ValueError("the time lies outside the years 1901 to 9999")
    return instant


def instant_on(day: date, at: time) -> datetime:
    """The instant of `at`, a time without an offset, on `day` in Shanghai, in UTC."""
    return aware(datetime.combine(day, at, SHANGHAI))


def instant_of(text: str) -> datetime:
    """The instant that `text` writes, in UTC. Raises ValueError for what is no time, or one without an offset."""
    return aware(_time(text))


@lru_cache(maxsize=4_096)
def shown(instant: datetime) -> str:
    """RFC 3339 with the offset +08:00, as every answer and event of the system shows it."""
    return aware(instant).astimezone(SHANGHAI).isoformat()


@lru_cache(maxsize=4_096)
def _time(given: str) -> datetime:
    """Read what RFC 3339 writes, and no other form: `20261122` would be a second of the year 1970 to some readers."""
    found = _TIME.fullmatch(given.strip())
    if found is None:
        hint = " (in an address, + is written %2B)" if re.search(r"T\d{2}:\d{2}\S* \d{2}:?\d{2}$", given) else ""
        raise ValueError(f"{_A_TIME}; this is {given[:60]!r}{hint}")
    day, clock, offset = found.groups()
    if offset is None:
        raise ValueError(f"{_A_TIME}; {given[:60]!r} has no offset from UTC")
    return datetime.fromisoformat(f"{day}T{clock}{offset.upper()}")


def _read_time(given: Any) -> datetime:
    if isinstance(given, datetime):
        return given
    if isinstance(given, str):
        return _time(given)
    raise ValueError(f"{_A_TIME}; this is {repr(given)[:60]}")


def _read_date(given: Any) -> date:
    if isinstance(given, date) and not isinstance(given, datetime):
        return given
    if isinstance(given, str) and _DATE.fullmatch(given.strip()):
        return date.fromisoformat(given.strip())
    raise ValueError(f"{_A_DATE}; this is {repr(given)[:60]}")


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_read_time),
    AfterValidator(_keepable),
    PlainSerializer(shown, return_type=str, when_used="json"),
]
"""A pydantic field type: refuses what is not written as a time with offset, and what is of no year that can be kept.

It is written at +08:00.
"""
CalendarDate = Annotated[date, BeforeValidator(_read_date)]
"""A pydantic field type: a day as 2026-11-23, and in no other form; a number is no date."""
