"""What notices say of a case: whose it is, what was found, where, and by when. Pure."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.dispatcher.notices.wording.phrases import (
    both,
    due,
    enterprise,
    labelled,
    lines,
    observed,
    plain,
    reason,
    text,
)
from shared.contract.contacts import Contact
from shared.contract.events import Anomaly, Bilingual


class CaseFacts(NamedTuple):
    """What a notice says of its case; `revision` is the case's after the step."""

    case_id: UUID
    alert_id: UUID
    enterprise_code: str
    enterprise_name: str | None
    station: str | None
    due_at: datetime | None
    provisional: bool | None
    revision: int
    anomaly: Anomaly | None = None
    address: str | None = None
    contact: Contact | None = None

    @property
    def enterprise(self) -> Bilingual:
        """The enterprise by its name and code."""
        return enterprise(self.enterprise_code, self.enterprise_name)

    @property
    def due(self) -> Bilingual | None:
        """By when, once that is computed."""
        return None if self.due_at is None else due(self.due_at, self.provisional)

    @property
    def found(self) -> Bilingual | None:
        """What the alert found."""
        return None if self.anomaly is None else observed(self.anomaly)

    @property
    def matter(self) -> Bilingual:
        """What was found, where and why it matters: a line each, of what is known."""
        return lines(
            labelled(text("排污单位", "Enterprise"), self.enterprise),
            labelled(text("地址", "Address"), both(plain(self.address)) if self.address else None),
            labelled(text("联系人", "Contact"), self._contact),
            self.found,
            None if self.anomaly is None else reason(self.anomaly.reason),
        )

    @property
    def _contact(self) -> Bilingual | None:
        """Whom to phone at the enterprise."""
        if self.contact is None:
            return None
        known = (self.contact.name, self.contact.role, self.contact.phone)
        return both(" ".join(plain(part) for part in known if part))
