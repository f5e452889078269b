"""Declared shutdowns (停产申报): which missing data they excuse, and what contradicts them. Pure but for `load`.

What is excused is graded as marked by the operator, and so reviewed afterwards, as is every marking that takes a grade
down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.alert_ingest.domain.event_facts import Evidence, facts_of, outlet_of
from services.alert_ingest.domain.rule_book.book import RuleBook
from shared.contract.dates import instant_in_words
from shared.contract.events import AnomalyData, AnomalyEvent, Bilingual, Doubt, Marking, MarkingKind
from shared.contract.refusals import Invalid
from shared.contract.yaml_text import read_yaml
from shared.time.instants import Instant

DATA = Path(__file__).with_name("shutdowns.yaml")


class ShutdownKind(StrEnum):
    MAINTENANCE = "maintenance"
    HOLIDAY = "holiday"
    OTHER = "other"


_KINDS = {
    ShutdownKind.MAINTENANCE: Bilingual(zh="计划检修", en="planned maintenance"),
    ShutdownKind.HOLIDAY: Bilingual(zh="节假日停产", en="a holiday"),
    ShutdownKind.OTHER: Bilingual(zh="其他停产", en="another shutdown"),
}


class ShutdownPolicy(BaseModel):
    """A version of the policy; hours and days are natural ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: str
    effective_from: Instant
    stated: bool
    declared_within_hours: Annotated[float, Field(ge=0)]
    longest_days: Annotated[float, Field(gt=0, le=366)]
    excuses: frozenset[str]


@cache
def load(path: Path = DATA) -> ShutdownPolicy:
    """Raises pydantic's ValidationError, which names the entry and the fault."""
    return ShutdownPolicy.model_validate(read_yaml(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Span:
    """When an enterprise, or one outlet of it by MN or permit number, stands still, and why."""

    enterprise_code: str
    outlet: str | None
    start: datetime
    end: datetime
    kind: ShutdownKind
    reason: str

    @property
    def in_words(self) -> Bilingual:
        start, end, kind = instant_in_words(self.start), instant_in_words(self.end), _KINDS[self.kind]
        at = "" if self.outlet is None else f" {self.outlet}"
        return Bilingual(
            zh=f"{self.enterprise_code}{at} 自{start.zh}至{end.zh}停产（{kind.zh}）",
            en=f"{self.enterprise_code}{at} stands still from {start.en} to {end.en} ({kind.en})",
        )

    def concerns(self, data: AnomalyData | Evidence) -> bool:
        """Whether `data` are of the enterprise, and of the outlet where one is named."""
        known = (None, data.outlet.mn, data.outlet.code)
        return data.enterprise.code == self.enterprise_code and self.outlet in known

    def covers(self, data: AnomalyData) -> bool:
        """Whether the window of `data` lies wholly within it. A window without an end is still open, and does not."""
        window = data.window
        if window is None or window.end is None:
            return False
        return self.concerns(data) and self.start <= window.start and window.end <= self.end

    def is_contradicted_by(self, data: AnomalyData | Evidence, occurred_at: datetime, book: RuleBook) -> bool:
        """Whether `data` show that something ran meanwhile: a valid value above its limit, flagged normal."""
        if not (self.concerns(data) and self.start <= occurred_at < self.end):
            return False
        facts = facts_of(data, book.policy_at(outlet_of(data)))
        return facts["flag"] == "N" and facts["valid"] is True and facts["exceeds"] is True


@dataclass(frozen=True)
class Shutdown(Span):
    """A shutdown that was confirmed."""

    shutdown_id: UUID

    @property
    def marking(self) -> Marking:
        """What it says of an event within it, as the operator's marking would."""
        kind = MarkingKind.MAINTENANCE if self.kind is ShutdownKind.MAINTENANCE else MarkingKind.SHUT_DOWN
        return Marking(kind=kind, reason=f"停产申报 {self.shutdown_id}：{self.reason}")

    @property
    def doubt(self) -> Doubt:
        said = self.in_words
        return Doubt(
            code="declared-shutdown",
            zh=f"缺数时段全部在经确认的停产申报 {self.shutdown_id} 之内：{said.zh}",
            en=f"the gap lies within the confirmed shutdown {self.shutdown_id}: {said.en}",
        )


class Excuses:
    """The missing data of a batch that shutdowns excuse."""

    def __init__(self, shutdowns: Sequence[Shutdown], policy: ShutdownPolicy) -> None:
        self._shutdowns, self._categories = shutdowns, policy.excuses
        self._given: list[tuple[Marking, Doubt]] = []

    def applied(self, event: AnomalyEvent) -> AnomalyEvent:
        """The event as marked by the shutdown that covers it; itself where none does, or it excuses nothing."""
        if not self._shutdowns:
            return event
        data = event.data
        found = self._shutdowns if data.category in self._categories else ()
        shutdown = next((one for one in found if one.covers(data)), None)
        if shutdown is None:
            return event
        marking = shutdown.marking
        self._given.append((marking, shutdown.doubt))
        return event.model_copy(update={"data": data.model_copy(update={"marking": marking})})

    def doubts_of(self, event: AnomalyEvent) -> Iterable[Doubt]:
        """The doubt about an event that was excused."""
        return [doubt for marking, doubt in self._given if marking is event.data.marking]


def check_declared(span: Span, policy: ShutdownPolicy, now: datetime) -> None:
    """Raise Invalid where it may not be declared."""
    if span.end <= span.start:
        raise Invalid("shutdown-window", "a shutdown ends after it starts")
    if span.start < now - timedelta(hours=policy.declared_within_hours):
        hours = f"{policy.declared_within_hours:g}"
        raise Invalid("shutdown-late", f"a shutdown is declared within {hours} hours after its start at the latest")
    if span.end - span.start > timedelta(days=policy.longest_days):
        raise Invalid("shutdown-long", f"a shutdown lasts no longer than {policy.longest_days:g} days")
