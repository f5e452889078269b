"""History facts (历史事实): what else happened at the outlet or enterprise before, counted exactly.

They count alerts, one for one anomaly, so duplicates and repeats change nothing. They go by when the anomalies
occurred, not by when they arrived, and by each alert's own grade, the one its own facts give without any history:
so that late arrivals count the same, and one upgrade never feeds the next.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contract.events import Level
from shared.time.instants import SHANGHAI, instant_on

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Within(_Strict):
    """A span that ends with the anomaly itself: so many hours or days back, or since a calendar day or month began."""

    hours: Annotated[float, Field(gt=0, le=24 * 366)] | None = None
    days: Annotated[float, Field(gt=0, le=366)] | None = None
    calendar: Literal["day", "month"] | None = None

    @model_validator(mode="after")
    def _one_span(self) -> Self:
        if sum(span is not None for span in (self.hours, self.days, self.calendar)) != 1:
            raise ValueError("give one of hours, days, calendar")
        return self

    @cached_property
    def longest(self) -> timedelta:
        """Return how far back it may reach."""
        if self.calendar is not None:
            return timedelta(days=1 if self.calendar == "day" else 31)
        return timedelta(hours=self.hours or 0, days=self.days or 0)

    def since(self, instant: datetime) -> datetime:
        """Return the last instant before the span (UTC), which is outside it. Calendar spans are Shanghai's."""
        if self.calendar is None:
            return instant - self.longest
        first = instant.astimezone(SHANGHAI).date()
        if self.calendar == "month":
            first = first.replace(day=1)
        return instant_on(first, time()) - timedelta(microseconds=1)


class HistoryEntry(NamedTuple):
    """An alert as history facts count it. `exceeding` marks evidence of an hour above the limit."""

    alert_id: UUID
    enterprise_code: str
    outlet: str
    pollutant: str
    occurred_at: datetime
    rule: str
    level: Level
    exceeding: bool


class HistoryQuery(NamedTuple):
    """Which earlier alerts count: later than `after`, earlier than `before`, and like what is named."""

    enterprise_code: str
    after: datetime
    before: datetime
    outlet: str | None
    pollutant: str | None
    rules: tuple[str, ...] | None
    level: Level | None
    exceeding: bool

    def matches(self, entry: HistoryEntry) -> bool:
        """Whether `entry` is one of them. `store.history.earlier_alerts` asks PostgreSQL the same."""
        return (
            entry.enterprise_code == self.enterprise_code
            and self.after < entry.occurred_at < self.before
            and self.outlet in (None, entry.outlet)
            and self.pollutant in (None, entry.pollutant)
            and (self.rules is None or entry.rule in self.rules)
            and self.level in (None, entry.level)
            and (entry.exceeding or not self.exceeding)
        )


class Counted(NamedTuple):
    """A history fact's value, and the other alerts that it counts, the earliest first."""

    value: float
    causes: tuple[UUID, ...] = ()


class HistoryFact(_Strict):
    """A count that rules may use by its name. Everything named under `same` must be as in the alert itself.

    `alerts` counts alerts, the alert itself among them; `consecutive_days` the days of Shanghai with such an alert
    that adjoin one another up to the alert's own day; `exceeding_hours` hours with evidence above the limit;
    `consecutive_exceeding_hours` those that adjoin one another up to the alert's own hour. Anomalies of the very
    same instant are not before one another, and do not count.
    """

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]
    counts: Literal["alerts", "consecutive_days", "exceeding_hours", "consecutive_exceeding_hours"]
    at: Literal["outlet", "enterprise"]
    same: list[Literal["category", "family", "pollutant"]] = []
    level: Annotated[Level, Field(strict=False)] | None = None
    within: Within

    @cached_property
    def of_hours(self) -> bool:
        """Whether it counts hours with evidence above the limit, and not alerts."""
        return self.counts in {"exceeding_hours", "consecutive_exceeding_hours"}

    def query(self, entry: HistoryEntry, families: Mapping[str, Collection[str]]) -> HistoryQuery:
        """Return which earlier alerts count for `entry`. `families` has the rules that share one with each."""
        rules: tuple[str, ...] | None = None
        if "category" in self.same:
            rules = (entry.rule,)
        elif "family" in self.same:
            rules = tuple(families.get(entry.rule, (entry.rule,)))
        return HistoryQuery(
            enterprise_code=entry.enterprise_code,
            after=self.within.since(entry.occurred_at),
            before=entry.occurred_at,
            outlet=entry.outlet if self.at == "outlet" else None,
            pollutant=entry.pollutant if "pollutant" in self.same else None,
            rules=rules,
            level=self.level,
            exceeding=self.of_hours,
        )

    def alone(self, level: Level, *, exceeding: bool) -> float:
        """Return the fact for an alert before which nothing happened."""
        return float(exceeding if self.of_hours else self.level in (None, level))

    def counted(self, entry: HistoryEntry, others: Sequence[tuple[datetime, UUID]]) -> Counted:
        """Return the fact for `entry`, given when the other alerts that count occurred."""
        ordered = sorted(others)
        own = self.alone(entry.level, exceeding=entry.exceeding)
        if self.counts == "alerts":
            return Counted(own + len(ordered), tuple(alert for _, alert in ordered))
        if self.counts == "exceeding_hours":
            hours = {_hour(at) for at, _ in ordered} | ({_hour(entry.occurred_at)} if own else set())
            return Counted(float(len(hours)), tuple(alert for _, alert in ordered))
        if not own:
            return Counted(0.0)
        period = _day if self.counts == "consecutive_days" else _hour
        first = last = period(entry.occurred_at)
        periods = {period(at) for at, _ in ordered}
        while first - 1 in periods:
            first -= 1
        return Counted(float(last - first + 1), tuple(alert for at, alert in ordered if period(at) >= first))


def _hour(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(hours=1)


def _day(instant: datetime) -> int:
    return instant.astimezone(SHANGHAI).toordinal()
