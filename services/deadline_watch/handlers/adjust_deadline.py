"""What people do to a running clock: pause it, resume it, extend it. Each act has a reason, a ground and two people."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain.adjustments import Extension, Pause, told
from services.deadline_watch.domain.deadlines import compute, is_late
from services.deadline_watch.domain.outgoing_events import told_of
from services.deadline_watch.domain.policy import Span
from services.deadline_watch.domain.recalculation import adjustments_of
from services.deadline_watch.domain.rules_in_force import Regime
from services.deadline_watch.domain.states import RUNNING
from services.deadline_watch.store.deadlines import Change, Grounds, supersede
from services.deadline_watch.store.rule_versions import Regimes
from services.deadline_watch.store.steps import Ahead
from shared.contract.cloudevents import Outgoing
from shared.contract.events import CaseKind, DeadlineType


class NotDone(Exception):  # noqa: N818  a refusal is an answer
    """The act does not fit the clock as it stands; `slug` names the kind of reason."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug, self.detail = slug, detail


class Acts:
    """Each method is one transaction's work on one clock; it answers the row and what is to be told of it.

    They raise KeyError where there is no such clock, and NotDone where the act does not fit it.
    """

    def __init__(self, regimes: Regimes, ahead: Ahead, topic: str) -> None:
        self._regimes, self._ahead, self._topic = regimes, ahead, topic

    async def pause(
        self, connection: AsyncConnection, deadline_id: UUID, grounds: Grounds, now: datetime
    ) -> tuple[Row[Any], list[Outgoing]]:
        """The clock stands still from now on; what is left is left when it is resumed, to the second."""
        regime, was = await self._running(connection, deadline_id, now)
        if was.paused_at is not None:
            raise NotDone("already-paused", "the clock is paused already")
        act = Pause(
            reason=grounds.reason,
            ground=grounds.ground,
            requested_by=grounds.requested_by,
            approver=str(grounds.approver),
            at=now,
        )
        return await self._apply(
            connection, regime, was, [*adjustments_of(was), act], DeadlineType.PAUSED, grounds, now
        )

    async def resume(
        self, connection: AsyncConnection, deadline_id: UUID, grounds: Grounds, now: datetime
    ) -> tuple[Row[Any], list[Outgoing]]:
        """The clock goes on."""
        regime = await self._regimes.in_force(connection)
        was = await _locked(connection, deadline_id)
        if was.paused_at is None:
            raise NotDone("not-paused", "the clock is not paused")
        if was.closed_at is not None:
            raise NotDone("closed", "the case is closed")
        resumed = {"resumed_at": now, "resumed_by": grounds.requested_by, "resume_reason": grounds.reason}
        acts = [
            act.model_copy(update=resumed) if isinstance(act, Pause) and act.resumed_at is None else act
            for act in adjustments_of(was)
        ]
        return await self._apply(connection, regime, was, acts, DeadlineType.RESUMED, grounds, now)

    async def extend(
        self, connection: AsyncConnection, deadline_id: UUID, by: Span, grounds: Grounds, now: datetime
    ) -> tuple[Row[Any], list[Outgoing]]:
        """The clock has `by` more."""
        regime, was = await self._running(connection, deadline_id, now)
        act = Extension(
            by=by,
            reason=grounds.reason,
            ground=grounds.ground,
            requested_by=grounds.requested_by,
            approver=str(grounds.approver),
            at=now,
        )
        return await self._apply(connection, regime, was, [*adjustments_of(was), act], DeadlineType.MOVED, grounds, now)

    async def _running(self, connection: AsyncConnection, deadline_id: UUID, now: datetime) -> tuple[Regime, Row[Any]]:
        """The clock, locked, if it can still be met. One that was missed is not mended by giving it more time."""
        regime = await self._regimes.in_force(connection)
        was = await _locked(connection, deadline_id)
        if was.state not in RUNNING or was.closed_at is not None:
            raise NotDone("not-running", f"the deadline is {was.state}: only one that runs can be changed")
        if was.paused_at is None and is_late(now, was.due_at):
            raise NotDone("already-due", "the deadline has passed; it is marked missed in a moment")
        return regime, was

    async def _apply(
        self,
        connection: AsyncConnection,
        regime: Regime,
        was: Row[Any],
        acts: Sequence[Pause | Extension],
        type_: DeadlineType,
        grounds: Grounds,
        now: datetime,
    ) -> tuple[Row[Any], list[Outgoing]]:
        policy = regime.policy_at(was.started_at)
        deadline = compute(CaseKind(was.kind), was.started_at, policy, regime.calendar, acts)
        change = Change(was, deadline, acts)
        row = (await supersede(connection, self._ahead, [change], grounds, now))[was.deadline_id]
        kind = Extension if type_ is DeadlineType.MOVED else Pause
        act = next(act for act in reversed(acts) if isinstance(act, kind))
        why = told(act, row.due_text)
        return row, [told_of(type_, row, self._topic, now, reason=why, previous_due_at=was.due_at)]


async def _locked(connection: AsyncConnection, deadline_id: UUID) -> Row[Any]:
    row = (
        await connection.execute(
            select(tables.deadlines).where(tables.deadlines.c.deadline_id == deadline_id).with_for_update()
        )
    ).one_or_none()
    if row is None:
        raise KeyError(deadline_id)
    return row
