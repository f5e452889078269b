"""Ending a case whose alert asks for it no more: regraded, or dismissed by two people."""

from services.dispatcher.assignments import teams
from services.dispatcher.cases.store import Case, Step, record
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import SYSTEM, Action, follow
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits


async def end(work: CaseUnitOfWork, case: Case, action: Action, outcome: str, *, reason: str) -> None:
    """Close the case with its outcome, release its team, and tell those who worked on it."""
    transition = follow(case.kind, case.state, action, SYSTEM)
    await record(work, case, Step(transition.told, transition.after(case.state), reason=reason, outcome=outcome))
    work.notices += wording.ended(
        case_id=case.case_id,
        alert_id=case.alert_id,
        enterprise_code=case.enterprise_code,
        enterprise_name=case.enterprise_name,
        kind=case.kind,
        outcome=outcome,
        reason=reason,
        officers=case.officers,
    )
    await shared_visits.let_go(work, case)
    await teams.release(work, [case], "ended")
