"""All that is known of a case, as the three services store it. Pure."""

from dataclasses import dataclass
from typing import Any

from shared.evidence.domain.facts import alert_chain, case_chain

Row = dict[str, Any]


@dataclass
class Gathered:
    """The rows of a case as they are stored; people by the codes that the rows name them by."""

    case: Row
    enterprise: Row
    station: str
    people: dict[str, Row]
    alerts: list[Row]
    assignments: list[Row]
    timeline: list[Row]
    arrivals: list[Row]
    self_reports: list[Row]
    feedbacks: list[Row]
    attachments: list[Row]
    notices: list[Row]
    deadlines: list[Row]
    changes: list[Row]

    @property
    def chains(self) -> list[str]:
        """What the evidence of this case is chained under."""
        alerts = [alert_chain(alert["alert_id"]) for alert in self.alerts]
        return [case_chain(self.case["case_id"]), *alerts]

    @property
    def enterprise_name(self) -> str:
        """What the enterprise is called: its code, where nobody registered it."""
        return str(self.enterprise["name"] or self.case["enterprise_code"])

    def named(self, code: str | None) -> str:
        """Somebody by name and code: the code alone where master data do not have it."""
        known = self.people.get(code or "")
        return f"{known['name']}（{code}）" if known else code or ""
