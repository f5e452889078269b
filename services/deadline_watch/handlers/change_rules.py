"""Changing the calendar or the policy: preview what moves, then move it in one audited step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, select

from services.deadline_watch import tables
from services.deadline_watch.domain import working_time
from services.deadline_watch.domain.calendar import Year
from services.deadline_watch.domain.outgoing_events import deadline_event
from services.deadline_watch.domain.policy import DeadlinePolicy
from services.deadline_watch.domain.recalculation import Moves, adjustments_of, follows, moved, recomputed
from services.deadline_watch.domain.rules_in_force import Regime
from services.deadline_watch.store.deadlines import Change, Grounds, supersede
from services.deadline_watch.store.rule_versions import Regimes, in_force_from, keep_calendar, keep_policy
from services.deadline_watch.store.steps import Ahead
from shared.contract.events import Bilingual, DeadlineType
from shared.contract.messages import Event
from shared.contract.refusals import Conflict
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import SHANGHAI

_DEADLINES = tables.deadlines.c
_AT_ONCE = 2_000


class Changed(BaseModel):
    """A change, done or (`dry_run`) only looked at: its version, and what moves by it."""

    dry_run: bool
    version: str
    moves: Moves


@dataclass(frozen=True)
class By:
    """Who changes something, and why."""

    subject: str
    reason: str


class RegimeChanges:
    """Each method changes the rules, and moves the running clocks with them, in the caller's unit of work."""

    def __init__(self, regimes: Regimes, ahead: Ahead) -> None:
        self._regimes, self._ahead = regimes, ahead

    async def import_year(self, work: UnitOfWork, number: int, entry: Year, by: By, *, dry_run: bool) -> Changed:
        """Make `entry` the calendar's year. Raises Invalid; a dry run changes nothing."""
        regime = await self._regimes.to_change(work.connection)
        version = await self._next_version(work)
        calendar = regime.calendar.with_year(number, entry, version)
        touched = (_DEADLINES.due_at > working_time.midnight(date(number, 1, 1))) & (
            _DEADLINES.started_at < working_time.midnight(date(number + 1, 1, 1))
        )
        ground = f"{entry.notice.title}（{entry.notice.number or '文号未录'}）" if entry.notice else by.reason
        grounds = Grounds("calendar", by.reason, ground, by.subject, cause_version=version)
        after = replace(regime, calendar=calendar)
        moves = await self._move(work, after, touched, grounds, dry_run=dry_run)
        if not dry_run:
            await keep_calendar(
                work.connection,
                calendar,
                year=number,
                reason=by.reason,
                imported_by=by.subject,
                imported_at=work.now,
                moves=moves.model_dump(mode="json"),
            )
        return Changed(dry_run=dry_run, version=version, moves=moves)

    async def publish_policy(
        self, work: UnitOfWork, body: str, effective_from: datetime | None, by: By, *, dry_run: bool
    ) -> Changed:
        """Publish the policy written as `body`, to decide for clocks that start from `effective_from` on.

        Clocks that run and started since then move to it. Raises Invalid, and Conflict for a version there is.
        """
        policy = DeadlinePolicy.parse(body)
        policy = policy if effective_from is None else in_force_from(policy, effective_from)
        regime = await self._regimes.to_change(work.connection)
        if policy.version in {one.version for one in regime.policies}:
            raise Conflict(
                "version-exists",
                f"version {policy.version} was published; a change is a new version",
                title="Not published",
            )
        grounds = Grounds("policy", by.reason, by.reason, by.subject, cause_version=policy.version)
        after = Regime(regime.calendar, [*regime.policies, policy])
        touched = _DEADLINES.started_at >= policy.effective_from
        moves = await self._move(work, after, touched, grounds, dry_run=dry_run)
        if not dry_run:
            await keep_policy(
                work.connection,
                policy,
                body,
                reason=by.reason,
                published_by=by.subject,
                published_at=work.now,
                moves=moves.model_dump(mode="json"),
            )
        return Changed(dry_run=dry_run, version=policy.version, moves=moves)

    async def _move(
        self, work: UnitOfWork, regime: Regime, touched: ColumnElement[bool], grounds: Grounds, *, dry_run: bool
    ) -> Moves:
        moves = Moves()
        # Their identifiers first: what moves must not be met again further on.
        reached = await work.connection.scalars(
            select(_DEADLINES.deadline_id)
            .where(_DEADLINES.closed_at.is_(None), touched)
            .order_by(_DEADLINES.due_at, _DEADLINES.deadline_id)
        )
        ids = list(reached)
        for first in range(0, len(ids), _AT_ONCE):
            changes = await self._changes(work, ids[first : first + _AT_ONCE], regime, moves)
            if not dry_run:
                rows = await supersede(work, self._ahead, changes, grounds)
                work.emit(*(_moved(change, rows[change.was.deadline_id], grounds, work.now) for change in changes))
        return moves

    async def _changes(self, work: UnitOfWork, ids: Sequence[UUID], regime: Regime, moves: Moves) -> list[Change]:
        rows = await work.connection.execute(
            select(tables.deadlines)
            .where(_DEADLINES.deadline_id.in_(ids))
            .order_by(_DEADLINES.due_at, _DEADLINES.deadline_id)
            .with_for_update()
        )
        changes = []
        for row in rows:
            moves.examined += 1
            deadline = recomputed(row, regime)
            if deadline is None:
                continue
            fate = moved(row, deadline, work.now)
            moves.count(fate)
            if follows(fate.fate):
                changes.append(Change(row, deadline, adjustments_of(row)))
        return changes

    async def _next_version(self, work: UnitOfWork) -> str:
        """The date in Shanghai and a number, as the shipped calendars are named."""
        today = work.now.astimezone(SHANGHAI).date()
        known = set(await work.connection.scalars(select(tables.calendars.c.version)))
        return next(name for number in count(1) if (name := f"{today}.{number}") not in known)


def _moved(change: Change, row: Any, grounds: Grounds, at: datetime) -> Event:
    why = f"{grounds.reason}（{grounds.ground}）" if grounds.ground != grounds.reason else grounds.reason
    return deadline_event(
        DeadlineType.MOVED, row, at, reason=Bilingual(zh=why, en=why), previous_due_at=change.was.due_at
    )
