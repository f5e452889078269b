"""The routes of absences: who of the ladder is away, so that a rung reaches somebody who is there."""

from uuid import UUID

from fastapi import Request, Response

from services.deadline_watch.handlers.absences import Absence, Recorded, end_absence, record_absence, require_reach
from services.deadline_watch.store import absences as store
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import instant_of, shown
from shared.web.idempotency import Mutations
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


def router(database: Database, mutations: Mutations[UnitOfWork], clock: Clock) -> Routes:
    routes = Routes(tags=["absences"])

    @routes.get("/v1/absences")
    async def list_absences(paging: PagingQuery) -> Page[Absence]:
        """Who is away now or will be, the earliest first."""
        after = paging.after_as(instant_of, UUID) if paging.after else None
        async with database.transaction() as connection:
            rows = await store.list_absences(connection, clock.now(), after=after, limit=paging.limit + 1)
        return paging.page(
            [Absence.model_validate(row, from_attributes=True) for row in rows],
            [(shown(row.since), str(row.absence_id)) for row in rows],
        )

    @routes.post("/v1/absences", status_code=201, response_model=Absence)
    async def record(given: Recorded, request: Request, caller: Caller) -> Response:
        """Record an absence. While it lasts, what would reach that office reaches the next level up."""
        require_reach(caller, given.station)

        return await mutations.run(request, caller, lambda work: record_absence(work, caller, given), status=201)

    @routes.post("/v1/absences/{absence_id}/end", response_model=Absence)
    async def end(absence_id: UUID, request: Request, caller: Caller) -> Response:
        """Back early: the absence ends now."""

        return await mutations.run(request, caller, lambda work: end_absence(work, caller, absence_id))

    return routes
