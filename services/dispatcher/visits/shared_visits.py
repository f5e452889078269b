"""One door, many matters (进一次门，查多项事): cases that share a visit, and planned inspections that a case meets.

A case that goes along with another keeps its own deadline, and its own outcome in the end; nothing inherits a later
date. What the visit is answered with is its answer too, unless the officers say otherwise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

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
from shared.contract.events import Actor
from shared.time.instants import SHANGHAI


async def go_along(work: CaseUnitOfWork, case: Case) -> bool:
    """Have a waiting case go along with the open red visit to its enterprise; answer whether there is one.

    With that visit it changes the station, too.
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
    shared = {"merged_into": str(visit.case_id), "team": visit.officers}
    await record(work, case, steps, StepDetails(detail=shared))
    taken_in = StepDetails(detail={"takes_in": str(case.case_id)})
    await note(work, visit, lifecycle.beside(visit, Action.MERGE).event, taken_in)
    work.notify(wording.taken_in(visit.facts, visit.officers, case.facts))
    work.wake(visit.officers)
    return True


async def companions(work: CaseUnitOfWork, visit: Case) -> list[Case]:
    """The open cases that go along with a visit, locked. The visit is locked before them, always."""
    cases = tables.cases.c
    found = await work.connection.scalars(
        select(cases.case_id).where(cases.merged_into == visit.case_id, cases.closed_at.is_(None))
    )
    return await lock_all(work, found.all())


async def arrive_for_all(work: CaseUnitOfWork, visit: Case, details: StepDetails) -> None:
    """The officers who arrived for the visit have arrived for its companions too."""
    shared = replace(details, detail={"with": str(visit.case_id)})
    await record_all(
        work,
        [
            (case, [lifecycle.beside(case, Action.ARRIVE)], shared)
            for case in await companions(work, visit)
            if case.arrived_at is None
        ],
    )


async def answer_for_all(
    work: CaseUnitOfWork,
    visit: Case,
    action: Action,
    details: StepDetails,
    own: Mapping[UUID, dict[str, Any]] | None = None,
) -> list[Case]:
    """The companions are answered, or given back, with the visit: each by a step of its own, for its own clock.

    `own` is the evidence of those that come to something else. Answers the companions.
    """
    along = await companions(work, visit)
    taken = []
    for case in along:
        detail = (own or {}).get(case.case_id, details.detail) | {"with": str(visit.case_id)}
        taken.append((case, lifecycle.apply(case, action, SYSTEM), replace(details, detail=detail)))
    await record_all(work, taken)
    return along


async def close_all(
    work: CaseUnitOfWork, visit: Case, along: Sequence[Case], details: StepDetails, outcomes: Mapping[UUID, str]
) -> None:
    """The companions end with the visit, each in its outcome; its planned inspection is done."""
    shared = replace(details, detail={"with": str(visit.case_id)})
    await record_all(
        work,
        [
            (case, lifecycle.apply(case, Action.APPROVE, SYSTEM, outcome=outcomes[case.case_id]), shared)
            for case in along
        ],
    )
    await _set_inspections(work, visit, done_at=work.now)


async def move_all(work: CaseUnitOfWork, visit: Case, actor: Actor, reason: str) -> None:
    """The companions go to the station that the visit went to."""
    along = await companions(work, visit)
    for case in along:
        case.station, case.held_above = visit.station, visit.held_above
    details = StepDetails(actor, reason=reason, detail={"with": str(visit.case_id)})
    await record_all(work, [(case, lifecycle.apply(case, Action.TRANSFER, SYSTEM), details) for case in along])


async def let_go(work: CaseUnitOfWork, visit: Case) -> None:
    """The visit ended without an answer: its first companion takes its place and team, and the others along."""
    along = await companions(work, visit)
    reason = "原合并承办的案件已终止"
    for case in along:
        await part(work, case, TRICOLOR, reason)
    if along and visit.team:
        lead, second = (Candidate(member.officer, member.name) for member in visit.team)
        why = {"policy_version": None, "inherited_from": str(visit.case_id)}
        heir = along[0]
        await teams.release(work, [visit], "ended")
        await teams.offer_all(work, [(heir, Team(lead, second, why))])
        await record(work, heir, lifecycle.apply(heir, Action.ASSIGN, SYSTEM), StepDetails(detail={"why": why}))
    for case in along[1:]:
        await go_along(work, case)
    await _set_inspections(work, visit, case_id=None, linked_at=None)


async def part(work: CaseUnitOfWork, case: Case, actor: Actor, reason: str) -> None:
    """A companion waits for a team of its own again; its deadline is what it was."""
    steps = lifecycle.apply(case, Action.UNMERGE, actor.role)
    before, case.merged_into = case.merged_into, None
    await record(work, case, steps, StepDetails(actor, reason=reason, detail={"merged_into": str(before)}))


# --- planned inspections ---


async def meet_inspection(work: CaseUnitOfWork, case: Case) -> bool:
    """Link the inspection that is planned at the enterprise, if any: one visit does both, in the case's time."""
    today: date = work.now.astimezone(SHANGHAI).date()
    inspections = tables.inspections.c
    planned = (
        await work.connection.execute(
            select(tables.inspections)
            .where(
                inspections.enterprise_code == case.enterprise_code,
                inspections.case_id.is_(None),
                inspections.done_at.is_(None),
                inspections.planned_until >= today,
            )
            .order_by(inspections.planned_until, inspections.inspection_id)
            .limit(1)
            .with_for_update()
        )
    ).one_or_none()
    if planned is None:
        return False
    await work.connection.execute(
        update(tables.inspections)
        .where(inspections.inspection_id == planned.inspection_id)
        .values(case_id=case.case_id, linked_at=work.now)
    )
    details = StepDetails(detail={"inspection": _told(planned)})
    await record(work, case, [lifecycle.beside(case, Action.MERGE)], details)
    return True


async def part_from_inspection(
    work: CaseUnitOfWork, case: Case, inspection_id: UUID, actor: Actor, reason: str
) -> bool:
    """Undo the link; answers whether there was one."""
    inspections = tables.inspections.c
    planned = (
        await work.connection.execute(
            update(tables.inspections)
            .where(inspections.inspection_id == inspection_id, inspections.case_id == case.case_id)
            .values(case_id=None, linked_at=None)
            .returning(tables.inspections)
        )
    ).one_or_none()
    if planned is None:
        return False
    details = StepDetails(actor, reason=reason, detail={"inspection": _told(planned)})
    await record(work, case, [lifecycle.beside(case, Action.UNMERGE)], details)
    return True


async def _set_inspections(work: CaseUnitOfWork, case: Case, **values: Any) -> None:
    inspections = tables.inspections.c
    await work.connection.execute(
        update(tables.inspections).where(inspections.case_id == case.case_id).values(**values)
    )


def _told(planned: Row[Any]) -> dict[str, Any]:
    return {
        "inspection_id": str(planned.inspection_id),
        "plan": planned.plan,
        "matters": planned.matters,
        "planned_until": planned.planned_until.isoformat(),
    }
