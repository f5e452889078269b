"""An alert at its birth: an anomaly with its grade, as it is stored and as the other services are told of it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID, uuid4

from pydantic_core import from_json

from services.alert_ingest.grading import Graded, grade
from services.alert_ingest.reception import Received
from services.alert_ingest.rule_book import RuleBook
from shared.cloudevents import Outgoing, compose
from shared.events import ALERT_GRADED, AlertGraded

SOURCE = "/tricolor/alert_ingest"


@dataclass(frozen=True)
class Alert:
    """Issued the moment its grade is stored, which is when the enterprise's hours begin to run (domain.md)."""

    alert_id: UUID
    received: Received
    graded: Graded
    issued_at: datetime

    @classmethod
    def open(cls, received: Received, book: RuleBook, now: datetime) -> Self:
        return cls(uuid4(), received, grade(received.event, book), now)

    def row(self) -> dict[str, Any]:
        """The columns of `ingest.alerts`."""
        occurrence = self.received.occurrence
        return {
            "alert_id": self.alert_id,
            "enterprise_code": occurrence.enterprise_code,
            "outlet": occurrence.outlet,
            "category": occurrence.category,
            "pollutant": occurrence.pollutant,
            "occurred_at": occurrence.occurred_at,
            "level": self.graded.level,
            "grading": self.graded.grading,
            "doubts": self.graded.doubts,
            "event": from_json(self.received.body),
            "received_at": self.issued_at,
            "issued_at": self.issued_at,
        }

    def told(self, topic: str) -> Outgoing:
        """The event `alert.graded`, with enough in it to act without a call back."""
        data = self.received.event.data
        return compose(
            topic=topic,
            source=SOURCE,
            type_=ALERT_GRADED,
            enterprise=data.enterprise.code,
            time=self.issued_at,
            data=AlertGraded(
                alert_id=self.alert_id,
                level=self.graded.level,
                category=data.category,
                category_name=self.graded.name,
                response=self.graded.response,
                enterprise=data.enterprise,
                outlet=data.outlet,
                district=data.district,
                pollutant=data.pollutant,
                window=data.window,
                observed=data.observed,
                limit=data.limit,
                unit=data.unit,
                received_at=self.issued_at,
                issued_at=self.issued_at,
                grading=self.graded.grading,
                doubts=self.graded.doubts,
            ),
        )
