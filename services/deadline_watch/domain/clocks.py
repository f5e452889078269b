"""Clocks: a deadline as it is stored, and what an event of its case makes of it. Pure.

The state follows from the instants kept, not from the order in which they became known: messages may be late,
doubled, or overtake one another, and end the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from services.deadline_watch.domain.adjustments import Extension, Pause
from services.deadline_watch.domain.deadlines import is_late
from shared.contract.events import CaseEvent, CaseType, Level
from shared.contract.words import ClockKind


class State(StrEnum):
    OPEN = "open"
    WARNED = "warned"
    OVERDUE = "overdue"
    MET = "met"
    CANCELLED = "cancelled"


RUNNING = frozenset({State.OPEN, State.WARNED})
_ANSWERS = frozenset({CaseType.SELF_REPORTED, CaseType.FEEDBACK_SUBMITTED})
_DECISIONS = frozenset({CaseType.APPROVED, CaseType.RETURNED})
"""What answers a clock of the bureau itself: that somebody looked, whatever they found."""
_ACTIONS_OF_OFFICE = frozenset(
    {
        CaseType.ACCEPTED,
        CaseType.DEPARTED,
        CaseType.ARRIVED,
        CaseType.REASSIGNED,
        CaseType.HANDED_OVER,
        CaseType.TRANSFERRED,
    }
)


def clocks_of(case: CaseEvent) -> tuple[ClockKind, ...]:
    """The clocks that a case has at this event: its own, and that of the final report once its end was accepted."""
    own = ClockKind(case.kind)
    return (own,) if case.planned_end is None else (own, ClockKind.FINAL_REPORT)


def concerns(kind: ClockKind, type_: CaseType, case: CaseEvent) -> bool:
    """Whether an event of a case is about its clock of `kind`.

    Once an interim report was accepted, it stands as the answer to the first clock, and what is reported or returned
    afterwards is about the final report.
    """
    settled = kind is ClockKind.SELF_REPORT and case.planned_end is not None
    return not (settled and type_ in _ANSWERS | {CaseType.RETURNED})


class Clock(NamedTuple):
    """A deadline of a case as it is stored, without its arithmetic, which is long and rarely asked for.

    A tuple, for the watcher reads thousands a second. `answered_at` is the receipt of the latest answer that stands,
    `acted_at` the latest action of an officer or chief, `paused_at` since when the clock stands still.
    """

    deadline_id: UUID
    case_id: UUID
    alert_id: UUID
    kind: ClockKind
    level: Level
    enterprise_code: str
    station: str | None
    state: State
    started_at: datetime
    due_at: datetime
    due_text: str
    provisional: bool
    version: int
    policy_version: str
    calendar_version: str
    answered_at: datetime | None = None
    returned_at: datetime | None = None
    missed_at: datetime | None = None
    met_at: datetime | None = None
    closed_at: datetime | None = None
    paused_at: datetime | None = None
    acted_at: datetime | None = None


@dataclass(frozen=True)
class ComputedClock:
    """A clock with the arithmetic it was computed by, as JSON, and what people did to it since."""

    clock: Clock
    explanation: Mapping[str, Any]
    adjustments: Sequence[Pause | Extension]


def after_event(clock: Clock, type_: CaseType, at: datetime) -> Clock:
    """The clock after an event of its case.

    `at` is the server's receipt of what happened, and decides whenever the message of it arrives. Of answers and
    returns the latest stands. While the clock is paused nothing is late.
    """
    answered_at, returned_at, closed_at = clock.answered_at, clock.returned_at, clock.closed_at
    acted_at = clock.acted_at
    answers = _DECISIONS if clock.kind is ClockKind.MARKING else _ANSWERS
    if type_ in answers and not any(known is not None and at < known for known in (answered_at, returned_at)):
        answered_at = at
    elif type_ is CaseType.RETURNED:
        returned_at = max(at, returned_at or at)
        answered_at = answered_at if answered_at is not None and answered_at > at else None
    elif type_ is CaseType.CLOSED:
        closed_at = at
    elif type_ in _ACTIONS_OF_OFFICE:
        acted_at = max(at, acted_at or at)
    met = answered_at is not None and not _is_late_for(clock, answered_at)
    return clock._replace(
        answered_at=answered_at,
        returned_at=returned_at,
        closed_at=closed_at,
        acted_at=acted_at,
        met_at=answered_at if met else None,
        state=State.MET if met else _unmet(clock, closed_at),
    )


def _unmet(clock: Clock, closed_at: datetime | None) -> State:
    """A miss once marked is not taken back by closing; one that closing came too late for is still ahead."""
    if clock.missed_at is not None:
        return State.OVERDUE
    if closed_at is not None and not _is_late_for(clock, closed_at):
        return State.CANCELLED
    return clock.state if clock.state in RUNNING else State.OPEN


def _is_late_for(clock: Clock, at: datetime) -> bool:
    return clock.paused_at is None and is_late(at, clock.due_at)
