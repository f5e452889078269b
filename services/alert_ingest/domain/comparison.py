"""Comparing the levels that another rule book would have given stored alerts with those they were given.

Alerts come by enterprise and by when they occurred, so that history is counted by the candidate's own grades: as it
would have been, had the candidate been in force all along.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel

from services.alert_ingest.domain.assessment import Assessment, matching
from services.alert_ingest.domain.event_facts import Evidence, LaterFacts, facts_of
from services.alert_ingest.domain.explained import decisive_rule, level_by
from services.alert_ingest.domain.facts import FactValue
from services.alert_ingest.domain.history import HistoryEntry
from services.alert_ingest.domain.parsing import Occurrence
from services.alert_ingest.domain.rule_book.book import RuleBook
from shared.contract.events import AnomalyData, AnomalyEvent, Level

REFUSED = "refused"
"""The level of an alert whose category the candidate does not know."""


class BacktestedAlert(NamedTuple):
    """An alert as it was graded. `unanswered_hours` is how long it went unanswered as yellow; 0 for any other."""

    alert_id: UUID
    enterprise_code: str
    outlet: str
    pollutant: str
    occurred_at: datetime
    classification: Sequence[str]
    level: str
    unanswered_hours: float
    is_dismissed: bool
    report_untrue: bool
    event: str | bytes


class _Event(BaseModel):
    data: Evidence


class ChangedLevel(NamedTuple):
    """An alert that the candidate grades otherwise, and the rule by which it does; none where it refuses it."""

    alert_id: UUID
    enterprise_code: str
    category: str
    occurred_at: datetime
    before: str
    after: str
    rule: str | None
    rule_name: Mapping[str, str] | None


@dataclass
class Comparison:
    """Collects alerts with `add`, and counts those that occurred from `since` on; earlier ones are history only."""

    book: RuleBook
    since: datetime
    table: Counter[tuple[str, str]] = field(default_factory=Counter)
    changed: list[ChangedLevel] = field(default_factory=list)
    _enterprise: str = ""
    _entries: list[HistoryEntry] = field(default_factory=list)

    def add(self, stored: BacktestedAlert) -> None:
        if self.book.history:
            event = AnomalyEvent.model_validate_json(stored.event)
            category = event.data.category
            facts = self._facts_with_history(stored, event) if category in self.book.categories else None
        else:
            data = _Event.model_validate_json(stored.event).data
            category = data.category
            facts = self._facts(stored, data) if category in self.book.categories else None
        after = REFUSED if facts is None else level_by(facts, self.book).value
        if stored.occurred_at < self.since:
            return
        self.table[stored.level, after] += 1
        if stored.level != after:
            rule = None if facts is None else decisive_rule(facts, self.book)
            self.changed.append(
                ChangedLevel(
                    stored.alert_id,
                    stored.enterprise_code,
                    category,
                    stored.occurred_at,
                    stored.level,
                    after,
                    None if rule is None else rule.code,
                    None if rule is None else {"zh": rule.name.zh, "en": rule.name.en},
                )
            )

    @property
    def added_visits(self) -> int:
        """Return how many more alerts would have sent officers on site."""
        return sum(
            count * ((after == Level.RED) - (before == Level.RED)) for (before, after), count in self.table.items()
        )

    def summary(self, listed: int) -> dict[str, Any]:
        """Return the comparison as data, with the first `listed` of the changed alerts."""
        levels = [level.value for level in Level]
        return {
            "version": self.book.version,
            "alerts": self.table.total(),
            "table": {before: {after: self.table[before, after] for after in [*levels, REFUSED]} for before in levels},
            "added_visits": self.added_visits,
            "changed": len(self.changed),
            "changed_alerts": [change._asdict() for change in self.changed[:listed]],
        }

    def _facts(self, stored: BacktestedAlert, data: AnomalyData | Evidence) -> dict[str, FactValue]:
        later = LaterFacts(stored.unanswered_hours, stored.report_untrue)
        return facts_of(data, self.book.policy_at(stored.outlet), stored.classification, later)

    def _facts_with_history(self, stored: BacktestedAlert, event: AnomalyEvent) -> dict[str, FactValue]:
        facts = self._facts(stored, event.data)
        occurrence = Occurrence(
            stored.outlet, event.data.category, stored.pollutant, stored.occurred_at, stored.enterprise_code
        )
        assessment = Assessment.of(stored.alert_id, event, occurrence, self.book, stored.classification)
        before = self._before(assessment.entry)
        earlier = {name: matching(query, before) for name, query in assessment.history_queries.items()}
        if not stored.is_dismissed:
            self._entries.append(assessment.entry)
        history = {name: counted.value for name, counted in assessment.history(earlier).items()}
        return facts | history

    def _before(self, entry: HistoryEntry) -> list[HistoryEntry]:
        """Return the enterprise's history entries that any history fact may still count."""
        if entry.enterprise_code != self._enterprise:
            self._enterprise, self._entries = entry.enterprise_code, []
        earliest = entry.occurred_at - self.book.history_reach
        while self._entries and self._entries[0].occurred_at < earliest:
            del self._entries[0]
        return self._entries
