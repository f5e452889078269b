"""Which events there are: who writes each on which topic, what it carries, and how it is composed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel

from shared.contract import cloudevents
from shared.contract.cloudevents import Outgoing
from shared.contract.events import (
    ALERT_DISMISSED,
    ALERT_GRADED,
    ALERT_REGRADED,
    ANOMALY_DETECTED,
    AUDIT_FAILED,
    CONSUMER_BRAKED,
    CONSUMER_RELEASED,
    CONSUMER_STALLED,
    DEAD_LETTER_DECIDED,
    DEAD_LETTER_WAITING,
    DRAW_COMMITTED,
    DRAW_PUBLISHED,
    FILE_NUMBER_RECORDED,
    MILESTONE_MISSED,
    PROPOSAL_DECIDED,
    PROPOSAL_OPENED,
    AlertDismissed,
    AlertGraded,
    AlertRegraded,
    AnomalyData,
    AuditFailed,
    CaseEvent,
    CaseType,
    ConsumerBraked,
    ConsumerReleased,
    ConsumerStalled,
    DeadLetterDecided,
    DeadLetterWaiting,
    DeadlineEvent,
    DeadlineType,
    DrawCommitted,
    DrawPublished,
    FileNumberRecorded,
    MilestoneMissed,
    ProposalDecided,
    ProposalOpened,
    Topic,
)
from shared.contract.notices import NOTICE_DELIVERED, NOTICE_UNDELIVERED, NoticeDelivered, NoticeUndelivered
from shared.contract.plain_alerts import plain_alert
from shared.contract.platforms import (
    PLATFORM_HEARD,
    PLATFORM_HEARTBEAT,
    PLATFORM_SILENT,
    Heartbeat,
    PlatformHeard,
    PlatformSilent,
)
from shared.contract.principal import Credential
from shared.contract.registrations import (
    ENTERPRISE_REGISTERED,
    OFFICER_REGISTERED,
    OUTLET_REGISTERED,
    STAFF_REGISTERED,
    STATION_REGISTERED,
    EnterpriseRegistered,
    OfficerRegistered,
    OutletRegistered,
    StaffRegistered,
    StationRegistered,
)

PLATFORMS = "monitoring platforms"
WRITERS: Mapping[Topic, str] = {
    Topic.ANOMALY_EVENTS: PLATFORMS,
    Topic.ALERTS: "alert_ingest",
    Topic.CASES: "dispatcher",
    Topic.MASTER_DATA: "dispatcher",
    Topic.DEADLINES: "deadline_watch",
    Topic.CONSOLE: "console",
}
_PROPOSALS: Mapping[str, type[BaseModel]] = {PROPOSAL_OPENED: ProposalOpened, PROPOSAL_DECIDED: ProposalDecided}
_OPERATIONS: Mapping[str, type[BaseModel]] = {
    DEAD_LETTER_WAITING: DeadLetterWaiting,
    DEAD_LETTER_DECIDED: DeadLetterDecided,
    CONSUMER_BRAKED: ConsumerBraked,
    CONSUMER_RELEASED: ConsumerReleased,
    CONSUMER_STALLED: ConsumerStalled,
}
MESSAGES: Mapping[Topic, Mapping[str, type[BaseModel]]] = {
    Topic.ANOMALY_EVENTS: {ANOMALY_DETECTED: AnomalyData, PLATFORM_HEARTBEAT: Heartbeat},
    Topic.ALERTS: {
        ALERT_GRADED: AlertGraded,
        ALERT_REGRADED: AlertRegraded,
        ALERT_DISMISSED: AlertDismissed,
        PLATFORM_SILENT: PlatformSilent,
        PLATFORM_HEARD: PlatformHeard,
        **_OPERATIONS,
        **_PROPOSALS,
    },
    Topic.CASES: {
        **dict.fromkeys(CaseType, CaseEvent),
        FILE_NUMBER_RECORDED: FileNumberRecorded,
        DRAW_COMMITTED: DrawCommitted,
        DRAW_PUBLISHED: DrawPublished,
        NOTICE_UNDELIVERED: NoticeUndelivered,
        NOTICE_DELIVERED: NoticeDelivered,
        **_OPERATIONS,
        **_PROPOSALS,
    },
    Topic.MASTER_DATA: {
        ENTERPRISE_REGISTERED: EnterpriseRegistered,
        OUTLET_REGISTERED: OutletRegistered,
        STATION_REGISTERED: StationRegistered,
        OFFICER_REGISTERED: OfficerRegistered,
        STAFF_REGISTERED: StaffRegistered,
    },
    Topic.DEADLINES: {
        **dict.fromkeys(DeadlineType, DeadlineEvent),
        MILESTONE_MISSED: MilestoneMissed,
        AUDIT_FAILED: AuditFailed,
        **_OPERATIONS,
        **_PROPOSALS,
    },
    Topic.CONSOLE: {**_OPERATIONS},
}
MODELS: Mapping[str, type[BaseModel]] = {
    str(type_): model for messages in MESSAGES.values() for type_, model in messages.items()
}
"""By event type, the model of its data."""
SYSTEM = "tricolor"
"""The key of what concerns the system itself instead of an enterprise: a finding, a dead letter, a rule book."""


class HashedFile(NamedTuple):
    """A file that something rests on, or an event of a platform as it came, by its name and the hash of its bytes."""

    name: str
    sha256: str
    size: int


class Event(NamedTuple):
    """Something that happened, as a unit of work emits it: its type, the enterprise concerned, and what it carries.

    `at` is when it happened, where that is not now: an event that is emitted anew because it was lost. `files` are kept
    as evidence with it, and not published; so is `credential`, by which it was brought about, where many callers share
    a unit of work. `as_json` are the data as they are published, where they were written before.
    """

    type_: str
    enterprise: str
    data: BaseModel
    at: datetime | None = None
    files: tuple[HashedFile, ...] = ()
    credential: Credential | None = None
    as_json: bytes | None = None


class Publisher:
    """A service as the writer of its topics."""

    def __init__(self, service: str, topic_prefix: str) -> None:
        self.service = service
        self._topics: dict[str, tuple[str, type[BaseModel]]] = {
            str(type_): (f"{topic_prefix}{topic}", model)
            for topic, messages in MESSAGES.items()
            if WRITERS[topic] == service
            for type_, model in messages.items()
        }

    def compose(self, event: Event, at: datetime) -> Outgoing:
        """Compose the event, of its own instant or else of `at`, with a new identifier.

        Raises KeyError for a type that the service does not write and TypeError for data that is not the type's.
        """
        topic, model = self._topics[str(event.type_)]
        if not isinstance(event.data, model):
            raise TypeError(f"{event.type_} carries {model.__name__}, not {type(event.data).__name__}")
        return cloudevents.compose(
            topic=topic,
            source=f"/tricolor/{self.service}",
            type_=event.type_,
            enterprise=event.enterprise,
            time=event.at or at,
            data=event.data,
            as_json=event.as_json,
        )


def data_of(event: cloudevents.CloudEvent) -> Any:
    """Read the data of one of our own events as the model of its type. Raises Refused where it does not fit it."""
    if event.type == ALERT_GRADED and (alert := plain_alert(event.data)) is not None:
        return alert
    return cloudevents.data_as(MODELS[event.type], event)
