"""What the dispatcher does about the events of other services: alerts, deadlines, milestones, dead letters."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from services.dispatcher.assignments.queue import offer_to_next_team
from services.dispatcher.cases.enterprises import keep_enterprises, lock_enterprises, name_of
from services.dispatcher.cases.steps import StepDetails, note
from services.dispatcher.cases.store import lock, open_cases
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import outcomes
from services.dispatcher.domain.lifecycle import CLOSED, Action
from services.dispatcher.handlers.closing import close_unanswered
from services.dispatcher.handlers.deadline_events import on_deadlines
from services.dispatcher.handlers.graded_alerts import Grade, act_on, on_graded
from services.dispatcher.notices import wording
from shared.contract.events import (
    ALERT_DISMISSED,
    ALERT_GRADED,
    ALERT_REGRADED,
    CONSUMER_BRAKED,
    CONSUMER_STALLED,
    DEAD_LETTER_WAITING,
    MILESTONE_MISSED,
    PROPOSAL_DECIDED,
    PROPOSAL_OPENED,
    AlertDismissed,
    AlertGraded,
    AlertRegraded,
    CaseKind,
    CaseMark,
    ConsumerBraked,
    ConsumerStalled,
    DeadLetterWaiting,
    DeadlineEvent,
    DeadlineType,
    Level,
    MilestoneMissed,
    ProposalDecided,
    ProposalOpened,
)
from shared.contract.platforms import PLATFORM_HEARD, PLATFORM_SILENT, PlatformHeard, PlatformSilent
from shared.contract.words import CaseState, DecisiveOutcome
from shared.messaging.inbox import Handler, Received

_GOES_ON = frozenset({CaseKind.FOLLOW_UP, CaseKind.MARKING})
"""What was ordered is checked, and a marking looked at, whatever becomes of the grade."""
_OF_MILESTONE = {"milestone", "name", "started_at", "due_at", "recipients", "policy_version", "calendar_version"}


def handlers() -> dict[str, Handler[CaseUnitOfWork]]:
    """By event type, what the dispatcher does about events of it."""
    return {
        ALERT_GRADED: on_graded,
        ALERT_REGRADED: _on_regraded,
        ALERT_DISMISSED: one_by_one(_on_dismissed),
        MILESTONE_MISSED: one_by_one(_on_milestone),
        DEAD_LETTER_WAITING: one_by_one(_on_dead_letter),
        CONSUMER_BRAKED: one_by_one(_on_braked),
        CONSUMER_STALLED: one_by_one(_on_stalled),
        PLATFORM_SILENT: one_by_one(_on_silent),
        PLATFORM_HEARD: one_by_one(_on_heard),
        PROPOSAL_OPENED: one_by_one(_on_proposal),
        PROPOSAL_DECIDED: one_by_one(_on_proposal_decided),
    } | dict.fromkeys(DeadlineType, on_deadlines)


def one_by_one(act: Callable[[CaseUnitOfWork, Any], Awaitable[None]]) -> Handler[CaseUnitOfWork]:
    """A handler that calls `act` with the data of its events, one after another."""

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


# By the type of the data alone: whether it is a model's, of any kind, is asked of every event.
_ENTERPRISE: Mapping[type[Any], Callable[[Any], str]] = {
    **dict.fromkeys((AlertGraded, AlertRegraded, AlertDismissed), attrgetter("enterprise.code")),
    **dict.fromkeys((DeadlineEvent, MilestoneMissed), attrgetter("enterprise_code")),
}


def _enterprise_of(data: object) -> str | None:
    code = _ENTERPRISE.get(type(data))
    return None if code is None else code(data)


async def _on_dead_letter(work: CaseUnitOfWork, letter: DeadLetterWaiting) -> None:
    work.notify(wording.dead_letter_waiting(letter))


async def _on_braked(work: CaseUnitOfWork, braked: ConsumerBraked) -> None:
    work.notify(wording.consumer_braked(braked))


async def _on_stalled(work: CaseUnitOfWork, stalled: ConsumerStalled) -> None:
    work.notify(wording.consumer_stalled(stalled))


async def _on_silent(work: CaseUnitOfWork, silent: PlatformSilent) -> None:
    work.notify(wording.platform_silent(silent))


async def _on_heard(work: CaseUnitOfWork, heard: PlatformHeard) -> None:
    work.notify(wording.platform_heard(heard))


async def _on_proposal(work: CaseUnitOfWork, proposal: ProposalOpened) -> None:
    work.notify(wording.proposal_opened(proposal, name=await name_of(work, proposal.enterprise_code)))


async def _on_proposal_decided(work: CaseUnitOfWork, proposal: ProposalDecided) -> None:
    work.notify(wording.proposal_decided(proposal, name=await name_of(work, proposal.enterprise_code)))


async def _on_regraded(work: CaseUnitOfWork, events: Sequence[Received[AlertRegraded]]) -> None:
    """Have new grades take the place of those before: of all alerts together, of one alert one after another.

    Together, for opening a case looks at everything that lies open at its enterprise, which may be hundreds.
    """
    grades: list[Grade] = []
    for alert in (event.data for event in events if not event.data.held):
        if any(grade.alert.alert_id == alert.alert_id for grade in grades):
            await act_on(work, grades)
            grades = []
        grades.append(await _superseding(work, alert))
    await act_on(work, grades)


async def _superseding(work: CaseUnitOfWork, alert: AlertRegraded) -> Grade:
    """Supersede what the grade before asked for, and return the new one, with a deadline from its own issue.

    A verification goes on, as long as the alert asks for anything: officers may be on their way already. It is of one
    visit with the red case then, whose team does both. Where the new one is held, all goes on as it is; once it is
    confirmed, it comes again with the same level.
    """
    rising = alert.level.rank >= alert.previous_level.rank
    outcome = outcomes.UPGRADED if rising else outcomes.DOWNGRADED
    ended = [
        case
        for case in await open_cases(work, alert.alert_id)
        if case.kind not in _GOES_ON and (case.kind is not CaseKind.VERIFICATION or alert.level is Level.WHITE)
    ]
    for case in ended:
        await close_unanswered(
            work, case, Action.SUPERSEDE, outcome, reason=alert.grading.reason.zh if rising else alert.cause
        )
    return Grade(alert, alert.revision, ended[0].case_id if ended else None)


async def _on_dismissed(work: CaseUnitOfWork, alert: AlertDismissed) -> None:
    """Close the open cases of an alert that was dismissed."""
    reason = f"{alert.reason}（{alert.proposed_by} → {alert.confirmed_by}）"
    for case in (one for one in await open_cases(work, alert.alert_id) if one.kind is not CaseKind.MARKING):
        await close_unanswered(work, case, Action.DISMISS, DecisiveOutcome.FALSE_ALARM, reason=reason)


async def _on_milestone(work: CaseUnitOfWork, late: MilestoneMissed) -> None:
    """Note a missed milestone, and offer a case that nobody accepted in time to the next team.

    A matter that joined another case is reviewed with that one, whose notice says so for all.
    """
    case = await lock(work, late.case_id)
    if case is None or case.state in CLOSED:
        return
    await note(
        work,
        case,
        MILESTONE_MISSED,
        StepDetails(happened_at=late.at, detail=late.model_dump(mode="json", include=_OF_MILESTONE)),
    )
    if case.state is not CaseState.MERGED:
        work.notify(wording.milestone_notices(late, name=case.enterprise_name))
    if late.awaited is CaseMark.ACCEPTED:
        await offer_to_next_team(work, case, late.started_at)
