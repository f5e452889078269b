"""The duty rota and substitutions, as chiefs keep them.

A change takes unaccepted cases from officers who are not on duty any more, and gives them to others at once; what was
accepted stays with its team, and is named in the answer for the chief to look at.
"""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.assignments import duty_rota
from services.dispatcher.assignments.duty_rota import Replanned, require_officers, unusable, write_rota
from services.dispatcher.assignments.queue import replan
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, Code, Words
from shared.contract.principal import Principal
from shared.time.instants import CalendarDate, Instant


class RotaBody(Body):
    """Who is on duty on which day. A day left out has no rota: all officers of the station are on duty then."""

    days: dict[CalendarDate, Annotated[list[Code], Field(max_length=200)]]


class Rota(BaseModel):
    station: str
    week: str
    days: dict[date, list[str]]


class RotaWritten(Rota, Replanned):
    pass


class SubstitutionBody(Body):
    """`substitute` is on duty on `day` in the place of `officer`."""

    day: CalendarDate
    officer: Code
    substitute: Code
    reason: Words


class Substitution(SubstitutionBody):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    recorded_by: str
    recorded_at: Instant


class SubstitutionWritten(SubstitutionBody, Replanned):
    pass


async def plan_week(
    work: CaseUnitOfWork, caller: Principal, station: str, week: str, days: list[date], body: RotaBody
) -> RotaWritten:
    """Replace the rota of a station for the week's `days`. Raises NotAllowed, Invalid."""
    if strange := sorted(day for day in body.days if day not in days):
        raise unusable(f"days: {strange[0]} is not in {week}.")
    planned = {day: sorted(set(officers)) for day, officers in body.days.items()}
    concerned = await write_rota(work, caller, station, days, planned)
    done = await replan(work, concerned)
    return RotaWritten(station=station, week=week, days=planned, **done)


async def substitute_officer(work: CaseUnitOfWork, caller: Principal, body: SubstitutionBody) -> SubstitutionWritten:
    """Have one officer substitute for another on one day. Raises NotAllowed, Invalid."""
    homes = await require_officers(work, caller, {body.officer, body.substitute})
    if body.officer == body.substitute or len(set(homes.values())) != 1:
        raise unusable("substitute: another officer of the same station.")
    await duty_rota.write_substitution(work, caller.subject, **body.model_dump())
    return SubstitutionWritten(**body.model_dump(), **await replan(work, {body.officer}))


async def cancel_substitution_of(work: CaseUnitOfWork, caller: Principal, day: date, officer: str) -> Replanned:
    """Cancel the substitution of the officer on that day. Raises NotFound, and NotAllowed beyond a chief's reach."""
    substitute = await duty_rota.delete_substitution(work, day, officer)
    await require_officers(work, caller, {officer})
    return Replanned(**await replan(work, {substitute}))


def days_of(week: str) -> list[date]:
    """Monday to Sunday. Raises Invalid for a week that the year does not have."""
    year, number = week.split("-W")
    try:
        return [date.fromisocalendar(int(year), int(number), day) for day in range(1, 8)]
    except ValueError as error:
        raise unusable(f"week: {week} is no ISO week ({error}).") from error
