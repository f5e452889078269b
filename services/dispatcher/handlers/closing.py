"""Closing a case without an answer, because its alert was regraded, or dismissed by two people."""

from services.dispatcher.assignments import teams
from services.dispatcher.cases.steps import StepDetails, record
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import ENDED_WITH_CASE
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from shared.contract.events import CaseKind


async def close_unanswered(work: CaseUnitOfWork, case: Case, action: Action, outcome: str, *, reason: str) -> None:
    """Close a case with an outcome, release its team, and notify those who worked on it."""
    visited = case.arrived_at is not None
    await record(work, case, lifecycle.apply(case, action, SYSTEM, outcome=outcome), StepDetails(reason=reason))
    ended = wording.ended(
        case_id=case.case_id,
        known_as=case.case_id if case.kind is CaseKind.SELF_REPORT or visited else case.raised_by,
        alert_id=case.alert_id,
        enterprise_code=case.enterprise_code,
        enterprise_name=case.enterprise_name,
        kind=case.kind,
        outcome=outcome,
        reason=reason,
        officers=case.officers,
    )
    work.notify(ended)
    await shared_visits.dissolve(work, case)
    await teams.release(work, [case], ENDED_WITH_CASE)
