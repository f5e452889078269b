"""Accepting an interim report (阶段性反馈): the case stays open, and the final report is due by the planned end."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.dispatcher import tables
from services.dispatcher.cases.steps import StepDetails, record, record_all
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from shared.contract.principal import Principal
from shared.time.instants import shown

_REPORTS = tables.self_reports.c


async def accept_interim(work: CaseUnitOfWork, caller: Principal, case: Case, comment: str | None) -> None:
    """Accept the interim report of a locked case, for what joined it too. Raises Conflict.

    It stands as the answer to the first clock. The final one gets a clock of its own from the event that this emits.
    """
    case.planned_end = await _planned_end(work, case.case_id)
    details = StepDetails(caller.actor, reason=comment, detail={"planned_end": shown(case.planned_end)})
    await record(work, case, lifecycle.apply(case, Action.APPROVE, caller.role), details)
    joined = await shared_visits.joined_cases(work, case)
    for one in joined:
        one.planned_end = case.planned_end
    await record_all(work, [(one, lifecycle.apply(one, Action.ACCEPT_INTERIM, SYSTEM), details) for one in joined])
    work.notify([wording.interim_accepted(case.facts, case.planned_end)])


async def _planned_end(work: CaseUnitOfWork, case_id: UUID) -> datetime:
    latest = await work.connection.scalars(
        select(_REPORTS.planned_end)
        .where(_REPORTS.case_id == case_id, _REPORTS.interim)
        .order_by(_REPORTS.received_at.desc(), _REPORTS.self_report_id.desc())
        .limit(1)
    )
    planned_end: datetime = latest.one()
    return planned_end
