"""Changing the calendar or the policy: preview what moves, then move it in one audited step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain import working_time
from services.deadline_watch.domain.calendar import Year
from services.deadline_watch.domain.outgoing_events import told_of
from services.deadline_watch.domain.policy import DeadlinePolicy
from services.deadline_watch.domain.recalculation import Moves, adjustments_of, follows, moved, recomputed
from services.deadline_watch.domain.rules_in_force import Regime
from services.deadline_watch.store.deadlines import Change, Grounds, supersede
from services.deadline_watch.store.rule_versions import Regimes, in_force_from, keep_calendar, keep_policy
from services.deadline_watch.store.steps import Ahead
from shared.contract.cloudevents import Outgoing
from shared.contract.events import Bilingual, DeadlineType
from shared.time.instants import SHANGHAI

_DEADLINES = tables.deadlines.c
_AT_ONCE = 2_000


class NotPublished(Exception):  # noqa: N818  a refusal is an answer
    """The policy may not come into force; `slug` names the kind of reason."""

    def __init__(self, slug: str, detail: str) -> None:
        super().__init__(detail)
        self.slug, self.detail = slug, detail


class Changed(BaseModel):
    """A change, done or (`dry_run`) only looked at: its version, and what moves by it."""

    dry_run: bool
    version: str
    moves: Moves


@dataclass(frozen=True)
class By:
    """Who changes something, why, and when."""

    subject: str
    reason: str
    now: datetime


class RegimeChanges:
    """Each method is one transaction's work; it answers what changed, and what is to be told of it."""

    def __init__(self, regimes: Regimes, ahead: Ahead, topic: str) -> None:
        self._regimes, self._ahead, self._topic = regimes, ahead, topic

    async def import_year(
        self, connection: AsyncConnection, number: int, entry: Year, by: By, *, dry_run: bool
    ) -> tuple[Changed, list[Outgoing]]:
        """Make `entry` the calendar's year. Raises CalendarInvalid; a dry run changes nothing."""
        regime = await self._regimes.to_change(connection)
        version = await self._next_version(connection, by.now)
        calendar = regime.calendar.with_year(number, entry, version)
        touched = (_DEADLINES.due_at > working_time.midnight(date(number, 1, 1))) & (
            _DEADLINES.started_at < working_time.midnight(date(number + 1, 1, 1))
        )
        ground = f"{entry.notice.title}（{entry.notice.number or '文号未录'}）" if entry.notice else by.reason
        grounds = Grounds("calendar", by.reason, ground, by.subject, cause_version=version)
        after = replace(regime, calendar=calendar)
        moves, told = await self._move(connection, after, touched, grounds, by.now, dry_run=dry_run)
        if not dry_run:
            await keep_calendar(
                connection,
                calendar,
                year=number,
                reason=by.reason,
                imported_by=by.subject,
                imported_at=by.now,
                moves=moves.model_dump(mode="json"),
            )
        return Changed(dry_run=dry_run, version=version, moves=moves), told

    async def publish_policy(
        self, connection: AsyncConnection, body: str, effective_from: datetime | None, by: By, *, dry_run: bool
    ) -> tuple[Changed, list[Outgoing]]:
        """Publish the policy written as `body`, to decide for clocks that start from `effective_from` on.

        Clocks that run and started since then move to it. Raises PolicyInvalid, NotPublished.
        """
        policy = DeadlinePolicy.parse(body)
        policy = policy if effective_from is None else in_force_from(policy, effective_from)
        regime = await self._regimes.to_change(connection)
        if policy.version in {one.version for one in regime.policies}:
            raise NotPublished("version-exists", f"version {policy.version} was published; a change is a new version")
        grounds = Grounds("policy", by.reason, by.reason, by.subject, cause_version=policy.version)
        after = Regime(regime.calendar, [*regime.policies, policy])
        touched = _DEADLINES.started_at >= policy.effective_from
        moves, told = await self._move(connection, after, touched, grounds, by.now, dry_run=dry_run)
        if not dry_run:
            await keep_policy(
                connection,
                policy,
                body,
                reason=by.reason,
                published_by=by.subject,
                published_at=by.now,
                moves=moves.model_dump(mode="json"),
            )
        return Changed(dry_run=dry_run, version=policy.version, moves=moves), told

    async def _move(
        self,
        connection: AsyncConnection,
        regime: Regime,
        touched: ColumnElement[bool],
        grounds: Grounds,
        now: datetime,
        *,
        dry_run: bool,
    ) -> tuple[Moves, list[Outgoing]]:
        moves, told = Moves(), list[Outgoing]()
        # Their identifiers first: what moves must not be met again further on.
        reached = await connection.scalars(
            select(_DEADLINES.deadline_id)
            .where(_DEADLINES.closed_at.is_(None), touched)
            .order_by(_DEADLINES.due_at, _DEADLINES.deadline_id)
        )
        ids = list(reached)
        for first in range(0, len(ids), _AT_ONCE):
            changes = await self._changes(connection, ids[first : first + _AT_ONCE], regime, moves, now)
            if not dry_run:
                rows = await supersede(connection, self._ahead, changes, grounds, now)
                told += [self._told(change, rows[change.was.deadline_id], grounds, now) for change in changes]
        return moves, told

    async def _changes(
        self, connection: AsyncConnection, ids: Sequence[UUID], regime: Regime, moves: Moves, now: datetime
    ) -> list[Change]:
        rows = await connection.execute(
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
            fate = moved(row, deadline, now)
            moves.count(fate)
            if follows(fate.fate):
                changes.append(Change(row, deadline, adjustments_of(row)))
        return changes

    def _told(self, change: Change, row: Any, grounds: Grounds, now: datetime) -> Outgoing:
        why = f"{grounds.reason}（{grounds.ground}）" if grounds.ground != grounds.reason else grounds.reason
        return told_of(
            DeadlineType.MOVED,
            row,
            self._topic,
            now,
            reason=Bilingual(zh=why, en=why),
            previous_due_at=change.was.due_at,
        )

    async def _next_version(self, connection: AsyncConnection, now: datetime) -> str:
        """The date in Shanghai and a number, as the shipped calendars are named."""
        today = now.astimezone(SHANGHAI).date()
        known = set(await connection.scalars(select(tables.calendars.c.version)))
        return next(name for number in count(1) if (name := f"{today}.{number}") not in known)
