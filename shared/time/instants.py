"""Instants: aware datetimes, stored in UTC, computed in Asia/Shanghai, shown with the offset +08:00."""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, PlainSerializer

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Before, Shanghai kept its own mean time; after, there is no year at +08:00, and for some offsets none in UTC.
_FIRST = datetime(1901, 1, 1, tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC) - timedelta(hours=8)  # in UTC, as most instants are: compared at once


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
    """The instant that `text` writes, in UTC. Raises ValueError for one without an offset."""
    return aware(datetime.fromisoformat(text))


@lru_cache(maxsize=4_096)
def shown(instant: datetime) -> str:
    """RFC 3339 with the offset +08:00, as every answer and event of the system shows it."""
    return aware(instant).astimezone(SHANGHAI).isoformat()


Instant = Annotated[AwareDatetime, AfterValidator(_keepable), PlainSerializer(shown, return_type=str, when_used="json")]
"""A pydantic field type: refuses times that are naive or of no year that can be kept, and is written at +08:00."""
