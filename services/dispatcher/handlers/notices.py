"""Acknowledging a notice, and the notice as it is answered."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.notices import store
from shared.contract.events import Bilingual
from shared.contract.principal import Principal
from shared.time.instants import Instant


class Notice(BaseModel):
    """A message to an enterprise, an officer or an office, and the proof that it arrived.

    `recipient` is the code of an enterprise or officer, or the role of an office, which `station` narrows.
    `failure` is what went wrong last, also when a later attempt delivered it.
    """

    model_config = ConfigDict(from_attributes=True)

    notice_id: UUID
    purpose: str
    recipient_kind: Literal["enterprise", "officer", "role"]
    recipient: str
    station: str | None
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID | None
    subject: Bilingual
    body: Bilingual
    created_at: Instant
    channel: str | None
    attempts: int
    failure: str | None
    delivered_at: Instant | None
    receipt: dict[str, Any] | None
    acknowledged_at: Instant | None


async def acknowledge_notice(work: CaseUnitOfWork, caller: Principal, notice_id: UUID) -> Notice:
    """Keep that the caller has read a notice. Raises NotFound for one that is not the caller's."""
    return Notice.model_validate(await store.acknowledge(work.connection, caller, notice_id, work.now))
