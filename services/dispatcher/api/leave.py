"""The routes of leave and recusals, as chiefs keep them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.api.parameters import code
from services.dispatcher.assignments import leave, recusals
from services.dispatcher.assignments.recusals import RecusalBody
from services.dispatcher.domain.fields import Code, EnterpriseCode
from services.dispatcher.handlers.leave import (
    Leave,
    LeaveBody,
    LeaveWritten,
    Recusal,
    RecusalWritten,
    cancel_leave_of,
    end_recusal_of,
    grant_leave,
    recuse_officer,
)
from shared.storage.database import Database
from shared.time.instants import CalendarDate
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


def router(mutations: CaseMutations, database: Database) -> Routes:
    routes = Routes(tags=["rota"])
    _add_leaves(routes, mutations, database)
    _add_recusals(routes, mutations, database)
    return routes


def _add_leaves(routes: Routes, mutations: CaseMutations, database: Database) -> None:
    @routes.post("/v1/leaves", response_model=LeaveWritten)
    async def take_leave(body: LeaveBody, request: Request, caller: Caller) -> Response:
        """请假: the officer is given nothing from the first day to the last."""
        return await mutations.run(request, caller, lambda work: grant_leave(work, caller, body))

    @routes.post("/v1/leaves/{leave_id}/cancel", response_model=Leave)
    async def cancel_leave(leave_id: UUID, request: Request, caller: Caller) -> Response:
        """销假: the officer is back. The leave is kept, cancelled."""
        return await mutations.run(request, caller, lambda work: cancel_leave_of(work, caller, leave_id))

    @routes.get("/v1/leaves")
    async def list_leaves(
        paging: PagingQuery,
        from_day: CalendarDate | None = None,
        officer: Annotated[Code | None, Query()] = None,
    ) -> Page[Leave]:
        """Leave that ends on `from_day` or later, the next first."""
        after = paging.after_as(date.fromisoformat, UUID) if paging.after else None
        async with database.transaction() as connection:
            rows = await leave.list_leaves(connection, from_day, officer, after=after, limit=paging.limit + 1)
        return paging.page(
            [Leave.model_validate(row) for row in rows],
            [(row.first_day.isoformat(), str(row.leave_id)) for row in rows],
        )


def _add_recusals(routes: Routes, mutations: CaseMutations, database: Database) -> None:
    @routes.post("/v1/recusals", response_model=RecusalWritten)
    async def recuse(body: RecusalBody, request: Request, caller: Caller) -> Response:
        """回避: no case of the enterprise is given to the officer, and what was not accepted there goes to others."""
        return await mutations.run(request, caller, lambda work: recuse_officer(work, caller, body))

    @routes.post("/v1/recusals/{enterprise_code}/{officer}/end", response_model=Recusal)
    async def end_recusal(enterprise_code: EnterpriseCode, officer: Code, request: Request, caller: Caller) -> Response:
        """End a recusal: the officer may be given cases there again."""
        return await mutations.run(request, caller, lambda work: end_recusal_of(work, caller, enterprise_code, officer))

    @routes.get("/v1/recusals")
    async def list_recusals(paging: PagingQuery, officer: Annotated[Code | None, Query()] = None) -> Page[Recusal]:
        """The recusals in force, by enterprise and officer."""
        after = paging.after_as(code, code) if paging.after else None
        async with database.transaction() as connection:
            rows = await recusals.list_recusals(connection, officer, after=after, limit=paging.limit + 1)
        return paging.page(
            [Recusal.model_validate(row) for row in rows], [(row.enterprise_code, row.officer) for row in rows]
        )
