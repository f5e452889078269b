"""A case as the read model keeps it: whatever the order in which its events come, the same row. Pure.

Every event of a case says how the case is after it, so the newest one decides; what happened first stays first. What
follows from that and from the clocks is in `completion`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contract.events import CaseEvent, CaseType, FileNumberRecorded
from shared.time.instants import Instant

_NEWEST = ("station", "enterprise_name", "observed", "limit", "unit", "address", "raised_by", "planned_end")
_WHOLE = ("category", "outlet", "pollutant", "position")
_ANSWERS = frozenset({CaseType.SELF_REPORTED, CaseType.FEEDBACK_SUBMITTED})
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for the due time of a case that has no clock: it comes after every other."""
UNKNOWN = -1
"""The revision of a case of which no event has come, only a clock, or the number of its file."""


class CaseRecord(BaseModel):
    """A row of `console.cases`, in the order of its columns."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    case_id: UUID
    enterprise_code: str
    alert_id: UUID
    revision: int = UNKNOWN
    at: Instant | None = None
    kind: str | None = None
    level: str | None = None
    state: str | None = None
    station: str | None = None
    enterprise_name: str | None = None
    category: dict[str, Any] | None = None
    outlet: dict[str, Any] | None = None
    pollutant: dict[str, Any] | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str | None = None
    reason: dict[str, Any] | None = None
    address: str | None = None
    position: dict[str, Any] | None = None
    team: list[dict[str, Any]] = []
    officers: list[str] = []
    alert_ids: list[UUID] = []
    raised_by: UUID | None = None
    planned_end: Instant | None = None
    issued_at: Instant | None = None
    opened_at: Instant | None = None
    assigned_at: Instant | None = None
    accepted_at: Instant | None = None
    arrived_at: Instant | None = None
    answered_at: Instant | None = None
    closed_at: Instant | None = None
    outcome: str | None = None
    file_number: str | None = None
    file_number_at: Instant | None = None
    due_at: Instant | None = None
    due_key: Instant = NEVER
    due_text: str | None = None
    provisional: bool = False
    overdue: bool = False
    rung: str | None = None
    awaits: str | None = None
    handled: bool = False
    finished: bool = False
    on_time: bool | None = None
    matter_id: int | None = None
    updated_at: Instant | None = None

    def with_event(self, type_: str, event: CaseEvent) -> Self:
        """The case after one more of its events, older or newer than those before."""
        changed: dict[str, Any] = {"opened_at": _first(self.opened_at, event.at)}
        if (event.revision, event.at) > (self.revision, self.at or event.at) or self.at is None:
            changed |= _newest(event)
        if event.arrived_at is not None:
            changed["arrived_at"] = _first(self.arrived_at, event.arrived_at)
        if (mark := _MARKS.get(type_)) is not None:
            changed[mark] = _first(getattr(self, mark), event.at)
        if type_ == CaseType.CLOSED and (self.closed_at is None or event.at < self.closed_at):
            changed |= {"closed_at": event.at, "outcome": event.outcome}
        return self.model_copy(update=changed)

    def with_file_number(self, recorded: FileNumberRecorded) -> Self:
        """The case with the number of its penalty file, the one recorded last."""
        if self.file_number_at is not None and recorded.at <= self.file_number_at:
            return self
        return self.model_copy(update={"file_number": recorded.file_number, "file_number_at": recorded.at})

    def with_past(self, past: Self) -> Self:
        """The case with what `past` knows from before the oldest event that this one was made of."""
        if self.kind is None:
            return past
        if past.opened_at is None or self.opened_at is None or self.opened_at <= past.opened_at:
            return self
        known = {mark: _first(at, getattr(self, mark) or at) for mark in _FIRST if (at := getattr(past, mark))}
        closing = {"closed_at": past.closed_at, "outcome": past.outcome} if self.closed_at is None else {}
        return self.model_copy(update=known | closing)


_FIRST = ("opened_at", "assigned_at", "accepted_at", "arrived_at", "answered_at")
_MARKS: Mapping[str, str] = {
    CaseType.ASSIGNED: "assigned_at",
    CaseType.ACCEPTED: "accepted_at",
    **dict.fromkeys(_ANSWERS, "answered_at"),
}


def _first(known: Any, at: Any) -> Any:
    return at if known is None else min(known, at)


def _newest(event: CaseEvent) -> dict[str, Any]:
    return {
        "revision": event.revision,
        "at": event.at,
        "alert_id": event.alert_id,
        "kind": str(event.kind),
        "level": str(event.level),
        "state": event.state,
        "issued_at": event.issued_at,
        **{name: getattr(event, name) for name in _NEWEST},
        **{name: _plain(getattr(event, name)) for name in _WHOLE},
        "reason": _plain(event.alert_reason),
        "team": [one.model_dump(mode="json") for one in event.team],
        "officers": [one.officer for one in event.team],
        "alert_ids": list(event.alert_ids),
    }


def _plain(value: BaseModel | None) -> dict[str, Any] | None:
    return None if value is None else value.model_dump(mode="json")
