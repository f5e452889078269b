"""Pausing, resuming and extending a running clock. Each change has a reason, a legal ground and two people."""

from collections.abc import Sequence
from uuid import UUID

from services.deadline_watch.domain.adjustments import Extension, Pause, explanation_line
from services.deadline_watch.domain.clocks import RUNNING, ComputedClock
from services.deadline_watch.domain.deadlines import compute, is_late
from services.deadline_watch.domain.outgoing_events import deadline_event
from services.deadline_watch.domain.policy import Span
from services.deadline_watch.domain.rules_in_force import RulesInForce
from services.deadline_watch.store import clocks
from services.deadline_watch.store.clock_versions import Grounds, NextVersion, supersede
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from shared.contract.events import DeadlineType
from shared.contract.refusals import Conflict
from shared.messaging.unit_of_work import UnitOfWork


class Adjustments:
    """Each method changes one clock in the caller's unit of work.

    They raise NotFound where there is no such clock, and Conflict where the change does not fit it.
    """

    def __init__(self, rule_versions: RuleVersions, upcoming: UpcomingSteps) -> None:
        self._rule_versions, self._upcoming = rule_versions, upcoming

    async def pause(self, work: UnitOfWork, deadline_id: UUID, grounds: Grounds) -> None:
        """The clock stands still from now on; what is left is left when it is resumed, to the second."""
        rules, stored = await self._running(work, deadline_id)
        if stored.clock.paused_at is not None:
            raise _not_done("already-paused", "the clock is paused already")
        pause = Pause(
            reason=grounds.reason,
            ground=grounds.ground,
            requested_by=grounds.requested_by,
            approver=str(grounds.approver),
            at=work.now,
        )
        await self._apply(work, rules, stored, [*stored.adjustments, pause], DeadlineType.PAUSED, grounds)

    async def resume(self, work: UnitOfWork, deadline_id: UUID, grounds: Grounds) -> None:
        """The clock goes on."""
        rules = await self._rule_versions.in_force(work.connection)
        stored = await clocks.lock(work.connection, deadline_id)
        if stored.clock.paused_at is None:
            raise _not_done("not-paused", "the clock is not paused")
        if stored.clock.closed_at is not None:
            raise _not_done("closed", "the case is closed")
        resumed = {"resumed_at": work.now, "resumed_by": grounds.requested_by, "resume_reason": grounds.reason}
        adjustments = [
            one.model_copy(update=resumed) if isinstance(one, Pause) and one.resumed_at is None else one
            for one in stored.adjustments
        ]
        await self._apply(work, rules, stored, adjustments, DeadlineType.RESUMED, grounds)

    async def extend(self, work: UnitOfWork, deadline_id: UUID, by: Span, grounds: Grounds) -> None:
        """The clock has `by` more."""
        rules, stored = await self._running(work, deadline_id)
        extension = Extension(
            by=by,
            reason=grounds.reason,
            ground=grounds.ground,
            requested_by=grounds.requested_by,
            approver=str(grounds.approver),
            at=work.now,
        )
        await self._apply(work, rules, stored, [*stored.adjustments, extension], DeadlineType.MOVED, grounds)

    async def _running(self, work: UnitOfWork, deadline_id: UUID) -> tuple[RulesInForce, ComputedClock]:
        """The clock, locked, if it can still be met. One that was missed is not mended by giving it more time."""
        rules = await self._rule_versions.in_force(work.connection)
        stored = await clocks.lock(work.connection, deadline_id)
        clock = stored.clock
        if clock.state not in RUNNING or clock.closed_at is not None:
            raise _not_done("not-running", f"the deadline is {clock.state}: only one that runs can be changed")
        if clock.paused_at is None and is_late(work.now, clock.due_at):
            raise _not_done("already-due", "the deadline has passed; it is marked missed in a moment")
        return rules, stored

    async def _apply(
        self,
        work: UnitOfWork,
        rules: RulesInForce,
        stored: ComputedClock,
        adjustments: Sequence[Pause | Extension],
        type_: DeadlineType,
        grounds: Grounds,
    ) -> None:
        before = stored.clock
        policy = rules.policy_at(before.started_at)
        deadline = compute(before.kind, before.started_at, policy, rules.calendar, adjustments)
        superseded = await supersede(work, self._upcoming, [NextVersion(stored, deadline, adjustments)], grounds)
        clock = superseded[before.deadline_id]
        kind = Extension if type_ is DeadlineType.MOVED else Pause
        latest = next(one for one in reversed(adjustments) if isinstance(one, kind))
        why = explanation_line(latest, clock.due_text)
        work.emit(deadline_event(type_, clock, work.now, reason=why, previous_due_at=before.due_at))


def _not_done(code: str, detail: str) -> Conflict:
    return Conflict(code, detail, title="Not done")
