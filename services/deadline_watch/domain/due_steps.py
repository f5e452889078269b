"""The steps of a clock: what lies ahead of it, and what happens when a step comes due. Pure."""

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Literal, NamedTuple, TypeAlias
from uuid import UUID

from services.deadline_watch.domain import ladder
from services.deadline_watch.domain.clocks import RUNNING, Clock, State
from services.deadline_watch.domain.deadlines import Deadline, is_late
from services.deadline_watch.domain.ladder import DueRung
from services.deadline_watch.domain.outgoing_events import deadline_event
from shared.contract.dates import instant_in_words
from shared.contract.events import Bilingual, DeadlineType
from shared.contract.messages import Event
from shared.time.instants import SHANGHAI

MISSED = "missed"
UNANSWERED = "unanswered"
LATE = timedelta(minutes=1)
"""A step done later than this after it was due says in its event when that was."""

Action: TypeAlias = Literal["warn", "miss", "unanswered", "escalate"]
Outcome: TypeAlias = Literal["fired", "void"]

RungsOf: TypeAlias = Callable[[Clock], Sequence[DueRung]]
"""From a clock to the rungs of its ladder."""
AbsentAt: TypeAlias = Callable[[str | None], Collection[str]]
"""From a station to the roles of the ladder that are absent there."""
SilenceOf: TypeAlias = Callable[[Clock], timedelta | None]
"""From a clock to how long it may stay unanswered, with what an answer's message may take; None for ever."""


class ClockStep(NamedTuple):
    """A step of a clock, ahead or done: a warning, the miss, a rung of the ladder, or that nobody answered at all."""

    deadline_id: UUID
    version: int
    step: str
    enterprise_code: str
    action: Action
    at: datetime
    recipients: Sequence[str]
    rung: int | None = None
    repeat_hours: float | None = None
    done_at: datetime | None = None
    outcome: Outcome | None = None


def steps_ahead(
    deadline: Deadline, deadline_id: UUID, version: int, enterprise_code: str, *, after: datetime | None = None
) -> list[ClockStep]:
    """What will happen to a deadline unless it is answered: its warnings (those `after` an instant), and the miss."""
    steps = [
        ClockStep(deadline_id, version, warning.name, enterprise_code, "warn", warning.at, warning.recipients)
        for warning in deadline.warnings
        if after is None or warning.at > after
    ]
    steps.append(ClockStep(deadline_id, version, MISSED, enterprise_code, "miss", deadline.due_at, []))
    if deadline.unanswered_at is not None:
        steps.append(
            ClockStep(deadline_id, version, UNANSWERED, enterprise_code, "unanswered", deadline.unanswered_at, [])
        )
    return steps


@dataclass
class StepResults:
    """What a pass writes: the outcome of each due step, the clocks that changed, further steps, and the events."""

    done: list[tuple[ClockStep, Outcome]] = field(default_factory=list)
    states: dict[UUID, State] = field(default_factory=dict)
    missed: dict[UUID, datetime] = field(default_factory=dict)
    added: list[ClockStep] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    silent: set[UUID] = field(default_factory=set)


def decide(
    due: Iterable[ClockStep],
    clocks: Mapping[UUID, Clock],
    now: datetime,
    rungs_of: RungsOf,
    absent_at: AbsentAt,
    silence_of: SilenceOf,
) -> StepResults:
    """The results of steps that are `due` at `now`, of `clocks` by identifier, in the order they came due.

    Whether a step still applies is decided here, whatever was thought when it was stored.
    """
    results, number = StepResults(), count()
    queue = [(step.at, next(number), step) for step in due]
    heapq.heapify(queue)
    while queue:
        _, _, step = heapq.heappop(queue)
        if step.action == UNANSWERED and step.deadline_id in results.missed:
            continue  # rungs that were due before it are only stored by this pass: it is for the next one
        clock = clocks[step.deadline_id]
        state = results.states.get(step.deadline_id) or clock.state
        rungs = rungs_of(clock) if step.action in _ON_THE_LADDER else ()
        applies = _applies(step, clock, state, now, rungs) and (
            step.action != UNANSWERED or _ends_silence(results, step, clock, now, silence_of(clock))
        )
        _note(results, step, "fired" if applies else "void")
        if step.repeat_hours is not None and state is State.OVERDUE and _is_unanswered(clock):
            results.added.append(_repetition(step, now))
        if not applies:
            continue
        recipients, remark = list(step.recipients), None
        match step.action:
            case "warn":
                type_, results.states[step.deadline_id] = DeadlineType.WARNED, State.WARNED
            case "miss":
                type_, results.states[step.deadline_id] = DeadlineType.MISSED, State.OVERDUE
                results.missed[step.deadline_id] = clock.due_at
                # The first rung is climbed with the miss, not a pass later.
                for rung in (rung for rung in rungs if rung.at <= step.at):
                    heapq.heappush(queue, (rung.at, next(number), _step_of(rung, step, done_at=now)))
                results.added += [_step_of(rung, step) for rung in rungs if rung.at > step.at]
            case "unanswered":
                type_, remark = DeadlineType.UNANSWERED, _SILENT if clock.returned_at is None else _SILENT_AGAIN
            case "escalate":
                type_ = DeadlineType.ESCALATED
                absent = absent_at(clock.station)
                recipients = ladder.recipients(step.recipients, absent)
                remark = _passed_over(step.recipients, absent)
        results.events.append(
            deadline_event(
                type_,
                clock,
                now,
                state=results.states.get(step.deadline_id) or state,
                step=step.step,
                rung=step.rung,
                recipients=recipients,
                reason=_together(_late(step.at) if now - step.at > LATE else None, remark),
            )
        )
    return results


def _note(results: StepResults, step: ClockStep, outcome: Outcome) -> None:
    """A rung that was climbed with the miss is stored as done; any other step is stored already."""
    if step.done_at is None:
        results.done.append((step, outcome))
    else:
        results.added.append(step._replace(outcome=outcome))


_ON_THE_LADDER = frozenset({"miss", "escalate"})


def _applies(step: ClockStep, clock: Clock, state: State, now: datetime, rungs: Sequence[DueRung]) -> bool:
    """Whether a step that has come due still applies.

    A warning needs a running clock that nobody answered and that can still be met; a miss one that was not met;
    a rung of the ladder an overdue one that still nobody answered, whose case is open, and on which nobody acted
    since the rung before was due. The end of a silence needs a clock that runs and awaits an answer.
    """
    match step.action:
        case "warn":
            return state in RUNNING and clock.answered_at is None and not is_late(now, clock.due_at)
        case "miss":
            return state in RUNNING
        case "unanswered":
            return _is_unanswered(clock) and clock.paused_at is None
        case "escalate":
            since = _rung_before(step, rungs)
            acted = clock.acted_at is not None and since is not None and clock.acted_at > since
            return state is State.OVERDUE and _is_unanswered(clock) and not acted


def _is_unanswered(clock: Clock) -> bool:
    return clock.answered_at is None and clock.closed_at is None


def _ends_silence(
    results: StepResults, step: ClockStep, clock: Clock, now: datetime, silence: timedelta | None
) -> bool:
    """Whether the silence is over now, which a pass says once.

    The return of an answer begins it anew: its end is a further step then, while it lies ahead.
    """
    if clock.returned_at is not None and silence is not None and clock.returned_at + silence > now:
        name = f"{UNANSWERED}-since-{clock.returned_at.astimezone(SHANGHAI):%Y%m%dT%H%M%S}"
        further = step._replace(step=name, at=clock.returned_at + silence, done_at=None, outcome=None)
        results.added.append(further)
        return False
    said = step.deadline_id in results.silent
    results.silent.add(step.deadline_id)
    return not said


def _rung_before(step: ClockStep, rungs: Sequence[DueRung]) -> datetime | None:
    """When the rung before was due; of a repetition the one it repeats."""
    if step.rung is None:
        return None
    if step.repeat_hours is not None and "+" in step.step:
        return step.at - timedelta(hours=step.repeat_hours)
    return rungs[step.rung - 2].at if 2 <= step.rung <= len(rungs) else None


def _step_of(rung: DueRung, miss: ClockStep, done_at: datetime | None = None) -> ClockStep:
    return ClockStep(
        miss.deadline_id,
        miss.version,
        rung.name,
        miss.enterprise_code,
        "escalate",
        rung.at,
        rung.roles,
        rung.rung,
        rung.repeat_hours,
        done_at,
    )


def _repetition(step: ClockStep, now: datetime) -> ClockStep:
    """The next repetition of a rung; its number is part of its name, so that it happens once too."""
    assert step.repeat_hours is not None  # noqa: S101  only a rung that is repeated comes here
    first_name, _, number = step.step.partition("+")
    first_at = step.at - timedelta(hours=step.repeat_hours) * int(number or 0)
    next_number, at = ladder.next_repeat(first_at, step.repeat_hours, now)
    return step._replace(step=f"{first_name}+{next_number}", at=at, done_at=None, outcome=None)


_SILENT = Bilingual(zh="自预警发出以来一直未收到反馈", en="no answer has been received since the alert was issued")
_SILENT_AGAIN = Bilingual(
    zh="自反馈被退回以来一直未再收到反馈", en="no answer has been received since the last one was returned"
)


def _late(due: datetime) -> Bilingual:
    at = instant_in_words(due)
    return Bilingual(zh=f"应于{at.zh}发出，现补发", en=f"was due at {at.en} and is sent only now")


_ROLES = {
    "station_chief": ("所长", "station chief"),
    "section": ("执法科", "section"),
    "leader": ("分管领导", "leader"),
}


def _passed_over(roles: Iterable[str], absent: Collection[str]) -> Bilingual | None:
    names = [_ROLES[role] for role in roles if role in absent]
    if not names:
        return None
    return Bilingual(
        zh=f"{'、'.join(zh for zh, _ in names)}不在岗，报上一级",
        en=f"{', '.join(en for _, en in names)} absent: escalated to the next level up",
    )


def _together(*reasons: Bilingual | None) -> Bilingual | None:
    given = [reason for reason in reasons if reason is not None]
    if not given:
        return None
    return Bilingual(zh="；".join(one.zh for one in given), en="; ".join(one.en for one in given))
