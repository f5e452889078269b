"""Reading deadlines with their explanations, explaining one that does not exist, and the calendar."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, false, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain import ladder
from services.deadline_watch.domain.deadlines import Explanation, compute
from services.deadline_watch.domain.states import State
from services.deadline_watch.store.rule_versions import Regimes
from shared.contract.events import Level
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import READERS, Role
from shared.storage.database import Database
from shared.time.instants import SHANGHAI, Instant, instant_of, shown
from shared.web.identity import require
from shared.web.paging import Page, PagingQuery

Reader = Annotated[Principal, require(*READERS, Role.OFFICER, Role.ENTERPRISE)]
Anyone = Annotated[Principal, require(*Role)]

# Of what lies outside nobody keeps a calendar, and near the ends of time there is no next day to count.
FIRST, END = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (1949, 2200))


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
    paused_at: Instant | None
    version: int
    explanation: Explanation


class StepAnswer(BaseModel):
    """A warning, the miss, or a rung: ahead, fired, or void because it no longer applied."""

    step: str
    action: str
    at: Instant
    recipients: list[str]
    done_at: Instant | None
    outcome: str | None


class ChangeAnswer(BaseModel):
    """What brought a version of the deadline about: the due time it superseded, why, and who approved."""

    version: int
    cause: str
    cause_version: str | None
    due_before: Instant
    due_text_before: str
    provisional_before: bool
    due_after: Instant
    due_text_after: str
    reason: str
    ground: str
    requested_by: str
    approver: str | None
    at: Instant
    explanation_before: Explanation


class DeadlineWithSteps(DeadlineAnswer):
    steps: list[StepAnswer]
    changes: list[ChangeAnswer]


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    level: Literal["yellow", "red"]
    start: Annotated[Instant, Field(ge=FIRST, lt=END)]


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


async def read_deadline(connection: AsyncConnection, deadline_id: UUID, caller: Principal) -> DeadlineWithSteps:
    """The deadline whole, if the caller may see it. Raises NotFound."""
    deadlines, steps, changes = tables.deadlines.c, tables.steps.c, tables.deadline_changes.c
    row = (
        await connection.execute(
            select(tables.deadlines).where(deadlines.deadline_id == deadline_id, _visible_to(caller))
        )
    ).one_or_none()
    if row is None:
        raise NotFound("deadline", deadline_id)
    laid = await connection.execute(
        select(tables.steps).where(steps.deadline_id == deadline_id).order_by(steps.at, steps.step, steps.version)
    )
    changed = await connection.execute(
        select(tables.deadline_changes).where(changes.deadline_id == deadline_id).order_by(changes.version)
    )
    values: dict[str, Any] = dict(row._mapping) | {
        "steps": [StepAnswer.model_validate(step, from_attributes=True) for step in laid],
        "changes": [ChangeAnswer.model_validate(change, from_attributes=True) for change in changed],
    }
    return DeadlineWithSteps.model_validate(values)


def router(database: Database, regimes: Regimes) -> APIRouter:
    routes = APIRouter(tags=["deadlines"])
    deadlines = tables.deadlines.c

    @routes.get("/v1/deadlines")
    async def list_deadlines(
        paging: PagingQuery,
        caller: Reader,
        state: State | None = None,
        level: Level | None = None,
        station: str | None = None,
        provisional: bool | None = None,
    ) -> Page[DeadlineAnswer]:
        """Deadlines the caller may see, the earliest due first."""
        asked = (
            None if state is None else deadlines.state == state,
            None if level is None else deadlines.level == level,
            None if station is None else deadlines.station == station,
            None if provisional is None else deadlines.provisional == provisional,
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
    async def read_one(deadline_id: UUID, caller: Reader) -> DeadlineWithSteps:
        """One deadline: every day counted or skipped and why, every step ahead or done, and whatever changed it."""
        async with database.transaction() as connection:
            return await read_deadline(connection, deadline_id, caller)

    @routes.post("/v1/deadlines/explain")
    async def explain(asked: Asked, caller: Anyone) -> Explained:
        """What the deadline of an alert of `level` issued at `start` would be. Nothing is stored."""
        del caller
        async with database.transaction() as connection:
            regime = await regimes.in_force(connection)
        policy, calendar = regime.policy_at(asked.start), regime.calendar
        deadline = compute(policy.kind_of(Level(asked.level)), asked.start, policy, calendar)
        rungs = ladder.climb(deadline.kind, deadline.due_at, policy, calendar)
        return Explained(
            due_at=deadline.due_at,
            due_text=deadline.due_text,
            provisional=deadline.provisional,
            explanation=deadline.explanation,
            warnings=[Ahead(step=one.name, at=one.at, recipients=list(one.recipients)) for one in deadline.warnings],
            ladder=[Ahead(step=rung.name, at=rung.at, recipients=list(rung.roles)) for rung in rungs],
        )

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
