"""The matters of a list as links to their cases."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.dispatcher.notices.wording import Matter
from shared.contract.events import Bilingual


class MatterLink(BaseModel):
    """A matter of a list; `href` is relative to the address of the notices."""

    model_config = ConfigDict(frozen=True)

    purpose: str
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID
    subject: Bilingual
    href: str


def links(matters: Sequence[Matter]) -> list[MatterLink]:
    """The matters of a list, each linked to its case; none for a notice that goes alone."""
    if len(matters) < 2:
        return []
    return [
        MatterLink(
            purpose=matter.purpose,
            enterprise_code=matter.enterprise_code,
            alert_id=matter.alert_id,
            case_id=matter.case_id,
            subject=matter.subject,
            href=f"cases/{matter.case_id}",
        )
        for matter in matters
    ]
