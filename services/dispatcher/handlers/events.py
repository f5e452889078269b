"""What the dispatcher does on hearing of an alert or of a clock.

A case on site is opened here and given to a team by the pass over waiting cases, many at once in a burst.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update

from services.dispatcher import tables
from services.dispatcher.assignments import teams
from services.dispatcher.assignments.queue import ask_the_next
from services.dispatcher.cases import verification
from services.dispatcher.cases.enterprises import keep_enterprises, lock_enterprises
from services.dispatcher.cases.opening import open_case
from services.dispatcher.cases.steps import StepDetails, note
from services.dispatcher.cases.store import Case, lock, open_cases
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import outcomes
from services.dispatcher.domain.lifecycle import CLOSED, ENDED_UNANSWERED, Action
from services.dispatcher.handlers.closing import end
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from shared.contract.events import (
    ALERT_DISMISSED,
    ALERT_GRADED,
    ALERT_REGRADED,
    DEAD_LETTER_WAITING,
    MILESTONE_MISSED,
    PROPOSAL_DECIDED,
    PROPOSAL_OPENED,
    AlertDismissed,
    AlertGraded,
    AlertRegraded,
    CaseKind,
    CaseMark,
    DeadLetterWaiting,
    DeadlineEvent,
    DeadlineType,
    Level,
    MilestoneMissed,
    ProposalDecided,
    ProposalOpened,
)
from shared.contract.words import DecisiveOutcome
from shared.messaging.inbox import Handler, Received

_KEPT = {
    "deadline_id",
    "kind",
    "started_at",
    "due_at",
    "due_text",
    "provisional",
    "step",
    "rung",
    "recipients",
    "reason",
    "version",
    "previous_due_at",
}
_LATE = {"milestone", "name", "started_at", "due_at", "recipients", "policy_version", "calendar_version"}


def handlers() -> dict[str, Handler[CaseUnitOfWork]]:
    """By event type, what the dispatcher does about events of it."""
    return {
        ALERT_GRADED: each(_on_alert),
        ALERT_REGRADED: each(_on_regraded),
        ALERT_DISMISSED: each(_on_dismissed),
        MILESTONE_MISSED: each(_on_milestone),
        DEAD_LETTER_WAITING: each(_on_dead_letter),
        PROPOSAL_OPENED: each(_on_proposal),
        PROPOSAL_DECIDED: each(_on_proposal_decided),
    } | dict.fromkeys(DeadlineType, _on_clocks)


def each(act: Callable[[CaseUnitOfWork, Any], Awaitable[None]]) -> Handler[CaseUnitOfWork]:
    """A handler that acts on its events one after another."""

    async def handle(work: CaseUnitOfWork, events: Sequence[Received[Any]]) -> None:
        for event in events:
            await act(work, event.data)

    return handle


async def lock_touched(work: CaseUnitOfWork, events: Sequence[Received[Any]]) -> None:
    """Lock the enterprises that a batch of events touches, all at once, and keep those that are new.

    Called before the handlers: batches then wait for each other, for requests and for passes, and never in a ring.
    """
    await lock_enterprises(work, {code for event in events if (code := _enterprise_of(event.data))})
    await keep_enterprises(work, [event.data for event in events if isinstance(event.data, AlertGraded)])


def _enterprise_of(data: object) -> str | None:
    match data:
        case AlertGraded() | AlertDismissed():
            return data.enterprise.code
        case DeadlineEvent() | MilestoneMissed():
            return data.enterprise_code
        case _:
            return None


async def _on_clocks(work: CaseUnitOfWork, events: Sequence[Received[DeadlineEvent]]) -> None:
    for event in events:
        await _on_clock(work, DeadlineType(event.type_), event.data)


async def _on_dead_letter(work: CaseUnitOfWork, letter: DeadLetterWaiting) -> None:
    work.notify(wording.dead_letter_waiting(letter))


async def _on_proposal(work: CaseUnitOfWork, proposal: ProposalOpened) -> None:
    work.notify(wording.proposal_opened(proposal))


async def _on_proposal_decided(work: CaseUnitOfWork, proposal: ProposalDecided) -> None:
    work.notify(wording.proposal_decided(proposal))


async def _on_alert(work: CaseUnitOfWork, alert: AlertGraded, revision: int = 1, raised_by: UUID | None = None) -> None:
    if alert.level is Level.WHITE:
        work.notify([wording.white_reminder(alert)])
        return
    station = (await teams.stations_in_charge(work, {alert.enterprise.code})).get(alert.enterprise.code)
    kind = CaseKind.SELF_REPORT if alert.level is Level.YELLOW else CaseKind.ON_SITE
    case = await open_case(
        work, alert, kind, station=station, issued_at=alert.issued_at, alert_revision=revision, raised_by=raised_by
    )
    if case is None:
        return
    if kind is CaseKind.SELF_REPORT:
        work.notify([wording.self_report_demand(alert, case.case_id)])
    elif not await shared_visits.go_along(work, case):
        await shared_visits.meet_inspection(work, case)


async def _on_regraded(work: CaseUnitOfWork, alert: AlertRegraded) -> None:
    """The new grade supersedes what the one before asked for, and its own clock runs from its own issue.

    A verification goes on, as long as the alert asks for anything: officers may be on their way already.
    """
    rising = alert.level.rank > alert.previous_level.rank
    outcome = outcomes.UPGRADED if rising else outcomes.DOWNGRADED
    ended = [
        case
        for case in await open_cases(work, alert.alert_id)
        if case.kind is not CaseKind.VERIFICATION or alert.level is Level.WHITE
    ]
    for case in ended:
        await end(work, case, Action.SUPERSEDE, outcome, reason=alert.grading.reason.zh if rising else alert.cause)
    await _on_alert(work, alert, alert.revision, ended[0].case_id if ended else None)


async def _on_dismissed(work: CaseUnitOfWork, alert: AlertDismissed) -> None:
    reason = f"{alert.reason}（{alert.proposed_by} → {alert.confirmed_by}）"
    for case in await open_cases(work, alert.alert_id):
        await end(work, case, Action.DISMISS, DecisiveOutcome.FALSE_ALARM, reason=reason)


async def _on_clock(work: CaseUnitOfWork, type_: DeadlineType, clock: DeadlineEvent) -> None:
    case = await lock(work, clock.case_id)
    if case is None:
        return
    await note(work, case, type_, StepDetails(detail=clock.model_dump(mode="json", include=_KEPT)))
    work.notify(wording.deadline_notices(clock, type_, case.officers))
    if clock.kind == case.kind:
        await _on_own_clock(work, type_, clock, case)


async def _on_milestone(work: CaseUnitOfWork, late: MilestoneMissed) -> None:
    case = await lock(work, late.case_id)
    if case is None or case.state in CLOSED:
        return
    await note(work, case, MILESTONE_MISSED, StepDetails(detail=late.model_dump(mode="json", include=_LATE)))
    work.notify(wording.milestone_notices(late))
    if late.awaited is CaseMark.ACCEPTED:
        await ask_the_next(work, case, late.started_at)


async def _on_own_clock(work: CaseUnitOfWork, type_: DeadlineType, clock: DeadlineEvent, case: Case) -> None:
    """What the clock of the case itself says of it; other clocks, of milestones say, are only noted."""
    values: dict[str, object] = {"due_at": clock.due_at, "due_text": clock.due_text}
    if type_ is DeadlineType.MISSED:
        values["overdue_at"] = clock.due_at
    elif type_ is DeadlineType.MET:
        values["overdue_at"] = None  # an answer received in time, though told of after the miss
    await work.connection.execute(update(tables.cases).where(tables.cases.c.case_id == case.case_id).values(**values))
    work.wake(case.officers)
    if type_ is DeadlineType.MISSED and case.kind is CaseKind.SELF_REPORT and case.state not in ENDED_UNANSWERED:
        await verification.verify(work, case, "黄色预警逾期未反馈")
