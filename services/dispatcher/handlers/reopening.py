"""Separating a case from a shared visit, and reopening one that is closed."""

from uuid import UUID

from sqlalchemy import func, select

from services.dispatcher import tables
from services.dispatcher.assignments import queue
from services.dispatcher.cases.access import lock_case_to_change, show
from services.dispatcher.cases.opening import Opening, alert_of, open_case
from services.dispatcher.cases.steps import StepDetails, record
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.fields import Body, ReasonBody, Words
from services.dispatcher.domain.lifecycle import Action
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from services.dispatcher.visits.inspections import separate_inspection
from shared.contract.events import CaseKind
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict


class UnmergeBody(Body):
    """Without `inspection_id` the case leaves the visit that it joined; with it, that inspection leaves the case."""

    reason: Words
    inspection_id: UUID | None = None


async def unmerge_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: UnmergeBody) -> CaseAnswer:
    """Separate a joined case from its visit, or a planned inspection from the case. Raises Conflict, NotFound."""
    case = await lock_case_to_change(work, case_id, caller)
    if body.inspection_id is not None:
        await separate_inspection(work, case, body.inspection_id, caller.actor, body.reason)
    else:
        await shared_visits.separate(work, case, caller.actor, body.reason)
        await queue.assign_all(work, [case])
    return await show(work, case_id, caller)


async def reopen_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: ReasonBody) -> CaseAnswer:
    """Open another case about the alert of a closed one, which stays as it is. Raises Conflict."""
    case = await lock_case_to_change(work, case_id, caller)
    steps = lifecycle.apply(case, Action.REOPEN, caller.role)
    cases = tables.cases.c
    times = await work.connection.scalar(
        select(func.max(cases.reopening)).where(
            cases.alert_id == case.alert_id, cases.kind == case.kind, cases.alert_revision == case.alert_revision
        )
    )
    if times != case.reopening:
        raise Conflict(
            "reopened-already", "This case was reopened before; see the later one.", title="Reopened already"
        )
    alert = await alert_of(work, case)
    opening = Opening(
        alert,
        case.kind,
        station=case.station,
        issued_at=work.now,
        alert_revision=case.alert_revision,
        raised_by=case_id,
        reopening=case.reopening + 1,
        reason=body.reason,
    )
    again = await open_case(work, opening)
    assert again is not None  # noqa: S101  nobody else reopens it: it is locked
    detail = {"reopened_as": str(again.case_id)}
    await record(work, case, steps, StepDetails(caller.actor, reason=body.reason, detail=detail))
    joined = await shared_visits.join(work, again)
    if again.kind is CaseKind.SELF_REPORT:
        work.notify([wording.self_report_again(alert, again.case_id, work.now, body.reason, again.merged_into)])
    elif not joined and lifecycle.may(again, Action.ASSIGN, lifecycle.SYSTEM):
        await queue.assign_all(work, [again])
        if again.kind is CaseKind.ON_SITE:
            work.notify([wording.new_red(again.facts, alert)])
    return await show(work, again.case_id, caller)
