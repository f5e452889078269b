"""Shared visits (进一次门，查多项事): open cases of one enterprise that the officers handle in one visit.

A case that joined a visit keeps its own deadline, and its own outcome in the end. What answers the visit answers the
joined cases too, unless the officers say otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.dispatcher import tables
from services.dispatcher.assignments import teams
from services.dispatcher.cases import conditions
from services.dispatcher.cases.steps import TRICOLOR, StepDetails, note, record, record_all
from services.dispatcher.cases.store import Case, lock, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import JOINABLE, SYSTEM, Action
from services.dispatcher.domain.team_choice import Candidate, Team
from services.dispatcher.notices import wording
from services.dispatcher.visits.inspections import finish_inspections, release_inspections
from shared.contract.events import Actor

_VISIT_ENDED = "原合并承办的案件已终止"


async def join(work: CaseUnitOfWork, case: Case) -> bool:
    """Join a case without a team to the oldest open visit of its enterprise; return whether there is one.

    It changes to the station of that visit, too.
    """
    cases = tables.cases.c
    visit_id = await work.connection.scalar(
        select(cases.case_id)
        .where(
            cases.enterprise_code == case.enterprise_code,
            conditions.takes_in_others(),
            cases.case_id != case.case_id,
        )
        .order_by(cases.opened_at, cases.case_id)
        .limit(1)
    )
    visit = await lock(work, visit_id) if visit_id else None
    if visit is None or visit.state not in JOINABLE:
        return False
    steps = lifecycle.apply(case, Action.MERGE, SYSTEM)
    case.merged_into, case.station = visit.case_id, visit.station
    case.arrived_at = case.arrived_at or visit.arrived_at
    await record(work, case, steps, StepDetails(detail={"merged_into": str(visit.case_id), "team": visit.officers}))
    taken_in = StepDetails(detail={"takes_in": str(case.case_id)})
    await note(work, visit, lifecycle.beside(visit, Action.MERGE).event, taken_in)
    work.notify(wording.taken_in(visit.facts, visit.officers, case.facts))
    work.wake(visit.officers)
    return True


async def joined_cases(work: CaseUnitOfWork, visit: Case) -> list[Case]:
    """Lock the open cases that joined a visit and return them, the earliest opened first."""
    cases = tables.cases.c
    found = await work.connection.scalars(
        select(cases.case_id).where(cases.merged_into == visit.case_id, cases.closed_at.is_(None))
    )
    return await lock_all(work, found.all())


async def arrive_joined(work: CaseUnitOfWork, visit: Case, details: StepDetails) -> None:
    """Have the officers who arrived for a visit arrive for its joined cases too."""
    shared = replace(details, detail={"with": str(visit.case_id)})
    arrived = [case for case in await joined_cases(work, visit) if case.arrived_at is None]
    await record_all(work, [(case, [lifecycle.beside(case, Action.ARRIVE)], shared) for case in arrived])


async def answer_joined(
    work: CaseUnitOfWork,
    visit: Case,
    action: Action,
    details: StepDetails,
    own: Mapping[UUID, dict[str, Any]] | None = None,
) -> list[Case]:
    """Have the joined cases reported or returned with their visit, each by a step of its own; return them.

    `own` is the evidence of those that come to something else.
    """
    joined = await joined_cases(work, visit)
    taken = []
    for case in joined:
        detail = (own or {}).get(case.case_id, details.detail) | {"with": str(visit.case_id)}
        taken.append((case, lifecycle.apply(case, action, SYSTEM), replace(details, detail=detail)))
    await record_all(work, taken)
    return joined


async def close_joined(
    work: CaseUnitOfWork, visit: Case, joined: Sequence[Case], details: StepDetails, outcomes: Mapping[UUID, str]
) -> None:
    """Close the joined cases with their visit, each in its own outcome; its planned inspections are done."""
    shared = replace(details, detail={"with": str(visit.case_id)})
    taken = [
        (case, lifecycle.apply(case, Action.APPROVE, SYSTEM, outcome=outcomes[case.case_id]), shared) for case in joined
    ]
    await record_all(work, taken)
    await finish_inspections(work, visit)


async def transfer_joined(work: CaseUnitOfWork, visit: Case, actor: Actor, reason: str) -> None:
    """Transfer the joined cases to the station that their visit went to."""
    joined = await joined_cases(work, visit)
    for case in joined:
        case.station, case.held_above = visit.station, visit.held_above
    details = StepDetails(actor, reason=reason, detail={"with": str(visit.case_id)})
    await record_all(work, [(case, lifecycle.apply(case, Action.TRANSFER, SYSTEM), details) for case in joined])


async def dissolve(work: CaseUnitOfWork, visit: Case) -> None:
    """Dissolve a visit that ended without feedback: its first joined case takes over the team, the others join that."""
    joined = await joined_cases(work, visit)
    for case in joined:
        await separate(work, case, TRICOLOR, _VISIT_ENDED)
    if joined and visit.team:
        lead, second = (Candidate(member.officer, member.name) for member in visit.team)
        why = {"policy_version": None, "inherited_from": str(visit.case_id)}
        new_lead_case = joined[0]
        await teams.release(work, [visit], "ended")
        await teams.offer_all(work, [(new_lead_case, Team(lead, second, why))])
        await record(
            work, new_lead_case, lifecycle.apply(new_lead_case, Action.ASSIGN, SYSTEM), StepDetails(detail={"why": why})
        )
    for case in joined[1:]:
        await join(work, case)
    await release_inspections(work, visit)


async def separate(work: CaseUnitOfWork, case: Case, actor: Actor, reason: str) -> None:
    """Separate a joined case from its visit: it waits for a team of its own again, with the deadline it had."""
    steps = lifecycle.apply(case, Action.UNMERGE, actor.role)
    before, case.merged_into = case.merged_into, None
    await record(work, case, steps, StepDetails(actor, reason=reason, detail={"merged_into": str(before)}))
