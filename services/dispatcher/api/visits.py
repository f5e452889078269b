"""What shares a visit and what does not; and cases asked for anew after they had closed."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_json
from sqlalchemy import func, select

from services.dispatcher import tables
from services.dispatcher.api.desk import Desk, case_for, show
from services.dispatcher.api.hand_over import ReasonBody
from services.dispatcher.api.review import Office
from services.dispatcher.assignments import queue
from services.dispatcher.cases.store import Step, open_case, record
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain.fields import Body, Code, Words
from services.dispatcher.domain.lifecycle import Action, follow
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from services.dispatcher.visits.inspections import Imported, InspectionFields, keep_inspections
from shared.contract.events import AlertGraded, CaseKind
from shared.contract.roles import READERS, Role
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.identity import Principal, require
from shared.web.paging import Page, PagingQuery
from shared.web.problems import Problem, documented, not_found

Registrar = Annotated[Principal, require(Role.ADMIN, Role.SECTION)]
Reader = Annotated[Principal, require(*READERS, Role.OFFICER)]


class UnmergeBody(Body):
    """Without `inspection_id` the case parts from the visit it goes along with; with it, from that inspection."""

    reason: Words
    inspection_id: UUID | None = None


class InspectionsBody(Body):
    inspections: Annotated[list[InspectionFields], Field(min_length=1, max_length=1000)]


class Inspection(BaseModel):
    """`case_id` is the case whose visit does it too; done with that case, or outside Tricolor."""

    model_config = ConfigDict(from_attributes=True)

    inspection_id: UUID
    plan: str
    enterprise_code: str
    matters: str
    planned_from: date
    planned_until: date
    case_id: UUID | None
    linked_at: Instant | None
    done_at: Instant | None


def router(desk: Desk, database: Database) -> APIRouter:
    routes = APIRouter(tags=["visits"], responses={409: documented("Not possible now; `allowed` says what is")})

    @routes.post("/v1/cases/{case_id}/unmerge", response_model=CaseAnswer)
    async def unmerge(case_id: UUID, body: UnmergeBody, request: Request, caller: Office) -> Response:
        """Undo a merge: the case is handled by itself again, in the time it always had."""
        return await desk.act(request, caller, lambda work: _unmerge(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/reopen", response_model=CaseAnswer, status_code=200)
    async def reopen(
        case_id: UUID,
        body: ReasonBody,
        request: Request,
        caller: Annotated[Principal, require(Role.SECTION, Role.LEADER, Role.ADMIN)],
    ) -> Response:
        """重新办理: another case about the same alert, its clock from now, is answered. The closed one stays."""
        return await desk.act(request, caller, lambda work: _reopen(work, caller, case_id, body))

    @routes.post("/v1/inspections", response_model=Imported)
    async def plan_inspections(body: InspectionsBody, request: Request, caller: Registrar) -> Response:
        """The quarter's plan, again and again as it changes: each number and enterprise is planned once."""
        return await desk.act(request, caller, lambda work: keep_inspections(work, caller.subject, body.inspections))

    @routes.get("/v1/inspections")
    async def list_inspections(_: Reader, paging: PagingQuery, enterprise: Code | None = None) -> Page[Inspection]:
        """All that were ever planned."""
        inspections = tables.inspections.c
        asked = select(tables.inspections).order_by(inspections.inspection_id).limit(paging.limit + 1)
        if enterprise is not None:
            asked = asked.where(inspections.enterprise_code == enterprise)
        if paging.after is not None:
            asked = asked.where(inspections.inspection_id > paging.after_as(UUID)[0])
        async with database.transaction() as connection:
            rows = (await connection.execute(asked)).all()
        return paging.page(
            [Inspection.model_validate(row) for row in rows], [(str(row.inspection_id),) for row in rows]
        )

    return routes


async def _unmerge(work: Work, caller: Principal, case_id: UUID, body: UnmergeBody) -> CaseAnswer:
    case = await case_for(work, case_id, caller)
    if body.inspection_id is not None:
        if not await shared_visits.part_from_inspection(work, case, body.inspection_id, caller.actor, body.reason):
            raise not_found("inspection of this case", body.inspection_id)
    else:
        await shared_visits.part(work, case, caller.actor, body.reason)
        await queue.assign_all(work, [case])
    return await show(work, case_id, caller)


async def _reopen(work: Work, caller: Principal, case_id: UUID, body: ReasonBody) -> CaseAnswer:
    case = await case_for(work, case_id, caller)
    transition = follow(case.kind, case.state, Action.REOPEN, caller.role)
    alerts, cases = tables.case_alerts.c, tables.cases.c
    stored = await work.connection.scalar(
        select(alerts.alert).where(alerts.case_id == case_id, alerts.alert_id == case.alert_id)
    )
    times = await work.connection.scalar(
        select(func.max(cases.reopening)).where(
            cases.alert_id == case.alert_id, cases.kind == case.kind, cases.alert_revision == case.alert_revision
        )
    )
    if times != case.reopening:
        raise Problem(409, "reopened-already", "Reopened already", "This case was reopened before; see the later one.")
    alert = AlertGraded.model_validate_json(to_json(stored))
    again = await open_case(
        work,
        alert,
        case.kind,
        station=case.station,
        issued_at=work.now,
        alert_revision=case.alert_revision,
        raised_by=case_id,
        reopening=case.reopening + 1,
        reason=body.reason,
    )
    assert again is not None  # noqa: S101  nobody else reopens it: it is locked
    detail = {"reopened_as": str(again.case_id)}
    await record(
        work, case, Step(transition.told, transition.after(case.state), caller.actor, reason=body.reason, detail=detail)
    )
    if again.kind is CaseKind.SELF_REPORT:
        work.notices.append(wording.self_report_again(alert, again.case_id, work.now, body.reason))
    else:
        await queue.assign_all(work, [again])
    return await show(work, again.case_id, caller)
