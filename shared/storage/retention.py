"""The retention policy (保存期限): versioned data, checked when it is loaded.

A month is named by its first day, and is Shanghai's.
"""

from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contract.events import Bilingual
from shared.contract.yaml_text import read_yaml
from shared.time.instants import SHANGHAI, Instant

DATA = Path(__file__).with_name("retention.yaml")
_LONGEST_MONTH = 31
# An outbox drops its months when it can, which may be later than it should.
_LATENESS_MONTHS = 3


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Archive(_Strict):
    """How long rows stay in their table, and then in their month of the archive."""

    hot_days: Annotated[int, Field(ge=1)]
    kept_months: Annotated[int, Field(ge=1)] | None
    ground: Bilingual

    @model_validator(mode="after")
    def _moved_before_dropped(self) -> Self:
        if self.kept_months is not None and self.hot_days > 28 * self.kept_months:
            raise ValueError("hot_days must not be longer than kept_months: a row would be due to go before it moves")
        return self

    def moves_before(self, now: datetime) -> datetime:
        """Return the instant before which rows are moved."""
        return now - timedelta(days=self.hot_days)

    def oldest_month(self, now: datetime) -> date | None:
        """Return the oldest month that is kept; those before it are dropped. None where none ever is."""
        return None if self.kept_months is None else months_before(month_of(now), self.kept_months)


class Memory(_Strict):
    """How many days rows stay before they are deleted; null keeps them for ever."""

    kept_days: Annotated[int, Field(ge=1)] | None
    ground: Bilingual

    def forgets_before(self, now: datetime) -> datetime | None:
        return None if self.kept_days is None else now - timedelta(days=self.kept_days)


class Archives(_Strict):
    events: Archive
    outbox: Archive
    refusals: Archive


class Memories(_Strict):
    inbox: Memory
    idempotency: Memory


class RetentionPolicy(_Strict):
    """How long everything is kept that is not kept for ever."""

    version: str
    effective_from: Instant
    archives: Archives
    memories: Memories

    @model_validator(mode="after")
    def _inbox_outlives_the_outbox(self) -> Self:
        outbox, inbox = self.archives.outbox.kept_months, self.memories.inbox.kept_days
        if inbox is not None and (outbox is None or inbox < _LONGEST_MONTH * (outbox + _LATENESS_MONTHS)):
            raise ValueError(
                f"memories.inbox must be kept {_LATENESS_MONTHS} months longer than archives.outbox: "
                "an event sent again by a replay would be acted on twice"
            )
        return self


@cache
def load(path: Path = DATA) -> RetentionPolicy:
    """Load the policy. Raises pydantic's ValidationError, which names the entry and the fault."""
    return RetentionPolicy.model_validate(read_yaml(path.read_text(encoding="utf-8")))


def month_of(instant: datetime) -> date:
    return instant.astimezone(SHANGHAI).date().replace(day=1)


def months_before(month: date, number: int) -> date:
    """Return the month `number` months before `month`; after it where `number` is negative."""
    years, index = divmod(month.year * 12 + month.month - 1 - number, 12)
    return date(years, index + 1, 1)


def bounds(month: date) -> tuple[datetime, datetime]:
    """Return the first instant of the month, and the first one after it."""
    first, after = (datetime.combine(one, time(), SHANGHAI) for one in (month, months_before(month, -1)))
    return first, after
