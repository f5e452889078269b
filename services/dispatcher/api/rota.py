"""The duty rota and substitutions, as chiefs keep them.

A change takes unaccepted cases from officers who are not on duty any more, and gives them to others at once; what was
accepted stays with its team, and is named in the answer for the chief to look at.
"""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.dispatcher import tables
from services.dispatcher.api.callers import Keeper, Reader
from services.dispatcher.api.desk import Desk
from services.dispatcher.assignments.duty_rota import Replanned, require_officers, unusable, write_rota
from services.dispatcher.assignments.queue import replan
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.domain.fields import Body, Code, Words
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.problems import not_found

Week = Annotated[str, Path(pattern=r"^\d{4}-W\d{2}$", description="ISO week, e.g. 2026-W48", examples=["2026-W48"])]
_LONGEST = timedelta(days=366)


class RotaBody(Body):
    """Who is on duty on which day. A day left out has no rota: all officers of the station are on duty then."""

    days: dict[date, Annotated[list[Code], Field(max_length=200)]]


class Rota(BaseModel):
    station: str
    week: str
    days: dict[date, list[str]]


class RotaWritten(Rota, Replanned):
    pass


class SubstitutionBody(Body):
    """`substitute` is on duty on `day` in the place of `officer`."""

    day: date
    officer: Code
    substitute: Code
    reason: Words


class Substitution(SubstitutionBody):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    recorded_by: str
    recorded_at: Instant


class SubstitutionWritten(SubstitutionBody, Replanned):
    pass


def router(desk: Desk, database: Database) -> APIRouter:
    routes = APIRouter(tags=["rota"])
    _add_rota(routes, desk, database)
    _add_substitutions(routes, desk, database)
    return routes


def _add_rota(routes: APIRouter, desk: Desk, database: Database) -> None:
    @routes.put("/v1/stations/{station}/rota/{week}", response_model=RotaWritten)
    async def put_rota(station: Code, week: Week, body: RotaBody, request: Request, caller: Keeper) -> Response:
        """The whole rota of a week (周值班表); what it said before is replaced."""
        days = _days_of(week)

        async def deed(work: Work) -> RotaWritten:
            if strange := sorted(day for day in body.days if day not in days):
                raise unusable(f"days: {strange[0]} is not in {week}.")
            planned = {day: sorted(set(officers)) for day, officers in body.days.items()}
            concerned = await write_rota(work, caller, station, days, planned)
            done = await replan(work, concerned)
            return RotaWritten(station=station, week=week, days=planned, **done)

        return await desk.act(request, caller, deed)

    @routes.get("/v1/stations/{station}/rota/{week}")
    async def read_rota(station: Code, week: Week, _: Reader) -> Rota:
        days, columns = _days_of(week), tables.duty_days.c
        planned: dict[date, list[str]] = {}
        async with database.transaction() as connection:
            rows = await connection.execute(
                select(columns.day, columns.officer)
                .where(columns.station == station, columns.day.in_(days))
                .order_by(columns.day, columns.officer)
            )
        for row in rows:
            planned.setdefault(row.day, []).append(row.officer)
        return Rota(station=station, week=week, days=planned)


def _add_substitutions(routes: APIRouter, desk: Desk, database: Database) -> None:
    @routes.post("/v1/substitutions", response_model=SubstitutionWritten)
    async def substitute(body: SubstitutionBody, request: Request, caller: Keeper) -> Response:
        """替班: one officer stands in for another on one day."""

        async def deed(work: Work) -> SubstitutionWritten:
            homes = await require_officers(work, caller, {body.officer, body.substitute})
            if body.officer == body.substitute or len(set(homes.values())) != 1:
                raise unusable("substitute: another officer of the same station.")
            kept = {"recorded_by": caller.subject, "recorded_at": work.now}
            await work.connection.execute(
                upsert(tables.substitutions)
                .values(**body.model_dump(), **kept)
                .on_conflict_do_update(
                    index_elements=["day", "officer"],
                    set_={"substitute": body.substitute, "reason": body.reason, **kept},
                )
            )
            return SubstitutionWritten(**body.model_dump(), **await replan(work, {body.officer}))

        return await desk.act(request, caller, deed)

    @routes.get("/v1/substitutions")
    async def list_substitutions(_: Reader, from_day: date | None = None) -> list[Substitution]:
        """Those of `from_day` and later; at most 500, the next first."""
        columns = tables.substitutions.c
        asked = select(tables.substitutions).order_by(columns.day, columns.officer).limit(500)
        if from_day is not None:
            asked = asked.where(columns.day >= from_day)
        async with database.transaction() as connection:
            return [Substitution.model_validate(row) for row in await connection.execute(asked)]

    @routes.post("/v1/substitutions/{day}/{officer}/cancel", response_model=Replanned)
    async def cancel_substitution(day: date, officer: Code, request: Request, caller: Keeper) -> Response:
        """The officer is on duty after all, and the substitute by the rota only."""

        async def deed(work: Work) -> Replanned:
            columns = tables.substitutions.c
            substitute = await work.connection.scalar(
                delete(tables.substitutions)
                .where(columns.day == day, columns.officer == officer)
                .returning(columns.substitute)
            )
            if substitute is None:
                raise not_found("substitution", f"{day}/{officer}")
            await require_officers(work, caller, {officer})
            return Replanned(**await replan(work, {substitute}))

        return await desk.act(request, caller, deed)


def _days_of(week: str) -> list[date]:
    """Monday to Sunday. Raises Problem 422 for a week that the year does not have."""
    year, number = week.split("-W")
    try:
        return [date.fromisocalendar(int(year), int(number), day) for day in range(1, 8)]
    except ValueError as error:
        raise unusable(f"week: {week} is no ISO week ({error}).") from error
