"""The steps of a case. Topic `cases`."""

from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from shared.contract.codes import EnterpriseCode
from shared.contract.events.anomalies import OutletReference, Pollutant
from shared.contract.events.event_data import Actor, Bilingual, EventData, Level
from shared.time.instants import Instant


class CaseType(StrEnum):
    """The steps of a case, as events on the topic `cases`."""

    OPENED = "cn.tricolor.case.opened.v1"
    ASSIGNED = "cn.tricolor.case.assigned.v1"
    ACCEPTED = "cn.tricolor.case.accepted.v1"
    DECLINED = "cn.tricolor.case.declined.v1"
    DEPARTED = "cn.tricolor.case.departed.v1"
    ARRIVED = "cn.tricolor.case.arrived.v1"
    SELF_REPORTED = "cn.tricolor.case.self_reported.v1"
    FEEDBACK_SUBMITTED = "cn.tricolor.case.feedback_submitted.v1"
    RETURNED = "cn.tricolor.case.returned.v1"
    APPROVED = "cn.tricolor.case.approved.v1"
    INTERIM_ACCEPTED = "cn.tricolor.case.interim_accepted.v1"
    DUE_FOR_CHECK = "cn.tricolor.case.due_for_check.v1"
    CLOSED = "cn.tricolor.case.closed.v1"
    MERGED = "cn.tricolor.case.merged.v1"
    REASSIGNED = "cn.tricolor.case.reassigned.v1"
    WITHDRAWN = "cn.tricolor.case.withdrawn.v1"
    HANDED_OVER = "cn.tricolor.case.handed_over.v1"
    TRANSFERRED = "cn.tricolor.case.transferred.v1"
    SUSPENDED = "cn.tricolor.case.suspended.v1"
    RESUMED = "cn.tricolor.case.resumed.v1"
    REOPENED = "cn.tricolor.case.reopened.v1"
    UNMERGED = "cn.tricolor.case.unmerged.v1"


class CaseKind(StrEnum):
    """Who answers: the enterprise (yellow), officers on site (red), officers where an enterprise stayed silent.

    And officers once more when what was ordered should be done, and the station about a marking that took a grade down.
    """

    SELF_REPORT = "self_report"
    ON_SITE = "on_site"
    VERIFICATION = "verification"
    FOLLOW_UP = "follow_up"
    MARKING = "marking"


class TeamMember(EventData):
    officer: str
    name: str
    part: Literal["lead", "second"]


class Category(EventData):
    """A category of anomalies, with its names."""

    code: str
    zh: str
    en: str


class Anomaly(EventData):
    """What an alert found, as everything about its case names it; `reason` is why it was graded so."""

    category: Category
    outlet: OutletReference | None = None
    pollutant: Pollutant | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str | None = None
    reason: Bilingual


class SitePosition(EventData):
    """Where to go, in degrees (WGS 84): to the outlet where its position is known, else to the enterprise."""

    longitude: float
    latitude: float
    of: Literal["outlet", "enterprise"]


class CaseEvent(EventData):
    """One step of a case; the state is the one after the step.

    `at` is the server's receipt, which decides; `claimed_at` is the device's time, kept as claimed.
    `revision` counts the case's steps from 1, so that a step received late is recognised as older. `arrived_at` is when
    officers first stood at the door, for this case or for the visit that it joined.
    A regraded alert has its case closed (`superseded`) and another one opened, whose `raised_by` names the first.
    `planned_end`, once an interim report was accepted, is when the final one is due; what is reported or returned from
    then on is about that.
    `category` to `alert_reason` are what its alert found and why it was graded so, while `reason` is that of the step.
    `due_at` is the half-open end of its deadline, once deadline_watch has computed it. Events written before November
    2026 have none of these.
    """

    case_id: UUID
    kind: CaseKind
    level: Level
    state: str
    enterprise_code: EnterpriseCode
    enterprise_name: str | None
    station: str | None
    alert_ids: list[UUID]
    alert_id: UUID
    issued_at: Instant
    at: Instant
    revision: int = 0  # 0 in events written before there was one
    actor: Actor
    team: list[TeamMember] = []
    arrived_at: Instant | None = None
    claimed_at: Instant | None = None
    reason: str | None = None
    outcome: str | None = None
    raised_by: UUID | None = None
    planned_end: Instant | None = None
    policy_version: str | None = None
    category: Category | None = None
    outlet: OutletReference | None = None
    pollutant: Pollutant | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str | None = None
    alert_reason: Bilingual | None = None
    address: str | None = None
    position: SitePosition | None = None
    due_at: Instant | None = None
    due_text: str | None = None
    provisional: bool | None = None
    detail: dict[str, Any] = {}


FILE_NUMBER_RECORDED = "cn.tricolor.case.file_number_recorded.v1"


class FileNumberRecorded(EventData):
    """The number of a closed case's penalty file (立案号): with the outcome, later, or corrected."""

    case_id: UUID
    alert_id: UUID
    enterprise_code: EnterpriseCode
    station: str | None
    file_number: str
    at: Instant
