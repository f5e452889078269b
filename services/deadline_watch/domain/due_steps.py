"""The steps of a clock: what lies ahead of it, and what happens when a step comes due. Pure."""

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from uuid import UUID

from services.deadline_watch.domain import ladder
from services.deadline_watch.domain.deadlines import Deadline
from services.deadline_watch.domain.ladder import RungStep
from services.deadline_watch.domain.outgoing_events import deadline_event
from services.deadline_watch.domain.states import State, happens
from shared.contract.events import Bilingual, DeadlineType
from shared.contract.messages import Event
from shared.time.instants import shown

MISSED = "missed"
LATE = timedelta(minutes=1)
"""A step done later than this after it was due says in its event when that was."""

Climb = Callable[[Any], Sequence[RungStep]]
"""From a row of `watch.deadlines` to the rungs of its ladder."""
Absent = Callable[[str | None], Collection[str]]
"""From a station to the roles of the ladder that are away there."""


class Step(NamedTuple):
    """A step, ahead or done."""

    deadline_id: UUID
    version: int
    step: str
    enterprise_code: str
    action: str
    at: datetime
    recipients: Sequence[str]
    rung: int | None = None
    repeat_hours: float | None = None
    done_at: datetime | None = None
    outcome: str | None = None


def ahead_of(
    deadline: Deadline, deadline_id: UUID, version: int, enterprise_code: str, *, after: datetime | None = None
) -> list[Step]:
    """What will happen to a deadline unless it is answered: its warnings (those `after` an instant), and the miss."""
    steps = [
        Step(deadline_id, version, warning.name, enterprise_code, "warn", warning.at, warning.recipients)
        for warning in deadline.warnings
        if after is None or warning.at > after
    ]
    return [*steps, Step(deadline_id, version, MISSED, enterprise_code, "miss", deadline.due_at, [])]


@dataclass
class Plan:
    """What a pass writes: the outcome of each due step, the clocks that changed, further steps, and the events."""

    done: list[tuple[Step, str]] = field(default_factory=list)
    states: dict[UUID, State] = field(default_factory=dict)
    missed: dict[UUID, datetime] = field(default_factory=dict)
    laid: list[Step] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)


def work_off(due: Iterable[Step], clocks: Mapping[UUID, Any], now: datetime, climb: Climb, absent: Absent) -> Plan:
    """The plan for steps that are `due` at `now`, of `clocks` (rows of `watch.deadlines`), in the order they came due.

    Whether a step still applies is seen here, whatever was thought when it was laid.
    """
    plan, number = Plan(), count()
    waiting = [(step.at, next(number), step) for step in due]
    heapq.heapify(waiting)
    while waiting:
        _, _, step = heapq.heappop(waiting)
        clock = clocks[step.deadline_id]
        state = plan.states.get(step.deadline_id) or State(clock.state)
        rungs = climb(clock) if step.action != "warn" else ()
        applies = happens(
            step.action,
            state,
            answered_at=clock.answered_at,
            closed_at=clock.closed_at,
            now=now,
            due_at=clock.due_at,
            acted_at=clock.acted_at,
            since=_rung_before(step, rungs),
        )
        if step.done_at is None:
            plan.done.append((step, "fired" if applies else "void"))
        else:
            plan.laid.append(Step(*step[:-1], outcome="fired" if applies else "void"))
        asked = clock.answered_at is None and clock.closed_at is None
        if step.repeat_hours is not None and state is State.OVERDUE and asked:
            plan.laid.append(_repetition(step, now))
        if not applies:
            continue
        recipients, skipped = list(step.recipients), None
        if step.action == "warn":
            type_, plan.states[step.deadline_id] = DeadlineType.WARNED, State.WARNED
        elif step.action == "miss":
            type_, plan.states[step.deadline_id] = DeadlineType.MISSED, State.OVERDUE
            plan.missed[step.deadline_id] = clock.due_at
            for rung in rungs:
                if rung.at <= step.at:
                    # The first rung is climbed with the miss, not a pass later.
                    heapq.heappush(waiting, (rung.at, next(number), _step_of(rung, step, done_at=now)))
                else:
                    plan.laid.append(_step_of(rung, step))
        else:
            type_ = DeadlineType.ESCALATED
            away = absent(clock.station)
            recipients = ladder.reached(step.recipients, away)
            skipped = _skipped(step.recipients, away)
        plan.events.append(
            deadline_event(
                type_,
                clock,
                now,
                state=plan.states.get(step.deadline_id) or state,
                step=step.step,
                rung=step.rung,
                recipients=recipients,
                reason=_together(_late(step.at) if now - step.at > LATE else None, skipped),
            )
        )
    return plan


def _rung_before(step: Step, rungs: Sequence[RungStep]) -> datetime | None:
    """When the rung before was due; of a repetition the one it repeats."""
    if step.rung is None:
        return None
    if step.repeat_hours is not None and "+" in step.step:
        return step.at - timedelta(hours=step.repeat_hours)
    return rungs[step.rung - 2].at if 2 <= step.rung <= len(rungs) else None


def _step_of(rung: RungStep, miss: Step, done_at: datetime | None = None) -> Step:
    return Step(
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


def _repetition(step: Step, now: datetime) -> Step:
    """The next repetition of a rung; its number is part of its name, so that it happens once too."""
    assert step.repeat_hours is not None  # noqa: S101  only a rung that is repeated comes here
    first_name, _, number = step.step.partition("+")
    first_at = step.at - timedelta(hours=step.repeat_hours) * int(number or 0)
    next_number, at = ladder.next_repeat(first_at, step.repeat_hours, now)
    return step._replace(step=f"{first_name}+{next_number}", at=at, done_at=None, outcome=None)


def _late(due: datetime) -> Bilingual:
    return Bilingual(zh=f"应于 {shown(due)} 发出，现补发", en=f"was due at {shown(due)} and is told only now")


_ROLES = {
    "station_chief": ("所长", "station chief"),
    "section": ("执法科", "section"),
    "leader": ("分管领导", "leader"),
}


def _skipped(roles: Iterable[str], away: Collection[str]) -> Bilingual | None:
    skipped = [_ROLES[role] for role in roles if role in away]
    if not skipped:
        return None
    return Bilingual(
        zh=f"{'、'.join(zh for zh, _ in skipped)}不在岗，报上一级",
        en=f"{', '.join(en for _, en in skipped)} absent: told to the next level up",
    )


def _together(*reasons: Bilingual | None) -> Bilingual | None:
    given = [reason for reason in reasons if reason is not None]
    if not given:
        return None
    return Bilingual(zh="；".join(one.zh for one in given), en="; ".join(one.en for one in given))
