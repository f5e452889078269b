"""Reading deadlines with their explanations, explaining one that does not exist, and the calendar."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, false, select, true, tuple_

from services.deadline_watch import ladder, tables
from services.deadline_watch.deadlines import Explanation, compute
from services.deadline_watch.marks import State
from services.deadline_watch.policy import DeadlinePolicy
from shared.calendar import Notice, WorkingCalendar
from shared.database import Database
from shared.events import Level
from shared.identity import Principal, require
from shared.instants import SHANGHAI, Instant, instant_of, shown
from shared.paging import Page, PagingQuery
from shared.problems import not_found
from shared.roles import READERS, Role

Reader = Annotated[Principal, require(*READERS, Role.OFFICER, Role.ENTERPRISE)]
Anyone = Annotated[Principal, require(*Role)]

# Of what lies outside nobody keeps a calendar, and near the ends of time there is no next day to count.
_FIRST, _END = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (1949, 2200))


class DeadlineAnswer(BaseModel):
    """A deadline. `due_at` is the half-open end: what arrives at that instant is late."""

    deadline_id: UUID
    case_id: UUID
    alert_id: UUID
    kind: str
    level: Level
    enterprise_code: str
    station: str | None
    started_at: Instant
    due_at: Instant
    due_text: str
    state: State
    provisional: bool
    answered_at: Instant | None
    returned_at: Instant | None
    met_at: Instant | None
    missed_at: Instant | None
    closed_at: Instant | None
    explanation: Explanation


class StepAnswer(BaseModel):
    """A warning, the miss, or a rung: ahead, fired, or void because it no longer applied."""

    step: str
    action: str
    at: Instant
    recipients: list[str]
    done_at: Instant | None
    outcome: str | None


class DeadlineWithSteps(DeadlineAnswer):
    steps: list[StepAnswer]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    level: Literal["yellow", "red"]
    start: Annotated[AwareDatetime, Field(ge=_FIRST, lt=_END)]


class Ahead(BaseModel):
    step: str
    at: Instant
    recipients: list[str]


class Explained(BaseModel):
    """What a deadline would be; `warnings` and `ladder` are what would happen if nobody answered."""

    due_at: Instant
    due_text: str
    provisional: bool
    explanation: Explanation
    warnings: list[Ahead]
    ladder: list[Ahead]


class YearAnswer(BaseModel):
    year: int
    version: str
    published: bool
    notice: Notice | None
    days_off: dict[str, list[date]]
    make_up_days: dict[str, list[date]]


def router(database: Database, policy: DeadlinePolicy, calendar: WorkingCalendar) -> APIRouter:
    routes = APIRouter(tags=["deadlines"])
    deadlines = tables.deadlines.c

    @routes.get("/v1/deadlines")
    async def list_deadlines(
        paging: PagingQuery,
        caller: Reader,
        state: State | None = None,
        level: Level | None = None,
        station: str | None = None,
    ) -> Page[DeadlineAnswer]:
        """Deadlines the caller may see, the earliest due first."""
        asked = (
            None if state is None else deadlines.state == state,
            None if level is None else deadlines.level == level,
            None if station is None else deadlines.station == station,
            None
            if paging.after is None
            else tuple_(deadlines.due_at, deadlines.deadline_id) > paging.after_as(instant_of, UUID),
        )
        async with database.transaction() as connection:
            rows = (
                await connection.execute(
                    select(tables.deadlines)
                    .where(_visible_to(caller), *(one for one in asked if one is not None))
                    .order_by(deadlines.due_at, deadlines.deadline_id)
                    .limit(paging.limit + 1)
                )
            ).all()
        return paging.page(
            [DeadlineAnswer.model_validate(row, from_attributes=True) for row in rows],
            [(shown(row.due_at), str(row.deadline_id)) for row in rows],
        )

    @routes.get("/v1/deadlines/{deadline_id}")
    async def read_deadline(deadline_id: UUID, caller: Reader) -> DeadlineWithSteps:
        """One deadline: every day counted or skipped and why, and every step ahead or done."""
        async with database.transaction() as connection:
            row = (
                await connection.execute(
                    select(tables.deadlines).where(deadlines.deadline_id == deadline_id, _visible_to(caller))
                )
            ).one_or_none()
            if row is None:
                raise not_found("deadline", deadline_id)
            steps = (
                await connection.execute(
                    select(tables.steps)
                    .where(tables.steps.c.deadline_id == deadline_id)
                    .order_by(tables.steps.c.at, tables.steps.c.step)
                )
            ).all()
        values: dict[str, Any] = dict(row._mapping) | {
            "steps": [StepAnswer.model_validate(step, from_attributes=True) for step in steps]
        }
        return DeadlineWithSteps.model_validate(values)

    @routes.post("/v1/deadlines/explain")
    async def explain(asked: Asked, caller: Anyone) -> Explained:
        """What the deadline of an alert of `level` issued at `start` would be. Nothing is stored."""
        del caller
        deadline = compute(policy.kind_of(Level(asked.level)), asked.start, policy, calendar)
        rungs = ladder.climb(deadline.kind, deadline.due_at, policy, calendar)
        return Explained(
            due_at=deadline.due_at,
            due_text=deadline.due_text,
            provisional=deadline.provisional,
            explanation=deadline.explanation,
            warnings=[Ahead(step=one.name, at=one.at, recipients=list(one.recipients)) for one in deadline.warnings],
            ladder=[Ahead(step=rung.name, at=rung.at, recipients=[rung.role]) for rung in rungs],
        )

    @routes.get("/v1/calendar/{year}")
    async def read_year(year: Annotated[int, Path(ge=_FIRST.year, lt=_END.year)], caller: Anyone) -> YearAnswer:
        """The calendar's entry for a year: days off, make-up days, and the notice it rests on."""
        del caller
        entry = calendar.years.get(year)
        if entry is None:
            raise not_found("calendar for the year", year)
        return YearAnswer(year=year, version=calendar.version, **entry.model_dump())

    return routes


def _visible_to(caller: Principal) -> ColumnElement[bool]:
    columns = tables.deadlines.c
    match caller.role:
        case Role.ENTERPRISE:
            return columns.enterprise_code == caller.enterprise
        case Role.OFFICER | Role.STATION_CHIEF:
            return columns.station == caller.station if caller.station else false()
        case _:
            return true()
