"""Shared visits (进一次门，查多项事), and shared answers: open cases of one enterprise that are handled as one.

A case that joined another keeps its own deadline, and its own outcome in the end. What answers the one answers the
joined cases too, unless the officers say otherwise. A self-report takes in self-reports, a visit what is for officers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.dispatcher import tables
from services.dispatcher.assignments import teams
from services.dispatcher.cases.steps import TRICOLOR, PendingSteps, StepDetails, record, record_all
from services.dispatcher.cases.store import Case, lock, lock_all, read_alerts
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import ENDED_WITH_CASE
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import SYSTEM, Action, CaseStep
from services.dispatcher.domain.team_choice import Candidate, Team
from services.dispatcher.notices import wording
from services.dispatcher.visits.inspections import finish_inspections, release_inspections
from services.dispatcher.visits.open_cases import OpenCases
from shared.contract.events import Actor
from shared.contract.words import CaseState

_VISIT_ENDED = "原合并承办的案件已终止"


async def join(work: CaseUnitOfWork, case: Case) -> bool:
    """Join a case to the one of its enterprise that takes it in, and return whether there is one.

    The case changes to its station, too. See `OpenCases.taking_in`.
    """
    steps = await PendingSteps.by_policy(work)
    lead = join_one(work, steps, await OpenCases.lock(work, case.enterprise_code), case)
    await steps.store()
    return lead is not None


def join_one(work: CaseUnitOfWork, steps: PendingSteps, beside: OpenCases, case: Case) -> Case | None:
    """Join a case to the one of those `beside` it that takes it in, and return that."""
    lead = beside.taking_in(case)
    if lead is None or not lifecycle.may(case, Action.MERGE, SYSTEM):
        return None
    _merge(work, steps, case, lead)
    return lead


async def gather(work: CaseUnitOfWork, lead: Case) -> None:
    """Join to `lead` what lies open beside it at its enterprise, with what joined that."""
    steps = await PendingSteps.by_policy(work)
    await gather_from(work, steps, await OpenCases.lock(work, lead.enterprise_code), lead)
    await steps.store()


async def gather_from(work: CaseUnitOfWork, steps: PendingSteps, beside: OpenCases, lead: Case) -> None:
    """Join to `lead` what of the cases `beside` it can join it, with what joined that."""
    waiting = beside.waiting_beside(lead)
    await read_alerts(work, waiting)
    for other in waiting:
        await steps.store()
        for joined in await joined_cases(work, other):
            _follow(work, steps, joined, lead)
        _merge(work, steps, other, lead)


async def leading(work: CaseUnitOfWork, case: Case) -> Case:
    """The case that `case` joined and is still answered with, under lock, or itself."""
    joined = case.state is CaseState.MERGED and case.merged_into is not None
    return (await lock(work, case.merged_into) if joined and case.merged_into else None) or case


def _merge(work: CaseUnitOfWork, steps: PendingSteps, case: Case, lead: Case) -> None:
    _put_into(work, steps, case, lead, lifecycle.apply(case, Action.MERGE, SYSTEM))


def _follow(work: CaseUnitOfWork, steps: PendingSteps, joined: Case, lead: Case) -> None:
    """Have a joined case belong to another one from now on: what it joined goes on with that."""
    _put_into(work, steps, joined, lead, [lifecycle.beside(joined, Action.MERGE)])


def _put_into(work: CaseUnitOfWork, steps: PendingSteps, case: Case, lead: Case, taken: Sequence[CaseStep]) -> None:
    case.merged_into, case.station, case.team = lead.case_id, lead.station, [*lead.team]
    case.arrived_at = case.arrived_at or lead.arrived_at
    steps.take(case, taken, StepDetails(detail={"merged_into": str(lead.case_id), "team": lead.officers}))
    takes_in = StepDetails(detail={"takes_in": str(case.case_id)})
    steps.note(lead, lifecycle.beside(lead, Action.MERGE).event, takes_in)
    if officers := lead.officers:
        work.notify(wording.taken_in(lead.facts, officers, case.facts))
        work.wake(officers)


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
    """Dissolve what ended without an answer: its first joined case takes over the team, the others go on with that."""
    joined = await joined_cases(work, visit)
    if joined:
        await separate(work, joined[0], TRICOLOR, _VISIT_ENDED)
    if joined and visit.team:
        lead, second = (Candidate(member.officer, member.name) for member in visit.team)
        why = {"policy_version": None, "inherited_from": str(visit.case_id)}
        new_lead_case = joined[0]
        await teams.release(work, [visit], ENDED_WITH_CASE)
        await teams.offer_all(work, [(new_lead_case, Team(lead, second, why))])
        await record(
            work, new_lead_case, lifecycle.apply(new_lead_case, Action.ASSIGN, SYSTEM), StepDetails(detail={"why": why})
        )
    taking_over = await lock(work, joined[0].case_id) if joined[1:] else None
    if taking_over is not None:
        steps = await PendingSteps.by_policy(work)
        for case in joined[1:]:
            _follow(work, steps, case, taking_over)
        await steps.store()
    await release_inspections(work, visit)


async def separate(work: CaseUnitOfWork, case: Case, actor: Actor, reason: str) -> None:
    """Separate a joined case from its visit: it waits for a team of its own again, with the deadline it had."""
    steps = lifecycle.apply(case, Action.UNMERGE, actor.role)
    before, case.merged_into, case.team = case.merged_into, None, []
    await record(work, case, steps, StepDetails(actor, reason=reason, detail={"merged_into": str(before)}))
