"""The events on the topic `cases` that say whether people were reached. Pure.

Fields are only ever added. A breaking change is a new `type`.
"""

from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contract.codes import EnterpriseCode
from shared.contract.events import CaseKind, Level, Recipient
from shared.time.instants import Instant

NOTICE_UNDELIVERED = "cn.tricolor.notice.undelivered.v1"
NOTICE_DELIVERED = "cn.tricolor.notice.delivered.v1"


class _OfNotice(BaseModel):
    """A notice about a case. Consumers ignore fields that they do not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    notice_id: UUID
    purpose: str
    recipient_kind: str
    recipient: str
    case_id: UUID
    alert_id: UUID
    kind: CaseKind
    level: Level
    enterprise_code: EnterpriseCode
    station: str | None
    at: Instant


class NoticeUndelivered(_OfNotice):
    """A notice that starts a clock or reminds of one arrived by no channel in time: `recipients` are told to phone."""

    queued_at: Instant
    channels: list[str]
    recipients: list[Recipient]
    policy_version: str


class NoticeDelivered(_OfNotice):
    """A notice that had not arrived in time has: by a channel's `receipt`, by `fetch`, or as a person recorded."""

    delivered_at: Instant
    delivered_by: str
