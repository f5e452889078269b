"""The marks of a deadline: what is heard of its case, and what state that makes. Pure.

The state follows from the instants kept, not from the order in which they became known: messages may be late,
doubled, or overtake one another, and end the same.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from services.deadline_watch.domain.deadlines import is_late
from shared.contract.events import CaseType


class State(StrEnum):
    OPEN = "open"
    WARNED = "warned"
    OVERDUE = "overdue"
    MET = "met"
    CANCELLED = "cancelled"


RUNNING = frozenset({State.OPEN, State.WARNED})
_ANSWERS = frozenset({CaseType.SELF_REPORTED, CaseType.FEEDBACK_SUBMITTED})
_ACTS = frozenset(
    {
        CaseType.ACCEPTED,
        CaseType.DEPARTED,
        CaseType.ARRIVED,
        CaseType.REASSIGNED,
        CaseType.HANDED_OVER,
        CaseType.TRANSFERRED,
    }
)


def after(clock: Any, type_: CaseType, at: datetime) -> dict[str, Any]:
    """The columns that `clock`, a row of `watch.deadlines`, has after a step its case took.

    `at` is the server's receipt of that step, and decides whenever the message of it arrives. Of answers and
    returns the latest stands. While the clock is paused nothing is late.
    """
    answered_at, returned_at, closed_at = clock.answered_at, clock.returned_at, clock.closed_at
    acted_at = clock.acted_at
    if type_ in _ANSWERS and not any(known is not None and at < known for known in (answered_at, returned_at)):
        answered_at = at
    elif type_ is CaseType.RETURNED:
        returned_at = max(at, returned_at or at)
        answered_at = answered_at if answered_at is not None and answered_at > at else None
    elif type_ is CaseType.CLOSED:
        closed_at = at
    elif type_ in _ACTS:
        acted_at = max(at, acted_at or at)
    met = answered_at is not None and not _late(clock, answered_at)
    return {
        "answered_at": answered_at,
        "returned_at": returned_at,
        "closed_at": closed_at,
        "acted_at": acted_at,
        "met_at": answered_at if met else None,
        "state": State.MET if met else _unmet(clock, closed_at),
    }


def _unmet(clock: Any, closed_at: datetime | None) -> State:
    """A miss once marked is not taken back by closing; one that closing came too late for is still ahead."""
    if clock.missed_at is not None:
        return State.OVERDUE
    if closed_at is not None and not _late(clock, closed_at):
        return State.CANCELLED
    return State(clock.state) if clock.state in RUNNING else State.OPEN


def _late(clock: Any, at: datetime) -> bool:
    return clock.paused_at is None and is_late(at, clock.due_at)


def happens(
    action: str,
    state: State,
    *,
    answered_at: datetime | None,
    closed_at: datetime | None,
    now: datetime,
    due_at: datetime,
    acted_at: datetime | None = None,
    since: datetime | None = None,
) -> bool:
    """Whether a step that has come due still applies.

    A warning needs a running clock that nobody answered and that can still be met; a miss one that was not met;
    a rung of the ladder an overdue one that still nobody answered, whose case is open, and on which nobody acted after
    `since`, when the rung before it was due.
    """
    if action == "warn":
        return state in RUNNING and answered_at is None and not is_late(now, due_at)
    if action == "miss":
        return state in RUNNING
    acted = acted_at is not None and since is not None and acted_at > since
    return state is State.OVERDUE and answered_at is None and closed_at is None and not acted
