"""What people decide about alerts: to dismiss one as a false alarm, or to lower its grade.

One proposes with a reason, another confirms or rejects, and either way the record is kept (domain.md: dismissed takes
two people; a downgrade is a person's reasoned, reviewed decision). Tricolor proposes too, and never reviews.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.alert_ingest.domain.alert import StoredAlert
from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.doubts import LEVELS
from shared.contract.dates import instant_in_words
from shared.contract.events import Bilingual, Level
from shared.contract.refusals import Conflict
from shared.time.instants import shown

Kind = Literal["dismiss", "downgrade"]


@dataclass(frozen=True)
class Proposal:
    """What somebody would have decided. A downgrade names the `level`, a dismissal has none."""

    alert_id: UUID
    enterprise_code: str
    kind: Kind
    level: Level | None
    ground: str
    reason: str

    @property
    def summary(self) -> Bilingual:
        """What is asked for, in a line; which alert it is about stands beside it."""
        if self.level is None:
            return Bilingual(
                zh=f"{self.enterprise_code}的预警按误报撤销",
                en=f"dismiss an alert of {self.enterprise_code} as a false alarm",
            )
        return Bilingual(
            zh=f"{self.enterprise_code}的预警降为{LEVELS[self.level]}",
            en=f"lower an alert of {self.enterprise_code} to {self.level}",
        )


@dataclass(frozen=True)
class Decision:
    """A proposal that another person confirmed."""

    decision_id: UUID
    proposal: Proposal
    proposed_by: str
    confirmed_by: str

    def shown(self, now: datetime) -> dict[str, str | None]:
        """Return what an alert shows of the decision that changed it."""
        proposal = self.proposal
        return {
            "kind": proposal.kind,
            "level": proposal.level,
            "ground": proposal.ground,
            "reason": proposal.reason,
            "proposed_by": self.proposed_by,
            "decision_id": str(self.decision_id),
            "confirmed_by": self.confirmed_by,
            "at": shown(now),
        }


def check_proposal(alert: StoredAlert, proposal: Proposal) -> None:
    """Raise Conflict where the alert cannot be decided like that."""
    if alert.dismissed:
        raise not_proposed("already-dismissed", "the alert was dismissed before")
    if not _is_lower(proposal, alert):
        raise not_proposed("not-lower", f"the alert is {alert.level}; {proposal.level} would be no downgrade")


def check_confirmation(alert: StoredAlert, proposal: Proposal) -> None:
    """Raise Conflict where the alert has changed so that the proposal does not fit it any more."""
    if alert.dismissed or not _is_lower(proposal, alert):
        now = "dismissed" if alert.dismissed else alert.level
        raise Conflict("alert-changed", f"the alert has changed since: it is {now}", title="Not reviewed")


def not_proposed(code: str, detail: str) -> Conflict:
    return Conflict(code, detail, title="Not proposed")


def downgrade_for_resend(weaker: Assessment, level: Level) -> Proposal:
    """Propose a downgrade because a resend or a mark shows less than the alert's `level`."""
    source, event_id, rule = weaker.event.source, weaker.event.id, weaker.decided
    return _by_system(
        weaker,
        "resend",
        f"{source} 重报的事件 {event_id} 仅达到“{rule.name.zh}”，现为 {level}。"
        f"The event {event_id}, sent again, shows no more than {rule.code}; the alert is {level}.",
    )


def downgrade_for_answer(alert: StoredAlert, answered_at: datetime) -> Proposal:
    """Propose a downgrade because the enterprise had answered in time, which was received late."""
    at = instant_in_words(answered_at)
    return _by_system(
        alert.assessment,
        "answered",
        f"企业已于 {at.zh} 反馈，早于未反馈升级。"
        f"The enterprise had answered at {at.en}, before the alert was upgraded for silence.",
    )


def downgrade_for_dismissal(alert: StoredAlert, level: Level, dismissed: UUID) -> Proposal:
    """Propose a downgrade because an alert that was counted towards an upgrade turned out to be none."""
    proposal = _by_system(
        alert.assessment,
        "cause-dismissed",
        f"升级所依据的预警 {dismissed} 已撤销。The alert {dismissed}, which the upgrade rests on, was dismissed.",
    )
    return replace(proposal, level=level)


def _by_system(assessment: Assessment, ground: str, reason: str) -> Proposal:
    entry = assessment.entry
    return Proposal(entry.alert_id, entry.enterprise_code, "downgrade", entry.level, ground, reason)


def _is_lower(proposal: Proposal, alert: StoredAlert) -> bool:
    """Whether the proposal lowers the alert's grade, as every dismissal does."""
    return proposal.level is None or proposal.level.rank < alert.level.rank
