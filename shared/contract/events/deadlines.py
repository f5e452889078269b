"""The steps of a deadline, the milestones of the bureau's own people and what the audit finds. Topic `deadlines`."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import model_validator

from shared.contract.codes import EnterpriseCode
from shared.contract.events.event_data import Bilingual, EventData, Level, Recipient
from shared.time.instants import Instant


class DeadlineType(StrEnum):
    """The steps of a deadline, as events on the topic `deadlines`."""

    STARTED = "cn.tricolor.deadline.started.v1"
    WARNED = "cn.tricolor.deadline.warned.v1"
    MISSED = "cn.tricolor.deadline.missed.v1"
    MET = "cn.tricolor.deadline.met.v1"
    MOVED = "cn.tricolor.deadline.moved.v1"
    PAUSED = "cn.tricolor.deadline.paused.v1"
    RESUMED = "cn.tricolor.deadline.resumed.v1"
    UNANSWERED = "cn.tricolor.deadline.unanswered.v1"
    ESCALATED = "cn.tricolor.case.escalated.v1"


class DeadlineEvent(EventData):
    """A step of a deadline. `step` names the warning or rung of the ladder, unique within the deadline.

    `version` counts what people and calendars did to the due time, from 1 (0 in older events);
    `previous_due_at` is the due time that one of them superseded. The type `deadline.unanswered` says that an
    enterprise was silent for as long as the policy allows (a day), apart from time that people gave it; since it
    started, or since `returned_at` where its answer was returned.
    """

    deadline_id: UUID
    case_id: UUID
    alert_id: UUID
    kind: str
    level: Level
    enterprise_code: EnterpriseCode
    station: str | None
    started_at: Instant
    due_at: Instant
    due_text: str
    provisional: bool
    state: str
    at: Instant
    policy_version: str
    calendar_version: str
    step: str | None = None
    rung: int | None = None
    recipients: list[Recipient] = []
    reason: Bilingual | None = None
    version: int = 0
    previous_due_at: Instant | None = None
    returned_at: Instant | None = None

    @property
    def silent_since(self) -> Instant:
        """Since when an answer is awaited."""
        return self.returned_at or self.started_at


MILESTONE_MISSED = "cn.tricolor.milestone.missed.v1"
AUDIT_FAILED = "cn.tricolor.audit.failed.v1"


class CaseMark(StrEnum):
    """A mark that a case makes on its way; a milestone runs from one to another."""

    ASSIGNED = "assigned"
    ACCEPTED = "accepted"
    ARRIVED = "arrived"
    ANSWERED = "answered"
    REVIEWED = "reviewed"


_AWAITED = {"accept": CaseMark.ACCEPTED, "arrive": CaseMark.ARRIVED, "review": CaseMark.REVIEWED}


class MilestoneMissed(EventData):
    """A case was not accepted, reached or reviewed in the time that the bureau expects of its own people.

    `awaited` is the mark that the case had not made, and what consumers act by: `milestone` and `name` are the words of
    the bureau's policy, which may change. Events written before `awaited` have it by the names of the policy then.
    """

    case_id: UUID
    alert_id: UUID
    kind: str
    level: Level
    enterprise_code: EnterpriseCode
    station: str | None
    milestone: str
    name: Bilingual
    started_at: Instant
    due_at: Instant
    at: Instant
    policy_version: str
    calendar_version: str
    recipients: list[Recipient] = []
    awaited: CaseMark | None = None

    @model_validator(mode="before")
    @classmethod
    def _awaited_by_name(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("awaited") is None and data.get("milestone") in _AWAITED:
            return data | {"awaited": _AWAITED[data["milestone"]]}
        return data


class AuditFailed(EventData):
    """Something that can never be, and is: an open case without a clock, a clock that passed and did not fire."""

    finding: str
    subject: str
    detail: Bilingual
    at: Instant
