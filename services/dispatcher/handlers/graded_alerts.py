"""What alerts ask for, all those of a batch together: a reminder, a self-report, a visit.

A red alert opens a case here; the pass over the assignment queue gives it to a team, together with others.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from services.dispatcher.assignments import teams
from services.dispatcher.cases.opening import Opening, insert_all
from services.dispatcher.cases.steps import PendingSteps
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.handlers.markings import review_marking
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from services.dispatcher.visits.inspections import join_inspection, with_inspection
from services.dispatcher.visits.open_cases import OpenCases
from shared.contract.events import AlertGraded, CaseKind, Level
from shared.messaging.inbox import Received


class Grade(NamedTuple):
    """A grade of an alert: which of its grades, counted from 1, and the case that the grade before had opened."""

    alert: AlertGraded
    revision: int = 1
    raised_by: UUID | None = None


async def on_graded(work: CaseUnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Do what new alerts ask for."""
    await act_on(work, [Grade(event.data) for event in events])


async def act_on(work: CaseUnitOfWork, grades: Sequence[Grade]) -> None:
    """Remind enterprises of white alerts, once, and open the cases that yellow and red ones ask for.

    One that is held asks for nothing before a person confirms it.
    """
    asking = [grade for grade in grades if not grade.alert.held]
    stations = await _stations(work, asking)
    openings = []
    for alert, revision, raised_by in asking:
        station = stations.get(alert.enterprise.code)
        await review_marking(work, alert, station, revision)
        if alert.level is not Level.WHITE:
            kind = CaseKind.SELF_REPORT if alert.level is Level.YELLOW else CaseKind.ON_SITE
            openings.append(Opening(alert, kind, station, alert.issued_at, revision, raised_by))
        elif alert.counted_on is None:
            work.notify([wording.white_reminder(alert)])
    if openings:
        await _open(work, openings)


async def _stations(work: CaseUnitOfWork, grades: Sequence[Grade]) -> Mapping[str, str | None]:
    """The stations of the enterprises of which a case may be opened."""
    concerned = {
        grade.alert.enterprise.code
        for grade in grades
        if grade.alert.level is not Level.WHITE or grade.alert.marking_effective
    }
    return await teams.stations_in_charge(work, concerned) if concerned else {}


async def _open(work: CaseUnitOfWork, openings: Sequence[Opening]) -> None:
    """Open cases and join them, one after another, to what lies open at their enterprises; those before included."""
    opened = await insert_all(work, openings)
    new = [case for case, _ in opened]
    beside = await OpenCases.lock_beside(work, new)
    visited = {case.enterprise_code for case in new if case.kind is CaseKind.ON_SITE}
    planned = await with_inspection(work, visited) if visited else set[str]()
    steps = await PendingSteps.by_policy(work)
    for case, opening in opened:
        steps.take(case, [opening.first_step], opening.details)
        if case.station is None:
            work.notify([wording.station_unknown(case.facts)])
        lead = shared_visits.join_one(work, steps, beside, case)
        beside.add(case)
        if case.kind is CaseKind.SELF_REPORT:
            work.notify([wording.self_report_demand(opening.alert, case.case_id, case.merged_into)])
        else:
            await _visit(work, steps, beside, case, lead, planned)
            work.notify([wording.new_red(case.facts, opening.alert)])
    await steps.store()


async def _visit(
    work: CaseUnitOfWork,
    steps: PendingSteps,
    beside: OpenCases,
    case: Case,
    lead: Case | None,
    planned: Collection[str],
) -> None:
    """Have the visit of a red case do what else is to be done there, and the planned inspection."""
    if lead is None:
        await shared_visits.gather_from(work, steps, beside, case)
    if case.enterprise_code in planned:
        await steps.store()
        await join_inspection(work, lead or case)
