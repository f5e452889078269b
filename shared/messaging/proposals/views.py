"""Proposals as they are shown, over HTTP and on the command line."""

from collections.abc import Mapping
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row

from shared.contract.events import Bilingual, ProposalState
from shared.messaging.proposals.proposals import Proposals
from shared.time.instants import Instant


class Proposal(BaseModel):
    """What one person proposed, and what came of it.

    `name` says its kind and `subject` what it is about; `explanation` is of whoever decided, or says what no longer
    fitted. A `…_login` is the user of the machine, where somebody acted on the command line.
    """

    proposal_id: UUID
    service: str
    kind: str
    name: Bilingual
    state: ProposalState
    subject: str
    summary: Bilingual
    reason: str
    ground: str
    station: str | None
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID | None
    proposed_by: str
    proposed_role: str
    proposed_station: str | None
    proposed_login: str | None
    proposed_at: Instant
    expires_at: Instant
    policy_version: str
    decided_by: str | None
    decided_role: str | None
    decided_station: str | None
    decided_login: str | None
    decided_at: Instant | None
    explanation: str | None

    @classmethod
    def of(cls, row: Row[Any], proposals: Proposals[Any]) -> Self:
        kind = proposals.kinds.get(row.kind)
        title = kind.title if kind else Bilingual(zh=row.kind, en=row.kind)
        return cls.model_validate(row._asdict() | {"service": proposals.service, "name": title})


class WholeProposal(Proposal):
    """With what was asked for exactly, what it would change and, once it is confirmed, what it did."""

    parameters: Mapping[str, Any]
    before: Any
    after: Any
    result: Any


class Proposed(BaseModel):
    """What a request that takes two people answers: nothing has changed yet."""

    proposal: WholeProposal
