"""The duty rota and substitutions, as chiefs keep them.

A change takes unaccepted cases from officers who are not on duty any more, and gives them to others at once; what was
accepted stays with its team, and is named in the answer for the chief to look at.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field

from services.dispatcher.assignments import duty_rota
from services.dispatcher.assignments.duty_rota import require_officers, unusable, write_rota
from services.dispatcher.assignments.without_hands import planned_in_vain, replan, why_not_on
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, Code, Words
from services.dispatcher.domain.record_changes import Author, Change, Fields, etag_of, require_match
from services.dispatcher.domain.replanning import PlannedInVain, Replanned
from services.dispatcher.master_data import history
from shared.contract.principal import Principal
from shared.time.instants import CalendarDate, Instant


class RotaBody(Body):
    """Who is on duty on which day. A day left out has no rota: all officers of the station are on duty then.

    A day with an empty list has one, and nobody is on duty.
    """

    days: dict[CalendarDate, Annotated[list[Code], Field(max_length=200)]]


class Rota(BaseModel):
    """`etag` names what it says: as `If-Match` it makes replacing it safe."""

    station: str
    week: str
    days: dict[date, list[str]]
    etag: str

    @classmethod
    def of(cls, station: str, week: str, days: Mapping[date, list[str]], **more: Any) -> Self:
        said = {"station": station, "week": week, "days": days}
        return cls.model_validate({**said, "etag": etag_of(said), **more})


class RotaWritten(Rota, Replanned):
    """`in_vain` names officers on the rota who may not go on that day."""

    in_vain: list[PlannedInVain] = []


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
    work: CaseUnitOfWork,
    caller: Principal,
    station: str,
    week: str,
    days: list[date],
    body: RotaBody,
    if_match: str | None,
) -> RotaWritten:
    """Replace the rota of a station for the week's `days`, where `if_match` names it if there is one.

    Raises NotAllowed, Invalid, ConditionMissing, Stale.
    """
    if strange := sorted(day for day in body.days if day not in days):
        raise unusable(f"days: {strange[0]} is not in {week}.")
    planned = {day: sorted(set(officers)) for day, officers in sorted(body.days.items())}
    before = await duty_rota.lock_rota(work.connection, station, days)
    concerned = await write_rota(work, caller, station, days, planned)
    present = Rota.of(station, week, before)
    require_match(present.etag, if_match, replacing=bool(before), record=present)
    await history.keep_rota(work, station, before, planned, Author(caller.actor, "put"))
    done = await replan(work, concerned, days)
    return RotaWritten.of(station, week, planned, **done, in_vain=await planned_in_vain(work, station, planned))


async def substitute_officer(work: CaseUnitOfWork, caller: Principal, body: SubstitutionBody) -> SubstitutionWritten:
    """Have one officer substitute for another on one day. Raises NotAllowed, Invalid, Conflict."""
    homes = await require_officers(work, caller, {body.officer, body.substitute})
    if body.officer == body.substitute or len(set(homes.values())) != 1:
        raise unusable("substitute: another officer of the same station.")
    if (why := await why_not_on(work, body.substitute, body.day)) is not None:
        raise unusable(f"substitute: {body.substitute} is {why.reason.en}（{why.reason.zh}）.")
    reason = await duty_rota.write_substitution(work, caller.subject, **body.model_dump())
    after = body.model_dump(mode="json")
    await _remember(work, caller, None if reason is None else after | {"reason": reason}, after)
    return SubstitutionWritten(**body.model_dump(), **await replan(work, {body.officer}, [body.day]))


async def cancel_substitution_of(work: CaseUnitOfWork, caller: Principal, day: date, officer: str) -> Replanned:
    """Cancel the substitution of the officer on that day. Raises NotFound, and NotAllowed beyond a chief's reach."""
    substitute = await duty_rota.delete_substitution(work, day, officer)
    await require_officers(work, caller, {officer})
    named = {"day": day.isoformat(), "officer": officer}
    await _remember(work, caller, named | {"substitute": substitute}, named | {"substitute": None})
    return Replanned(**await replan(work, {substitute}, [day]))


async def _remember(work: CaseUnitOfWork, caller: Principal, before: Fields | None, after: Fields) -> None:
    change = Change(before, after)
    await history.keep(work, "substitutions", ["day", "officer"], [change], Author(caller.actor, "post"))


def days_of(week: str) -> list[date]:
    """Monday to Sunday. Raises Invalid for a week that the year does not have."""
    year, number = week.split("-W")
    try:
        return [date.fromisocalendar(int(year), int(number), day) for day in range(1, 8)]
    except ValueError as error:
        raise unusable(f"week: {week} is no ISO week ({error}).") from error
