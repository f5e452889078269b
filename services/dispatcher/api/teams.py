"""The routes that explain teams: why these two officers were chosen, and why not the others."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from services.dispatcher.assignments.explanations import past_assignments, possible_team
from services.dispatcher.cases.access import lock_case_to_change, require_sight
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.team_choice import Team
from shared.contract.words import EntryCheck
from shared.messaging.unit_of_work import UnitsOfWork
from shared.time.instants import Instant
from shared.web.paging import Page
from shared.web.routes import Routes
from shared.web.scope import Caller


class PastAssignment(BaseModel):
    """One officer's assignment in one team of the case; `explanation` names everyone of the station and the reasons."""

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
    entry_check: EntryCheck | None
    ended_at: Instant | None
    end_reason: str | None
    explanation: dict[str, Any]


class Candidates(BaseModel):
    """Who could go now. `chosen` is the team that the policy would choose, the lead first; empty without one."""

    chosen: list[str]
    explanation: dict[str, Any]


def router(units: UnitsOfWork[CaseUnitOfWork]) -> Routes:
    routes = Routes(tags=["cases"])

    @routes.get("/v1/cases/{case_id}/assignments")
    async def read_assignments(case_id: UUID, caller: Caller) -> Page[PastAssignment]:
        """Every team that the case has had, the first one first, each with why it was chosen and how it ended."""
        async with units.database.transaction() as connection:
            await require_sight(connection, case_id, caller)
            rows = await past_assignments(connection, case_id)
            return Page(items=[PastAssignment.model_validate(row) for row in rows], next=None)

    @routes.get("/v1/cases/{case_id}/candidates")
    async def read_candidates(case_id: UUID, caller: Caller) -> Candidates:
        """Who could go now, with the points of each: what a chief looks at before reassigning, or when nobody can."""
        async with units.open() as work:
            case = await lock_case_to_change(work, case_id, caller)
            team = await possible_team(work, case, await work.policy())
        chosen = [team.lead.officer, team.second.officer] if isinstance(team, Team) else []
        return Candidates(chosen=chosen, explanation=team.explanation)

    return routes
