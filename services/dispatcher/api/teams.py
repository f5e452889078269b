"""Why these two, and why not the others: as it was decided, and as it would be decided now."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select

from services.dispatcher import tables
from services.dispatcher.api.callers import Office, Reader
from services.dispatcher.assignments import candidates
from services.dispatcher.cases.access import case_for, visible_to
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.cases.wakeups import Changes
from services.dispatcher.domain.policy import load
from services.dispatcher.domain.team_choice import Team, choose
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import Instant
from shared.web.problems import not_found


class PastAssignment(BaseModel):
    """One officer's part in one team of the case; `explanation` is what decided it, everyone of the station in it."""

    model_config = ConfigDict(from_attributes=True)

    assignment_id: UUID
    round: int
    officer: str
    part: str
    state: str
    offered_at: Instant
    accepted_at: Instant | None
    departed_at: Instant | None
    arrived_at: Instant | None
    ended_at: Instant | None
    end_reason: str | None
    explanation: dict[str, Any]


class Candidates(BaseModel):
    """Who could go now. `chosen` is the team that the policy would choose, the lead first; empty without one."""

    chosen: list[str]
    explanation: dict[str, Any]


def router(database: Database, clock: Clock, changes: Changes) -> APIRouter:
    routes = APIRouter(tags=["cases"])

    @routes.get("/v1/cases/{case_id}/assignments")
    async def read_assignments(case_id: UUID, caller: Reader) -> list[PastAssignment]:
        """Every team that the case has had, the first one first, each with why it was chosen and how it ended."""
        cases, assignments = tables.cases.c, tables.assignments.c
        async with database.transaction() as connection:
            seen = await connection.scalar(select(cases.case_id).where(cases.case_id == case_id, visible_to(caller)))
            if seen is None:
                raise not_found("case", case_id)
            rows = await connection.execute(
                select(tables.assignments)
                .where(assignments.case_id == case_id)
                .order_by(assignments.round, assignments.offered_at, assignments.part)
            )
            return [PastAssignment.model_validate(row) for row in rows]

    @routes.get("/v1/cases/{case_id}/candidates")
    async def read_candidates(case_id: UUID, caller: Office) -> Candidates:
        """Who could go now, with the points of each: what a chief looks at before reassigning, or when nobody can."""
        policy = load()
        async with database.transaction() as connection:
            work = Work(connection, clock.now(), "", changes)
            case = await case_for(work, case_id, caller)
            known = await candidates.candidates(work, {case.station} if case.station else set(), policy)
            matter = (await candidates.matters(work, [case], policy))[case_id]
        team = choose(matter, known.get(case.station or "", []), policy)
        chosen = [team.lead.officer, team.second.officer] if isinstance(team, Team) else []
        return Candidates(chosen=chosen, explanation=team.explanation)

    return routes
