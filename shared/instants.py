"""Instants: aware datetimes, stored in UTC, computed in Asia/Shanghai, shown with the offset +08:00."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, PlainSerializer

SHANGHAI = ZoneInfo("Asia/Shanghai")


def aware(instant: datetime) -> datetime:
    """`instant` in UTC. Raises ValueError for a naive one: a time without an offset is no evidence."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no offset from UTC")
    return instant.astimezone(UTC)


def instant_of(text: str) -> datetime:
    """The instant that `text` writes, in UTC. Raises ValueError for one without an offset."""
    return aware(datetime.fromisoformat(text))


@lru_cache(maxsize=4_096)
def shown(instant: datetime) -> str:
    """RFC 3339 with the offset +08:00, as every answer and event of the system shows it."""
    return aware(instant).astimezone(SHANGHAI).isoformat()


Instant = Annotated[AwareDatetime, PlainSerializer(shown, return_type=str, when_used="json")]
"""A pydantic field type: refuses naive times, and is written with the offset +08:00."""
