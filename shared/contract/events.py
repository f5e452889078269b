"""The wire contract, version 1: the events that the services and the platforms exchange.

Fields are only ever added. A breaking change is a new `type`.
"""

from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared.contract.cloudevents import CloudEvent
from shared.contract.codes import EnterpriseCode, OutletCode
from shared.time.instants import CalendarDate, Instant

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]


class Topic(StrEnum):
    ANOMALY_EVENTS = "anomaly-events"
    ALERTS = "alerts"
    CASES = "cases"
    MASTER_DATA = "master-data"
    DEADLINES = "deadlines"
    CONSOLE = "console"

    @property
    def dead_letter(self) -> str:
        return f"{self.value}.dead-letter"


class Level(StrEnum):
    """白、黄、红. Ordered by strictness through `rank`."""

    WHITE = "white"
    YELLOW = "yellow"
    RED = "red"

    @property
    def rank(self) -> int:
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate((Level.WHITE, Level.YELLOW, Level.RED))}


class Bilingual(BaseModel):
    """Text that an enterprise or officer (zh) and an engineer (en) may both read."""

    model_config = ConfigDict(frozen=True)

    zh: str
    en: str


# --- what platforms push -------------------------------------------------------------------------------------


def says_nothing(value: Any) -> bool:
    """Whether a platform that fills every field of its form left this one empty."""
    kind = type(value)  # what JSON knows has no subclasses, and this is asked of every field of every event
    if kind is str:
        return not value or value.isspace()
    if kind is dict:
        return all(map(says_nothing, value.values()))
    if kind is list:
        return all(map(says_nothing, value))
    return value is None


@cache
def _optional(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if not field.is_required())


def _without_blanks(model: type[BaseModel], given: Any) -> Any:
    """What is given, but for the optional fields of `model` that say nothing: they count as absent."""
    if not isinstance(given, dict):
        return given
    optional = _optional(model)
    blank = [name for name, value in given.items() if name in optional and says_nothing(value)]
    return {name: value for name, value in given.items() if name not in blank} if blank else given


def _whole(value: Any) -> Any:
    """18 for 18.0, as JSON has it; whatever else stays what it is, for the type to refuse."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Count = Annotated[int, Field(ge=0), BeforeValidator(_whole)]


class _Incoming(BaseModel):
    """Unknown fields are kept with the event's bytes and ignored; known ones must have the right type.

    Optional ones that are null or blank count as absent.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, given: Any) -> Any:
        return _without_blanks(cls, given)


class EnterpriseReference(_Incoming):
    code: EnterpriseCode
    name: str | None = None


class OutletReference(_Incoming):
    """A monitored discharge point: `mn` is its data logger's number in HJ 212, `code` its permit number."""

    mn: OutletCode | None = None
    code: OutletCode | None = None
    name: str | None = None
    medium: Literal["gas", "water", "other"] | None = None

    @model_validator(mode="after")
    def _has_identity(self) -> Self:
        if self.mn is None and self.code is None:
            raise ValueError("an outlet needs `mn` or `code`")
        return self


class Pollutant(_Incoming):
    """`code` by HJ 212 / HJ 525, e.g. a21026 sulphur dioxide, w01018 chemical oxygen demand."""

    code: Code
    name: str | None = None


class Window(_Incoming):
    """The half-open period the anomaly was observed in."""

    start: Instant
    end: Instant | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError("`window.end` lies before `window.start`")
        return self


class MarkingKind(StrEnum):
    """The kinds of marking that remove evidence where a reason is recorded (MEE marking rules, from 2023-01-01)."""

    START_UP = "start_up"
    SHUT_DOWN = "shut_down"
    CALIBRATION = "calibration"
    FAULT = "fault"
    MAINTENANCE = "maintenance"


class Marking(_Incoming):
    """The operator's declared reason for abnormal data (2022 marking rules)."""

    kind: Annotated[
        Code,
        Field(
            description=f"known: {', '.join(MarkingKind)}; any other is accepted with a doubt and removes no evidence",
            examples=list(MarkingKind),
        ),
    ]
    reason: Annotated[str | None, Field(description="without one the marking removes no evidence")] = None


class AnomalyData(_Incoming):
    category: Code
    enterprise: EnterpriseReference
    outlet: OutletReference
    district: Code | None = None
    pollutant: Pollutant | None = None
    period: Literal["realtime", "minute", "hour", "day", "month", "quarter", "year"] | None = None
    window: Window | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str | None = None
    flag: Code | None = None
    marking: Marking | None = None
    valid_count: _Count | None = None
    expected_count: _Count | None = None
    evidence: list[dict[str, Any]] = Field(default_factory=list, max_length=100)
    note: str | None = None


ANOMALY_DETECTED = "cn.tricolor.anomaly.detected.v1"


class AnomalyEvent(CloudEvent):
    """One anomaly at one outlet (异常事件)."""

    type: Literal["cn.tricolor.anomaly.detected.v1"]
    data: AnomalyData

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, given: Any) -> Any:
        return _without_blanks(cls, given)

    @model_validator(mode="after")
    def _has_instant(self) -> Self:
        if self.data.window is None and self.time is None:
            raise ValueError("an anomaly needs `data.window` or the event's `time`")
        return self


# --- events between the services ----------------------------------------------------------------------


class _EventData(BaseModel):
    """The data of an event of our own. Consumers ignore fields that they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Grading(_EventData):
    """The decision and what it was made with: enough to explain it years later.

    `rule` decided: a category's, or the upgrade that lifted what `own_rule` had graded `upgraded_from`. `causes`
    are the earlier alerts that were counted; `considered` says why no stricter rule applied. `unmarked_level` is the
    level without the marking or data flag, where that took the grade down.
    """

    rule: str
    rule_book_version: str
    stated: bool
    facts: dict[str, Any]
    reason: Bilingual
    source: str | None = None
    considered: list[dict[str, Any]] = []
    own_rule: str | None = None
    upgraded_from: Level | None = None
    causes: list[UUID] = []
    unmarked_level: Level | None = None


class Doubt(_EventData):
    """Something unlikely about a usable event."""

    code: str
    zh: str
    en: str


ALERT_GRADED = "cn.tricolor.alert.graded.v1"


class AlertGraded(_EventData):
    """An alert with its grade. `marking_effective`: its `marking` or data `flag` took the grade down, from
    `grading.unmarked_level`, and is to be reviewed. `held`: it asks nothing of anyone before a person confirms it, and
    is regraded then. A white one of which the enterprise was reminded lately is `counted_on` the alert of that
    reminder, and asks for none of its own.
    """

    alert_id: UUID
    level: Level
    category: str
    category_name: Bilingual
    response: str
    enterprise: EnterpriseReference
    outlet: OutletReference
    district: str | None
    pollutant: Pollutant | None
    window: Window | None
    observed: float | None
    limit: float | None
    unit: str | None
    received_at: Instant
    issued_at: Instant
    grading: Grading
    doubts: list[Doubt]
    flag: str | None = None
    marking: Marking | None = None
    marking_effective: bool = False
    held: bool = False
    counted_on: UUID | None = None


ALERT_REGRADED = "cn.tricolor.alert.regraded.v1"
ALERT_DISMISSED = "cn.tricolor.alert.dismissed.v1"


class AlertRegraded(AlertGraded):
    """An alert whose grade is another one now; `issued_at` is when this one was issued, and its clock runs from there.

    It rises by the rules, because of what came to light later, and sinks only by the reviewed decision of a person.
    """

    previous_level: Level
    revision: int
    cause: str


class AlertDismissed(_EventData):
    """An alert that was no evidence of anything: proposed by one person, confirmed by another."""

    alert_id: UUID
    enterprise: EnterpriseReference
    level: Level
    ground: str
    reason: str
    proposed_by: str
    confirmed_by: str
    at: Instant


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


class Actor(_EventData):
    """Who did it. `system` is Tricolor itself, acting on an event or a policy."""

    role: str
    subject: str


class TeamMember(_EventData):
    officer: str
    name: str
    part: Literal["lead", "second"]


class Category(_EventData):
    """A category of anomalies, with its names."""

    code: str
    zh: str
    en: str


class Anomaly(_EventData):
    """What an alert found, as everything about its case names it; `reason` is why it was graded so."""

    category: Category
    outlet: OutletReference | None = None
    pollutant: Pollutant | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str | None = None
    reason: Bilingual


class SitePosition(_EventData):
    """Where to go, in degrees (WGS 84): to the outlet where its position is known, else to the enterprise."""

    longitude: float
    latitude: float
    of: Literal["outlet", "enterprise"]


class CaseEvent(_EventData):
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


class FileNumberRecorded(_EventData):
    """The number of a closed case's penalty file (立案号): with the outcome, later, or corrected."""

    case_id: UUID
    alert_id: UUID
    enterprise_code: EnterpriseCode
    station: str | None
    file_number: str
    at: Instant


DRAW_COMMITTED = "cn.tricolor.draw.committed.v1"
DRAW_PUBLISHED = "cn.tricolor.draw.published.v1"


class DrawCommitted(_EventData):
    """The SHA-256 of the secret under which the reports accepted on `day` (in Shanghai) are drawn for verification."""

    day: CalendarDate
    commitment: str
    at: Instant


class DrawnCase(_EventData):
    """A case whose report was drawn: verified where it drew less than the share, or `repeat` whatever it drew.

    `number`: the first eight bytes, big-endian, of HMAC-SHA-256(secret, the 16 bytes of `case_id`), divided by 2^64.
    """

    case_id: UUID
    number: float
    share: float
    repeat: bool
    verified: bool
    drawn_at: Instant


class DrawPublished(_EventData):
    """The secret of a day, in hexadecimal, and every draw made under it, for everybody to repeat."""

    day: CalendarDate
    commitment: str
    committed_at: Instant
    secret: str
    draws: list[DrawnCase] = []
    at: Instant


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


class Recipient(_EventData):
    """Whom a warning or escalation addresses: a role, at the case's station where the role has one."""

    role: str
    station: str | None = None


class DeadlineEvent(_EventData):
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


class MilestoneMissed(_EventData):
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


class AuditFailed(_EventData):
    """Something that can never be, and is: an open case without a clock, a clock that passed and did not fire."""

    finding: str
    subject: str
    detail: Bilingual
    at: Instant


DEAD_LETTER_WAITING = "cn.tricolor.dead_letter.waiting.v1"


class DeadLetterWaiting(_EventData):
    """A record that `service` refused has waited for a person longer than the policy allows."""

    letter_id: UUID
    service: str
    topic: str
    origin: str
    code: str
    detail: str
    attempt: int
    failed_at: Instant
    at: Instant
    policy_version: str
    recipients: list[Recipient] = []


DEAD_LETTER_DECIDED = "cn.tricolor.dead_letter.decided.v1"


class DeadLetterDecided(_EventData):
    """A dead letter waits no more: a person had it sent again, or discarded it."""

    letter_id: UUID
    service: str
    state: Literal["retried", "discarded"]
    at: Instant


CONSUMER_BRAKED = "cn.tricolor.consumer.braked.v1"
CONSUMER_RELEASED = "cn.tricolor.consumer.released.v1"
CONSUMER_STALLED = "cn.tricolor.consumer.stalled.v1"


class BrakeCause(StrEnum):
    """Why a partition is stopped: most of what it brings is refused, or a batch of it cannot be read."""

    REFUSALS = "refusals"
    UNREADABLE = "unreadable"


class ConsumerBraked(_EventData):
    """`service` has stopped reading a partition, at `offset`, until a person releases it.

    `code` is the commonest reason of the refusals, or the failure to read; `refused` of the last `of_last` records were
    refused.
    """

    service: str
    consumer: str
    topic: str
    partition: int
    offset: int
    cause: BrakeCause
    code: str
    detail: str
    refused: int | None = None
    of_last: int | None = None
    at: Instant
    policy_version: str
    recipients: list[Recipient] = []


class ConsumerReleased(_EventData):
    """A person had `service` go on with a partition that it had stopped reading at `offset`."""

    service: str
    consumer: str
    topic: str
    partition: int
    offset: int
    at: Instant


class ConsumerStalled(_EventData):
    """Records wait in a partition, and `service` has handled none of them for longer than the policy allows."""

    service: str
    consumer: str
    topic: str
    partition: int
    offset: int
    waiting: int
    seconds: float
    detail: str
    at: Instant
    policy_version: str
    recipients: list[Recipient] = []


PROPOSAL_OPENED = "cn.tricolor.proposal.opened.v1"
PROPOSAL_DECIDED = "cn.tricolor.proposal.decided.v1"


class ProposalState(StrEnum):
    """`failed`: it was confirmed, and no longer fitted what it was about."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    FAILED = "failed"


class ProposalOpened(_EventData):
    """Something that one person proposed and another has to confirm, on the topic of the `service` that keeps it.

    `subject` is what it is about, by its key in that service. `station` is None where it concerns the whole bureau, or
    an enterprise that no station is known for. `recipients` are those who may confirm it.
    """

    proposal_id: UUID
    service: str
    kind: str
    name: Bilingual
    subject: str
    summary: Bilingual
    reason: str
    ground: str
    station: str | None
    enterprise_code: EnterpriseCode | None
    alert_id: UUID | None
    case_id: UUID | None
    proposed_by: Actor
    proposed_at: Instant
    expires_at: Instant
    policy_version: str
    at: Instant
    recipients: list[Recipient] = []


class ProposalDecided(ProposalOpened):
    """What came of a proposal, for whoever made it: `explanation` says why, where somebody or something does."""

    state: ProposalState
    decided_by: Actor
    explanation: str | None = None
