"""What one person proposed and another decides. Each on the topic of the service that keeps it."""

from enum import StrEnum
from uuid import UUID

from shared.contract.codes import EnterpriseCode
from shared.contract.events.event_data import Actor, Bilingual, EventData, Recipient
from shared.time.instants import Instant

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


class ProposalOpened(EventData):
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
