"""The routes that read deadlines with their explanations, and explain one that does not exist."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, Field

from services.deadline_watch.domain import disclosure, ladder
from services.deadline_watch.domain.calendar import END, FIRST
from services.deadline_watch.domain.clocks import State
from services.deadline_watch.domain.deadlines import Explanation, compute
from services.deadline_watch.handlers.show_deadline import DeadlineAnswer, DeadlineWithSteps, as_seen, read_deadline
from services.deadline_watch.store import queries
from services.deadline_watch.store.rule_versions import RuleVersions
from shared.contract.commands import Command
from shared.contract.events import Level
from shared.storage.database import Database
from shared.time.instants import Instant, instant_of, shown
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


class Asked(Command):
    level: Literal["yellow", "red"]
    start: Annotated[Instant, Field(ge=FIRST, lt=END)]


class PlannedStep(BaseModel):
    """A warning or rung, and when it would be due."""

    step: str
    at: Instant
    recipients: list[str]


class Explained(BaseModel):
    """What a deadline would be; `warnings` and `ladder` are what would happen if nobody answered."""

    due_at: Instant
    due_text: str
    provisional: bool
    explanation: Explanation
    warnings: list[PlannedStep]
    ladder: list[PlannedStep]


def router(database: Database, rule_versions: RuleVersions) -> Routes:
    routes = Routes(tags=["deadlines"])

    @routes.get("/v1/deadlines")
    async def list_deadlines(
        paging: PagingQuery,
        caller: Caller,
        state: State | None = None,
        level: Level | None = None,
        station: str | None = None,
        provisional: bool | None = None,
        case_id: Annotated[UUID | None, Query(description="the deadlines of one case")] = None,
    ) -> Page[DeadlineAnswer]:
        """Deadlines the caller may see, the earliest due first."""
        async with database.transaction() as connection:
            rows = await queries.list_deadlines(
                connection,
                caller,
                state=state,
                level=level,
                station=station,
                provisional=provisional,
                case_id=case_id,
                after=None if paging.after is None else paging.after_as(instant_of, UUID),
                limit=paging.limit + 1,
            )
        deadlines = [DeadlineAnswer.model_validate(row, from_attributes=True) for row in rows]
        return paging.page(
            [
                as_seen(deadline, disclosure.sight_of(caller, row))
                for deadline, row in zip(deadlines, rows, strict=True)
            ],
            [(shown(row.due_at), str(row.deadline_id)) for row in rows],
        )

    @routes.get("/v1/deadlines/{deadline_id}")
    async def read_one(deadline_id: UUID, caller: Caller) -> DeadlineWithSteps:
        """One deadline: every day counted or skipped and why, every step ahead or done, and whatever changed it."""
        async with database.transaction() as connection:
            return await read_deadline(connection, deadline_id, caller)

    @routes.post("/v1/deadlines/explain")
    async def explain(asked: Asked) -> Explained:
        """What the deadline of an alert of `level` issued at `start` would be. Nothing is stored."""
        async with database.transaction() as connection:
            rules = await rule_versions.in_force(connection)
        policy, calendar = rules.policy_at(asked.start), rules.calendar
        deadline = compute(policy.kind_of(Level(asked.level)), asked.start, policy, calendar)
        rungs = ladder.rungs_after_miss(deadline.kind, deadline.due_at, policy, calendar)
        return Explained(
            due_at=deadline.due_at,
            due_text=deadline.due_text,
            provisional=deadline.provisional,
            explanation=deadline.explanation,
            warnings=[
                PlannedStep(step=one.name, at=one.at, recipients=list(one.recipients)) for one in deadline.warnings
            ],
            ladder=[PlannedStep(step=rung.name, at=rung.at, recipients=list(rung.roles)) for rung in rungs],
        )

    return routes
