"""Pausing, resuming and extending a running clock. Each change has a reason, a legal ground and two people."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain.adjustments import Extension, Pause, told
from services.deadline_watch.domain.deadlines import compute, is_late
from services.deadline_watch.domain.outgoing_events import deadline_event
from services.deadline_watch.domain.policy import Span
from services.deadline_watch.domain.recalculation import adjustments_of
from services.deadline_watch.domain.rules_in_force import Regime
from services.deadline_watch.domain.states import RUNNING
from services.deadline_watch.store.deadlines import Change, Grounds, supersede
from services.deadline_watch.store.rule_versions import Regimes
from services.deadline_watch.store.steps import Ahead
from shared.contract.events import CaseKind, DeadlineType
from shared.contract.refusals import Conflict, NotFound
from shared.messaging.unit_of_work import UnitOfWork


class Adjustments:
    """Each method changes one clock in the caller's unit of work.

    They raise NotFound where there is no such clock, and Conflict where the change does not fit it.
    """

    def __init__(self, regimes: Regimes, ahead: Ahead) -> None:
        self._regimes, self._ahead = regimes, ahead

    async def pause(self, work: UnitOfWork, deadline_id: UUID, grounds: Grounds) -> None:
        """The clock stands still from now on; what is left is left when it is resumed, to the second."""
        regime, was = await self._running(work, deadline_id)
        if was.paused_at is not None:
            raise _not_done("already-paused", "the clock is paused already")
        pause = Pause(
            reason=grounds.reason,
            ground=grounds.ground,
            requested_by=grounds.requested_by,
            approver=str(grounds.approver),
            at=work.now,
        )
        await self._apply(work, regime, was, [*adjustments_of(was), pause], DeadlineType.PAUSED, grounds)

    async def resume(self, work: UnitOfWork, deadline_id: UUID, grounds: Grounds) -> None:
        """The clock goes on."""
        regime = await self._regimes.in_force(work.connection)
        was = await _locked(work.connection, deadline_id)
        if was.paused_at is None:
            raise _not_done("not-paused", "the clock is not paused")
        if was.closed_at is not None:
            raise _not_done("closed", "the case is closed")
        resumed = {"resumed_at": work.now, "resumed_by": grounds.requested_by, "resume_reason": grounds.reason}
        adjustments = [
            one.model_copy(update=resumed) if isinstance(one, Pause) and one.resumed_at is None else one
            for one in adjustments_of(was)
        ]
        await self._apply(work, regime, was, adjustments, DeadlineType.RESUMED, grounds)

    async def extend(self, work: UnitOfWork, deadline_id: UUID, by: Span, grounds: Grounds) -> None:
        """The clock has `by` more."""
        regime, was = await self._running(work, deadline_id)
        extension = Extension(
            by=by,
            reason=grounds.reason,
            ground=grounds.ground,
            requested_by=grounds.requested_by,
            approver=str(grounds.approver),
            at=work.now,
        )
        await self._apply(work, regime, was, [*adjustments_of(was), extension], DeadlineType.MOVED, grounds)

    async def _running(self, work: UnitOfWork, deadline_id: UUID) -> tuple[Regime, Row[Any]]:
        """The clock, locked, if it can still be met. One that was missed is not mended by giving it more time."""
        regime = await self._regimes.in_force(work.connection)
        was = await _locked(work.connection, deadline_id)
        if was.state not in RUNNING or was.closed_at is not None:
            raise _not_done("not-running", f"the deadline is {was.state}: only one that runs can be changed")
        if was.paused_at is None and is_late(work.now, was.due_at):
            raise _not_done("already-due", "the deadline has passed; it is marked missed in a moment")
        return regime, was

    async def _apply(
        self,
        work: UnitOfWork,
        regime: Regime,
        was: Row[Any],
        adjustments: Sequence[Pause | Extension],
        type_: DeadlineType,
        grounds: Grounds,
    ) -> None:
        policy = regime.policy_at(was.started_at)
        deadline = compute(CaseKind(was.kind), was.started_at, policy, regime.calendar, adjustments)
        row = (await supersede(work, self._ahead, [Change(was, deadline, adjustments)], grounds))[was.deadline_id]
        kind = Extension if type_ is DeadlineType.MOVED else Pause
        latest = next(one for one in reversed(adjustments) if isinstance(one, kind))
        why = told(latest, row.due_text)
        work.emit(deadline_event(type_, row, work.now, reason=why, previous_due_at=was.due_at))


def _not_done(code: str, detail: str) -> Conflict:
    return Conflict(code, detail, title="Not done")


async def _locked(connection: AsyncConnection, deadline_id: UUID) -> Row[Any]:
    row = (
        await connection.execute(
            select(tables.deadlines).where(tables.deadlines.c.deadline_id == deadline_id).with_for_update()
        )
    ).one_or_none()
    if row is None:
        raise NotFound("deadline", deadline_id)
    return row
