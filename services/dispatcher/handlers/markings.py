"""Markings (数据标记) that took a grade down: each is looked at by the station, and verified on site as reports are."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.dispatcher import tables
from services.dispatcher.cases.opening import Opening, open_case
from services.dispatcher.cases.steps import StepDetails, note, record
from services.dispatcher.cases.store import Case, lock
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import Action
from services.dispatcher.domain.outcomes import MARKING_ACCEPTED, MARKING_QUESTIONED
from services.dispatcher.notices import wording
from services.dispatcher.notices.wording.markings import marking_in_words
from services.dispatcher.visits.verifications import verify_if_drawn, verify_on_site
from shared.contract.events import AlertGraded, CaseKind
from shared.contract.principal import Principal

MARKING_ADDED = "cn.tricolor.case.marking_added.v1"
_CASES = tables.cases.c


async def review_marking(work: CaseUnitOfWork, alert: AlertGraded, station: str | None, revision: int) -> None:
    """Have the station look at the marking of an alert, together with those of the enterprise that it looks at already.

    Does nothing for an alert whose grade no marking took down.
    """
    if not alert.marking_effective:
        return
    said = marking_in_words(alert)
    if (under_review := await _open_review(work, alert.enterprise.code)) is not None:
        joined = {"case_id": under_review.case_id, "enterprise_code": alert.enterprise.code}
        added = await work.connection.execute(
            insert(tables.case_alerts)
            .values(**joined, alert_id=alert.alert_id, alert=alert.model_dump(mode="json"))
            .on_conflict_do_nothing()
        )
        if added.rowcount:
            detail = {"alert_id": str(alert.alert_id)}
            await note(work, under_review, MARKING_ADDED, StepDetails(reason=said.zh, detail=detail))
        return
    case = await open_case(work, Opening(alert, CaseKind.MARKING, station, alert.issued_at, revision, reason=said.zh))
    if case is not None:
        work.notify([wording.marking_to_review(case.facts, said)])


async def _open_review(work: CaseUnitOfWork, enterprise_code: str) -> Case | None:
    found: UUID | None = await work.connection.scalar(
        select(_CASES.case_id)
        .where(_CASES.enterprise_code == enterprise_code, _CASES.kind == CaseKind.MARKING, _CASES.closed_at.is_(None))
        .order_by(_CASES.opened_at)
        .limit(1)
    )
    return await lock(work, found) if found is not None else None


async def accept_marking(work: CaseUnitOfWork, caller: Principal, case: Case, comment: str | None) -> None:
    """Accept the marking of a locked case, and draw whether officers look on site. Raises Conflict."""
    steps = lifecycle.apply(case, Action.APPROVE, caller.role, outcome=MARKING_ACCEPTED)
    await record(work, case, steps, StepDetails(caller.actor, reason=comment))
    await verify_if_drawn(work, case)


async def question_marking(work: CaseUnitOfWork, caller: Principal, case: Case, reason: str) -> None:
    """Have officers look on site, because the marking of a locked case is not believed. Raises Conflict."""
    steps = lifecycle.apply(case, Action.RETURN, caller.role, outcome=MARKING_QUESTIONED)
    await record(work, case, steps, StepDetails(caller.actor, reason=reason))
    await verify_on_site(work, [case], f"数据标记存疑：{reason}")
