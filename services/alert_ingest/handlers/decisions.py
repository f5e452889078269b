"""Proposing and reviewing decisions about alerts: to dismiss one as a false alarm, or to lower its grade."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from services.alert_ingest.domain.alert import StoredAlert
from services.alert_ingest.domain.decisions import (
    Decision,
    Proposal,
    check_proposal,
    check_review,
    downgrade_for_dismissal,
    not_proposed,
)
from services.alert_ingest.handlers import regrading
from services.alert_ingest.store import decisions as decision_store
from services.alert_ingest.store import grades as grade_store
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store.alerts import enterprises_of
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import ALERT_DISMISSED, AlertDismissed
from shared.contract.messages import Event
from shared.contract.refusals import NotFound
from shared.messaging.unit_of_work import UnitOfWork


async def propose(work: UnitOfWork, proposals: Sequence[Proposal]) -> list[UUID]:
    """Keep the proposals, but for alerts of which one is open; answer the identifiers of those kept."""
    return await decision_store.keep_proposals(work.connection, proposals, work.now)


async def propose_one(work: UnitOfWork, books: RuleBooks, proposal: Proposal) -> UUID:
    """Keep a person's proposal; answer its identifier.

    Raises NotFound, and Conflict where the alert cannot be decided like that or another proposal is open.
    """
    check_proposal(await _locked(work, books, proposal.alert_id), proposal)
    kept = await propose(work, [proposal])
    if not kept:
        raise not_proposed("proposal-open", "another proposal for this alert waits for its review")
    return kept[0]


async def review(
    work: UnitOfWork, books: RuleBooks, decision_id: UUID, *, confirm: bool, reason: str | None, reviewer: str
) -> None:
    """Confirm or reject a proposal.

    Raises NotFound, and Conflict where it was reviewed before, or by whoever proposed it, or the alert has changed
    meanwhile.
    """
    found = await decision_store.find_decision(work.connection, decision_id)
    alert = await _locked(work, books, found.proposal.alert_id)
    decision = await decision_store.find_decision(work.connection, decision_id)
    check_review(alert, decision, reviewer, confirm=confirm)
    state = "confirmed" if confirm else "rejected"
    await decision_store.store_review(work.connection, decision_id, state, reviewer, reason, work.now)
    if not confirm:
        return
    if decision.proposal.kind == "dismiss":
        await _dismiss(work, books, alert, decision, reviewer)
    elif (level := decision.proposal.level) is not None:
        grade = replace(alert.grade, level=level, response=alert.assessment.response(level))
        revision = alert.revised(grade, "decision", work.now)
        await regrading.apply_revisions(work, [revision], decision.confirmed(reviewer, work.now))


async def _dismiss(work: UnitOfWork, books: RuleBooks, alert: StoredAlert, decision: Decision, reviewer: str) -> None:
    await decision_store.store_dismissal(
        work.connection, alert.alert_id, decision.confirmed(reviewer, work.now), work.now
    )
    await propose(work, await _unsupported(work, books, alert))
    data = AlertDismissed(
        alert_id=alert.alert_id,
        enterprise=alert.assessment.event.data.enterprise,
        level=alert.level,
        ground=decision.proposal.ground,
        reason=decision.proposal.reason,
        proposed_by=decision.proposal.proposed_by,
        confirmed_by=reviewer,
        at=work.now,
    )
    work.emit(Event(ALERT_DISMISSED, alert.enterprise_code, data))


async def _unsupported(work: UnitOfWork, books: RuleBooks, dismissed: StoredAlert) -> list[Proposal]:
    """Propose to take back the upgrades that counted the dismissed alert and would not have come about without it."""
    proposals: list[Proposal] = []
    for one in await grade_store.alerts_caused_by(
        work.connection, books, dismissed.enterprise_code, dismissed.alert_id
    ):
        level = (await regrading.regrade(work.connection, one)).level
        if level.rank < one.level.rank:
            proposals.append(downgrade_for_dismissal(one, level, dismissed.alert_id))
    return proposals


async def _locked(work: UnitOfWork, books: RuleBooks, alert_id: UUID) -> StoredAlert:
    """Return the alert with its enterprise's lock, as every change of an alert has it. Raises NotFound."""
    codes = await enterprises_of(work.connection, [alert_id])
    if not codes:
        raise NotFound("alert", alert_id)
    await intake_store.lock_enterprises(work.connection, codes)
    return await grade_store.locked_alert(work.connection, books, alert_id)
