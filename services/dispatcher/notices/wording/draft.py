"""A notice before it is stored. Pure."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from shared.contract.events import Bilingual


@dataclass(frozen=True)
class NoticeDraft:
    """A notice to be stored. `occasion` names its cause and its recipient: one is stored for each, ever.

    `recipient` is the code of an enterprise or officer, or the role of an office, which `station` narrows. `at_once`
    says that it goes alone, whatever its purpose: a first miss.
    """

    occasion: str
    purpose: str
    recipient_kind: Literal["enterprise", "officer", "role"]
    recipient: str
    station: str | None
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID | None
    subject: Bilingual
    body: Bilingual
    at_once: bool = False
