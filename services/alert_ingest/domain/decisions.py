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
from shared.contract.events import Level
from shared.contract.refusals import Conflict
from shared.time.instants import shown

SYSTEM = "system:tricolor"


@dataclass(frozen=True)
class Proposal:
    """What somebody would have decided. A downgrade names the `level`, a dismissal has none."""

    alert_id: UUID
    kind: Literal["dismiss", "downgrade"]
    level: Level | None
    ground: str
    reason: str
    proposed_by: str


@dataclass(frozen=True)
class Decision:
    """A proposal that is kept, and who reviewed it, if anybody has."""

    decision_id: UUID
    proposal: Proposal
    state: Literal["proposed", "confirmed", "rejected"]
    reviewed_by: str | None

    def confirmed(self, reviewer: str, now: datetime) -> dict[str, str | None]:
        """Return what an alert shows of the decision that changed it."""
        proposal = self.proposal
        return {
            "kind": proposal.kind,
            "level": proposal.level,
            "ground": proposal.ground,
            "reason": proposal.reason,
            "proposed_by": proposal.proposed_by,
            "decision_id": str(self.decision_id),
            "confirmed_by": reviewer,
            "at": shown(now),
        }


def check_proposal(alert: StoredAlert, proposal: Proposal) -> None:
    """Raise Conflict where the alert cannot be decided like that."""
    if alert.dismissed:
        raise not_proposed("already-dismissed", "the alert was dismissed before")
    if not _is_lower(proposal, alert):
        raise not_proposed("not-lower", f"the alert is {alert.level}; {proposal.level} would be no downgrade")


def check_review(alert: StoredAlert, decision: Decision, reviewer: str, *, confirm: bool) -> None:
    """Raise Conflict where it was reviewed, or by whoever proposed it, or the alert has changed meanwhile."""
    if decision.state != "proposed":
        raise _not_reviewed("already-reviewed", f"the proposal was {decision.state} by {decision.reviewed_by}")
    if decision.proposal.proposed_by == reviewer:
        raise _not_reviewed("two-people", "whoever proposed it cannot review it")
    if confirm and (alert.dismissed or not _is_lower(decision.proposal, alert)):
        raise _not_reviewed("alert-changed", "the alert has changed since; reject the proposal and make another")


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
    return _by_system(
        alert.assessment,
        "answered",
        f"企业已于 {shown(answered_at)} 反馈，早于未反馈升级。"
        f"The enterprise had answered at {shown(answered_at)}, before the alert was upgraded for silence.",
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
    return Proposal(entry.alert_id, "downgrade", entry.level, ground, reason, SYSTEM)


def _is_lower(proposal: Proposal, alert: StoredAlert) -> bool:
    """Whether the proposal lowers the alert's grade, as every dismissal does."""
    return proposal.level is None or proposal.level.rank < alert.level.rank


def _not_reviewed(code: str, detail: str) -> Conflict:
    return Conflict(code, detail, title="Not reviewed")
