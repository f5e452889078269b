"""A notice before it is stored. Pure."""

from collections.abc import Sequence
from typing import Literal, NamedTuple
from uuid import UUID

from shared.contract.events import Bilingual, Recipient


class NoticeDraft(NamedTuple):
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


def to_offices(
    recipients: Sequence[Recipient], *, occasion: str, purpose: str, subject: Bilingual, body: Bilingual
) -> list[NoticeDraft]:
    """One notice for each recipient, about the system itself: of no enterprise, alert or case."""
    return [
        NoticeDraft(
            occasion=f"{occasion}:{recipient.role}",
            purpose=purpose,
            recipient_kind="role",
            recipient=recipient.role,
            station=recipient.station,
            enterprise_code=None,
            alert_id=None,
            case_id=None,
            subject=subject,
            body=body,
        )
        for recipient in recipients
    ]
