"""Ending a case whose alert asks for it no more: regraded, or dismissed by two people."""

from services.dispatcher import one_door, teams, wording
from services.dispatcher.cases import Case, Step, record
from services.dispatcher.lifecycle import SYSTEM, Action, follow
from services.dispatcher.work import Work


async def end(work: Work, case: Case, action: Action, outcome: str, *, reason: str) -> None:
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
    await one_door.let_go(work, case)
    await teams.release(work, [case], "ended")
