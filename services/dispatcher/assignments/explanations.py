"""Why the teams of a case were chosen, and which team the policy would choose now."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.assignments import candidates
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.team_choice import NobodyAvailable, Team, choose


async def past_assignments(connection: AsyncConnection, case_id: UUID) -> Sequence[Row[Any]]:
    """Every assignment that the case has had, the first team first, the lead before the second."""
    assignments = tables.assignments.c
    rows = await connection.execute(
        select(tables.assignments)
        .where(assignments.case_id == case_id)
        .order_by(assignments.round, assignments.offered_at, assignments.part)
    )
    return rows.all()


async def possible_team(work: CaseUnitOfWork, case: Case, policy: DispatchPolicy) -> Team | NobodyAvailable:
    """The team that the policy would choose for the case now; nothing is assigned."""
    known = await candidates.candidates(work, {case.station} if case.station else set(), policy)
    matter = (await candidates.matters(work, [case], policy))[case.case_id]
    return choose(matter, known.get(case.station or "", []), policy)
