"""An alert as the read model keeps it: whatever the order in which its events come, the same row. Pure."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contract.events import AlertDismissed, AlertGraded, AlertRegraded
from shared.time.instants import Instant

_AS_TOLD = ("observed", "limit", "unit", "received_at", "issued_at", "district", "held", "counted_on")


class AlertRecord(BaseModel):
    """A row of `console.alerts`, in the order of its columns."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    alert_id: UUID
    enterprise_code: str
    revision: int = 0
    level: str | None = None
    category: dict[str, Any] | None = None
    enterprise_name: str | None = None
    station: str | None = None
    outlet: dict[str, Any] | None = None
    pollutant: dict[str, Any] | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str | None = None
    reason: dict[str, Any] | None = None
    rule: str | None = None
    rule_book_version: str | None = None
    received_at: Instant | None = None
    issued_at: Instant | None = None
    district: str | None = None
    held: bool = False
    counted_on: UUID | None = None
    doubts: list[dict[str, Any]] = []
    dismissed_at: Instant | None = None
    matter_id: int | None = None
    updated_at: Instant | None = None

    def with_grade(self, event: AlertGraded) -> Self:
        """The alert after one more of its grades. One that is confirmed comes again with the revision that was held."""
        revision = event.revision if isinstance(event, AlertRegraded) else 1
        if (revision, not event.held, event.issued_at) < (
            self.revision,
            not self.held,
            self.issued_at or event.issued_at,
        ):
            return self
        changed: dict[str, Any] = {
            "revision": revision,
            "level": str(event.level),
            "category": {"code": event.category, "zh": event.category_name.zh, "en": event.category_name.en},
            "enterprise_name": event.enterprise.name,
            "outlet": event.outlet.model_dump(mode="json"),
            "pollutant": event.pollutant and event.pollutant.model_dump(mode="json"),
            "reason": event.grading.reason.model_dump(mode="json"),
            "rule": event.grading.rule,
            "rule_book_version": event.grading.rule_book_version,
            "doubts": [one.model_dump(mode="json") for one in event.doubts],
            **{name: getattr(event, name) for name in _AS_TOLD},
        }
        return self.model_copy(update=changed)

    def with_dismissal(self, event: AlertDismissed) -> Self:
        """The alert after it was dismissed."""
        first = event.at if self.dismissed_at is None else min(self.dismissed_at, event.at)
        return self.model_copy(update={"dismissed_at": first})

    def dated(self) -> Self:
        """The alert with the instant at which it changed last."""
        at = max(one for one in (self.issued_at, self.dismissed_at) if one is not None)
        return self.model_copy(update={"updated_at": at})
