"""An alert: an anomaly with its grade, as it is stored and as the other services are told of it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from pydantic_core import from_json

from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.grading import Grade
from services.alert_ingest.domain.parsing import Received
from shared.contract.events import ALERT_GRADED, ALERT_REGRADED, AlertGraded, AlertRegraded, Level
from shared.contract.messages import Event

Cause = Literal["repeat", "history", "unanswered", "untrue", "decision"]
"""Why an alert is graded again: a resend shows more, its past does, nobody answered, the answer
was found untrue, or people decided."""
_HEARSAY = timedelta(minutes=2)
"""How long an answer's message may take from the dispatcher before a yellow alert counts as unanswered."""


@dataclass(frozen=True)
class Alert:
    """Issued the moment its grade is stored, which is when the enterprise's hours begin to run (domain.md)."""

    assessment: Assessment
    graded: Grade
    received_at: datetime
    issued_at: datetime

    @property
    def alert_id(self) -> UUID:
        return self.assessment.entry.alert_id

    @property
    def look_again_at(self) -> datetime | None:
        """When it is graded again, should it be unanswered then."""
        if self.graded.level is not Level.YELLOW:
            return None
        return self.issued_at + timedelta(hours=self.assessment.book.policy["unanswered_hours"]) + _HEARSAY

    @property
    def deciding_event(self) -> dict[str, Any]:
        """The event that stands for it, as far as grading reads it."""
        return self.assessment.event.model_dump(mode="json", exclude_none=True)

    def grades(self) -> dict[str, Any]:
        """The columns of `ingest.alerts` that a grade fills, the first one and any later one."""
        entry = self.assessment.entry
        return {
            "level": self.graded.level,
            "grading": self.graded.grading,
            "doubts": self.graded.doubts,
            "issued_at": self.issued_at,
            "own_rule": entry.rule,
            "own_level": entry.level,
            "exceeding": entry.exceeding,
            "graded_level": self.graded.level,
            "look_again_at": self.look_again_at,
        }

    def row(self, received: Received) -> dict[str, Any]:
        """The columns of a new alert, opened by `received`."""
        occurrence = received.occurrence
        return self.grades() | {
            "alert_id": self.alert_id,
            "enterprise_code": occurrence.enterprise_code,
            "outlet": occurrence.outlet,
            "category": occurrence.category,
            "pollutant": occurrence.pollutant,
            "occurred_at": occurrence.occurred_at,
            "event": from_json(received.body),
            "received_at": self.received_at,
            "source": received.event.source,
            "classification": sorted(self.assessment.classification),
            "deciding_event": None if self.assessment.event is received.event else self.deciding_event,
        }

    def to_event(self) -> Event:
        """The event `alert.graded`, with enough in it to act without a call back."""
        return self._event(ALERT_GRADED, AlertGraded(**self._data()))

    def to_regraded_event(self, *, previous: Level, revision: int, cause: Cause) -> Event:
        """The event `alert.regraded`: the same alert with another grade, which runs from its own issue."""
        data = AlertRegraded(**self._data(), previous_level=previous, revision=revision, cause=cause)
        return self._event(ALERT_REGRADED, data)

    def _event(self, type_: str, data: AlertGraded) -> Event:
        return Event(type_, self.assessment.event.data.enterprise.code, data, at=self.issued_at)

    def _data(self) -> dict[str, Any]:
        data = self.assessment.event.data
        return {
            "alert_id": self.alert_id,
            "level": self.graded.level,
            "category": data.category,
            "category_name": self.graded.name,
            "response": self.graded.response,
            "enterprise": data.enterprise,
            "outlet": data.outlet,
            "district": data.district,
            "pollutant": data.pollutant,
            "window": data.window,
            "observed": data.observed,
            "limit": data.limit,
            "unit": data.unit,
            "received_at": self.received_at,
            "issued_at": self.issued_at,
            "grading": self.graded.grading,
            "doubts": self.graded.doubts,
        }
