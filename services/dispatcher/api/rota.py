"""The routes of the duty rota and of substitutions, as chiefs keep them."""

from datetime import date
from typing import Annotated

from fastapi import Path, Request, Response

from services.dispatcher.api.mutations import CaseMutations, quoted
from services.dispatcher.api.parameters import CONDITIONAL, IfMatch, code, position
from services.dispatcher.assignments import duty_rota
from services.dispatcher.domain.fields import Code
from services.dispatcher.domain.master_records import HistoryEntry
from services.dispatcher.domain.replanning import Replanned
from services.dispatcher.handlers.rota import (
    Rota,
    RotaBody,
    RotaWritten,
    Substitution,
    SubstitutionBody,
    SubstitutionWritten,
    cancel_substitution_of,
    days_of,
    plan_week,
    substitute_officer,
)
from services.dispatcher.master_data import history
from shared.storage.database import Database
from shared.time.instants import CalendarDate
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller

Week = Annotated[str, Path(pattern=r"^\d{4}-W\d{2}$", description="ISO week, e.g. 2026-W48", examples=["2026-W48"])]


def router(mutations: CaseMutations, database: Database) -> Routes:
    routes = Routes(tags=["rota"])
    _add_rota(routes, mutations, database)
    _add_substitutions(routes, mutations, database)
    return routes


def _add_rota(routes: Routes, mutations: CaseMutations, database: Database) -> None:
    @routes.put("/v1/stations/{station}/rota/{week}", response_model=RotaWritten, responses=CONDITIONAL)
    async def put_rota(
        station: Code,
        week: Week,
        body: RotaBody,
        request: Request,
        caller: Caller,
        if_match: IfMatch = None,
    ) -> Response:
        """The whole rota of a week (周值班表); what it said before is replaced, so `If-Match` must name it."""
        days = days_of(week)
        return await mutations.write(
            request, caller, lambda work: plan_week(work, caller, station, week, days, body, if_match)
        )

    @routes.get("/v1/stations/{station}/rota/{week}")
    async def read_rota(station: Code, week: Week, response: Response) -> Rota:
        days = days_of(week)
        async with database.transaction() as connection:
            planned = await duty_rota.read_rota(connection, station, days)
        rota = Rota.of(station, week, planned)
        response.headers["ETag"] = quoted(rota.etag)
        return rota

    @routes.get("/v1/stations/{station}/rota/{week}/history")
    async def get_rota_history(station: Code, week: Week, paging: PagingQuery) -> Page[HistoryEntry]:
        """Who changed the rota of the week, and when, the newest first; by sheet too."""
        after = None if paging.after is None else paging.after_as(position)[0]
        async with database.transaction() as connection:
            rows = await history.list_entries(connection, "rota", [station, week], after=after, limit=paging.limit + 1)
        return paging.page([HistoryEntry.model_validate(row) for row in rows], [(str(row.entry_id),) for row in rows])


def _add_substitutions(routes: Routes, mutations: CaseMutations, database: Database) -> None:
    @routes.post("/v1/substitutions", response_model=SubstitutionWritten)
    async def substitute(body: SubstitutionBody, request: Request, caller: Caller) -> Response:
        """替班: one officer substitutes for another on one day."""
        return await mutations.run(request, caller, lambda work: substitute_officer(work, caller, body))

    @routes.get("/v1/substitutions")
    async def list_substitutions(paging: PagingQuery, from_day: CalendarDate | None = None) -> Page[Substitution]:
        """Those of `from_day` and later, the next first."""
        after = paging.after_as(date.fromisoformat, code) if paging.after else None
        async with database.transaction() as connection:
            rows = await duty_rota.list_substitutions(connection, from_day, after=after, limit=paging.limit + 1)
        return paging.page(
            [Substitution.model_validate(row) for row in rows], [(row.day.isoformat(), row.officer) for row in rows]
        )

    @routes.post("/v1/substitutions/{day}/{officer}/cancel", response_model=Replanned)
    async def cancel_substitution(day: CalendarDate, officer: Code, request: Request, caller: Caller) -> Response:
        """The officer is on duty after all, and the substitute by the rota only."""
        return await mutations.run(request, caller, lambda work: cancel_substitution_of(work, caller, day, officer))
