"""The marks of a deadline: what an answer, a return and the closing make of it. Pure."""

from datetime import datetime
from enum import StrEnum

from services.deadline_watch.deadlines import is_late


class State(StrEnum):
    OPEN = "open"
    WARNED = "warned"
    OVERDUE = "overdue"
    MET = "met"
    CANCELLED = "cancelled"


RUNNING = frozenset({State.OPEN, State.WARNED})


def after_answer(state: State, received_at: datetime, due_at: datetime) -> State:
    """In time is met, whatever happens to the message afterwards; late stays what it is, to be missed in its turn."""
    if state is State.CANCELLED or is_late(received_at, due_at):
        return state
    return State.MET


def after_return(state: State) -> State:
    """Open again under the same due time; what was overdue stays so."""
    return State.OPEN if state is State.MET else state


def after_closing(state: State) -> State:
    """A clock nobody has to answer any more is cancelled; met and overdue stay on record."""
    return State.CANCELLED if state in RUNNING else state


def happens(action: str, state: State, answered_at: datetime | None, now: datetime, due_at: datetime) -> bool:
    """Whether a step that has come due still applies.

    A warning needs a running clock that nobody answered and that can still be met; a miss one that was not met;
    a rung of the ladder an overdue one that still nobody answered.
    """
    if action == "warn":
        return state in RUNNING and answered_at is None and not is_late(now, due_at)
    if action == "miss":
        return state in RUNNING
    return state is State.OVERDUE and answered_at is None
