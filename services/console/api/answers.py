"""What several routes of the console show: cases, alerts, and what time it is."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contract.dates import due_in_words
from shared.contract.events import Bilingual, Category, Doubt, TeamMember
from shared.time.instants import Instant


class _Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ClockAnswer(BaseModel):
    """This clock's instant, and how many of its seconds pass in a real one: 1 but for a demonstration, 0 at a stand."""

    now: Instant
    pace: float
    server: str = "tricolor"


class OutletShown(BaseModel):
    """The outlet, as far as its event and master data name it."""

    mn: str | None = None
    code: str | None = None
    name: str | None = None
    medium: str | None = None


class PollutantShown(BaseModel):
    code: str
    name: str | None = None


class CaseRow(_Row):
    """A case as lists show it.

    `awaits` is what has to happen next (team, answer, review, day, other), `rung` the highest role that was told
    that it is overdue. `handled`: it ended in an outcome; `finished`: with all that followed; `on_time`: no clock of it
    was missed, null while it is open.
    """

    case_id: UUID
    kind: str
    level: str
    state: str
    awaits: str | None
    overdue: bool
    rung: str | None
    enterprise_code: str
    enterprise_name: str | None
    station: str | None
    station_name: str | None
    category: Category | None
    outlet: OutletShown | None
    pollutant: PollutantShown | None
    observed: float | None
    limit: float | None
    unit: str | None
    reason: Bilingual | None
    address: str | None
    team: list[TeamMember]
    issued_at: Instant
    opened_at: Instant
    assigned_at: Instant | None
    accepted_at: Instant | None
    arrived_at: Instant | None
    answered_at: Instant | None
    due_at: Instant | None
    due_text: Bilingual | None
    provisional: bool
    closed_at: Instant | None
    outcome: str | None
    file_number: str | None
    handled: bool
    finished: bool
    on_time: bool | None
    alert_id: UUID
    alert_ids: list[UUID]
    raised_by: UUID | None
    revision: int
    updated_at: Instant


class AlertRow(_Row):
    """An alert as lists show it. `case_id` is the newest case that it asked for; `station` is in charge of it now."""

    alert_id: UUID
    level: str
    category: Category | None
    enterprise_code: str
    enterprise_name: str | None
    outlet: OutletShown | None
    pollutant: PollutantShown | None
    observed: float | None
    limit: float | None
    unit: str | None
    reason: Bilingual | None
    rule: str | None
    rule_book_version: str | None
    issued_at: Instant
    received_at: Instant
    district: str | None
    station: str | None
    station_name: str | None
    held: bool
    counted_on: UUID | None
    doubts: list[Doubt]
    case_id: UUID | None
    dismissed: bool


def case_row(row: Any) -> CaseRow:
    """A row of `store.case_list` as it is answered."""
    due = None if row.due_at is None else due_in_words(row.due_at, row.provisional)
    return CaseRow.model_validate({**row._mapping, "due_text": due})


def alert_row(row: Any) -> AlertRow:
    """A row of `store.alert_list` as it is answered."""
    return AlertRow.model_validate(row)
