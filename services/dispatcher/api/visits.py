"""The routes of shared visits, planned inspections, and reopening."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.api.parameters import EnterpriseFilter
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain.fields import Body, ReasonBody
from services.dispatcher.domain.inspections import InspectionFields
from services.dispatcher.handlers.reopening import UnmergeBody, reopen_case, unmerge_case
from services.dispatcher.visits import inspections
from services.dispatcher.visits.inspections import Imported, keep_inspections
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.paging import Page, PagingQuery
from shared.web.problems import NOT_POSSIBLE_NOW
from shared.web.routes import Routes
from shared.web.scope import Caller


class InspectionsBody(Body):
    inspections: Annotated[list[InspectionFields], Field(min_length=1, max_length=1000)]


class Inspection(BaseModel):
    """A planned inspection. `case_id` is the case whose visit does it too; without one it is done outside Tricolor."""

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


def router(mutations: CaseMutations, database: Database) -> Routes:
    routes = Routes(tags=["visits"], responses=NOT_POSSIBLE_NOW)

    @routes.post("/v1/cases/{case_id}/unmerge", response_model=CaseAnswer)
    async def unmerge(case_id: UUID, body: UnmergeBody, request: Request, caller: Caller) -> Response:
        """Undo a merge: the case is handled by itself again, in the time it always had."""
        return await mutations.run(request, caller, lambda work: unmerge_case(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/reopen", response_model=CaseAnswer, status_code=200)
    async def reopen(
        case_id: UUID,
        body: ReasonBody,
        request: Request,
        caller: Caller,
    ) -> Response:
        """重新办理: another case about the same alert, its clock from now, is answered. The closed one stays."""
        return await mutations.run(request, caller, lambda work: reopen_case(work, caller, case_id, body))

    @routes.post("/v1/inspections", response_model=Imported)
    async def plan_inspections(body: InspectionsBody, request: Request, caller: Caller) -> Response:
        """Store the quarter's plan, as often as it changes: each number and enterprise is planned once."""
        return await mutations.run(
            request, caller, lambda work: keep_inspections(work, caller.subject, body.inspections)
        )

    @routes.get("/v1/inspections")
    async def list_inspections(paging: PagingQuery, enterprise: EnterpriseFilter = None) -> Page[Inspection]:
        """Every inspection that was ever planned."""
        after = None if paging.after is None else paging.after_as(UUID)[0]
        async with database.transaction() as connection:
            rows = await inspections.list_inspections(connection, enterprise, after=after, limit=paging.limit + 1)
        return paging.page(
            [Inspection.model_validate(row) for row in rows], [(str(row.inspection_id),) for row in rows]
        )

    return routes
