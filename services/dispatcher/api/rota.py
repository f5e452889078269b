"""The routes of the duty rota and of substitutions, as chiefs keep them."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from services.dispatcher.api.callers import Reader, StationOffice
from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.assignments import duty_rota
from services.dispatcher.assignments.duty_rota import Replanned
from services.dispatcher.domain.fields import Code
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
from shared.storage.database import Database
from shared.time.instants import CalendarDate

Week = Annotated[str, Path(pattern=r"^\d{4}-W\d{2}$", description="ISO week, e.g. 2026-W48", examples=["2026-W48"])]


def router(mutations: CaseMutations, database: Database) -> APIRouter:
    routes = APIRouter(tags=["rota"])
    _add_rota(routes, mutations, database)
    _add_substitutions(routes, mutations, database)
    return routes


def _add_rota(routes: APIRouter, mutations: CaseMutations, database: Database) -> None:
    @routes.put("/v1/stations/{station}/rota/{week}", response_model=RotaWritten)
    async def put_rota(station: Code, week: Week, body: RotaBody, request: Request, caller: StationOffice) -> Response:
        """The whole rota of a week (周值班表); what it said before is replaced."""
        days = days_of(week)
        return await mutations.run(request, caller, lambda work: plan_week(work, caller, station, week, days, body))

    @routes.get("/v1/stations/{station}/rota/{week}")
    async def read_rota(station: Code, week: Week, _: Reader) -> Rota:
        days = days_of(week)
        async with database.transaction() as connection:
            planned = await duty_rota.read_rota(connection, station, days)
        return Rota(station=station, week=week, days=planned)


def _add_substitutions(routes: APIRouter, mutations: CaseMutations, database: Database) -> None:
    @routes.post("/v1/substitutions", response_model=SubstitutionWritten)
    async def substitute(body: SubstitutionBody, request: Request, caller: StationOffice) -> Response:
        """替班: one officer substitutes for another on one day."""
        return await mutations.run(request, caller, lambda work: substitute_officer(work, caller, body))

    @routes.get("/v1/substitutions")
    async def list_substitutions(_: Reader, from_day: CalendarDate | None = None) -> list[Substitution]:
        """Those of `from_day` and later; at most 500, the next first."""
        async with database.transaction() as connection:
            rows = await duty_rota.list_substitutions(connection, from_day, limit=500)
        return [Substitution.model_validate(row) for row in rows]

    @routes.post("/v1/substitutions/{day}/{officer}/cancel", response_model=Replanned)
    async def cancel_substitution(
        day: CalendarDate, officer: Code, request: Request, caller: StationOffice
    ) -> Response:
        """The officer is on duty after all, and the substitute by the rota only."""
        return await mutations.run(request, caller, lambda work: cancel_substitution_of(work, caller, day, officer))
