"""Pausing, resuming and extending a running clock. Each change has a reason, a legal ground and two people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.deadline_watch.domain.adjustments import Extension, Pause, notice_line
from services.deadline_watch.domain.clocks import RUNNING, Clock, ComputedClock
from services.deadline_watch.domain.deadlines import Deadline, compute, is_late
from services.deadline_watch.domain.outgoing_events import deadline_event
from services.deadline_watch.domain.policy import Span
from services.deadline_watch.store import clocks
from services.deadline_watch.store.clock_versions import Grounds, NextVersion, supersede
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from shared.contract.events import DeadlineType
from shared.contract.refusals import Conflict
from shared.messaging.unit_of_work import UnitOfWork

Cause = Literal["pause", "resume", "extend"]


@dataclass(frozen=True)
class Adjusting:
    """A change of one clock: paused, going on, or given `by` more."""

    cause: Cause
    deadline_id: UUID
    by: Span | None = None


@dataclass(frozen=True)
class Planned:
    """A clock, locked, and what it would be after a change that fits it."""

    stored: ComputedClock
    deadline: Deadline
    adjustments: Sequence[Pause | Extension]


class Adjustments:
    """Plans and makes changes of single clocks, in the caller's unit of work."""

    def __init__(self, rule_versions: RuleVersions, upcoming: UpcomingSteps) -> None:
        self._rule_versions, self._upcoming = rule_versions, upcoming

    async def make(self, work: UnitOfWork, adjusting: Adjusting, grounds: Grounds) -> Clock:
        """Change the clock and return it. Raises as `plan` does."""
        planned = await self.plan(work, adjusting, grounds)
        before = planned.stored.clock
        version = NextVersion(planned.stored, planned.deadline, planned.adjustments)
        clock = (await supersede(work, self._upcoming, [version], grounds))[before.deadline_id]
        kind = Extension if adjusting.cause == "extend" else Pause
        latest = next(one for one in reversed(planned.adjustments) if isinstance(one, kind))
        why = notice_line(latest, clock.due_at)
        work.emit(deadline_event(_EVENTS[adjusting.cause], clock, work.now, reason=why, previous_due_at=before.due_at))
        return clock

    async def plan(self, work: UnitOfWork, adjusting: Adjusting, grounds: Grounds) -> Planned:
        """What the clock would be. Raises NotFound where there is none, and Conflict where the change does not fit."""
        rules = await self._rule_versions.in_force(work.connection)
        stored = await clocks.lock(work.connection, adjusting.deadline_id)
        adjustments = _adjusted(stored, adjusting, grounds, work.now)
        clock = stored.clock
        deadline = compute(clock.kind, clock.started_at, rules.policy_at(clock.started_at), rules.calendar, adjustments)
        return Planned(stored, deadline, adjustments)


_EVENTS = {"pause": DeadlineType.PAUSED, "resume": DeadlineType.RESUMED, "extend": DeadlineType.MOVED}


def _adjusted(
    stored: ComputedClock, adjusting: Adjusting, grounds: Grounds, now: datetime
) -> Sequence[Pause | Extension]:
    """Everything that people did to the clock, with this change. Raises Conflict where it does not fit."""
    act = {
        "reason": grounds.reason,
        "ground": grounds.ground,
        "requested_by": grounds.requested_by,
        "approver": str(grounds.approver),
        "at": now,
    }
    match adjusting:
        case Adjusting("resume"):
            return _resumed(stored, grounds, now)
        case Adjusting("extend", by=Span() as by):
            _require_running(stored, now)
            return [*stored.adjustments, Extension(by=by, **act)]
        case _:
            _require_running(stored, now)
            if stored.clock.paused_at is not None:
                raise _not_done("already-paused", "the clock is paused already")
            return [*stored.adjustments, Pause(**act)]


def _resumed(stored: ComputedClock, grounds: Grounds, now: datetime) -> Sequence[Pause | Extension]:
    if stored.clock.paused_at is None:
        raise _not_done("not-paused", "the clock is not paused")
    if stored.clock.closed_at is not None:
        raise _not_done("closed", "the case is closed")
    resumed = {"resumed_at": now, "resumed_by": grounds.requested_by, "resume_reason": grounds.reason}
    return [
        one.model_copy(update=resumed) if isinstance(one, Pause) and one.resumed_at is None else one
        for one in stored.adjustments
    ]


def _require_running(stored: ComputedClock, now: datetime) -> None:
    """Raises Conflict for a clock that cannot be met any more: more time does not mend a miss."""
    clock = stored.clock
    if clock.state not in RUNNING or clock.closed_at is not None:
        raise _not_done("not-running", f"the deadline is {clock.state}: only one that runs can be changed")
    if clock.paused_at is None and is_late(now, clock.due_at):
        raise _not_done("already-due", "the deadline has passed; it is marked missed in a moment")


def _not_done(code: str, detail: str) -> Conflict:
    return Conflict(code, detail, title="Not done")
