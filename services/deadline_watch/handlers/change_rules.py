"""Changing the calendar or the policy: preview what moves, then move it in one audited step."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from itertools import count
from uuid import UUID

from pydantic import BaseModel

from services.deadline_watch.domain import working_time
from services.deadline_watch.domain.calendar import LocalDay, Year, turn_of
from services.deadline_watch.domain.clocks import Clock
from services.deadline_watch.domain.outgoing_events import deadline_event
from services.deadline_watch.domain.policy import DeadlinePolicy
from services.deadline_watch.domain.recalculation import (
    AffectedClocks,
    ChangedDay,
    affected,
    changed_days,
    reasons,
    recomputed,
)
from services.deadline_watch.domain.rules_in_force import RulesInForce
from services.deadline_watch.store import clocks
from services.deadline_watch.store.clock_versions import Grounds, NextVersion, supersede
from services.deadline_watch.store.rule_versions import (
    RuleVersions,
    calendar_versions,
    in_force_from,
    keep_calendar,
    keep_policy,
)
from services.deadline_watch.store.steps import UpcomingSteps
from shared.contract.events import Actor, Bilingual, DeadlineType
from shared.contract.messages import Event
from shared.contract.refusals import Conflict, NotFound
from shared.evidence.domain.facts import act
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import SHANGHAI

CALENDAR_PUBLISHED = "cn.tricolor.calendar.published.v1"
POLICY_PUBLISHED = "cn.tricolor.deadline_policy.published.v1"
_AT_ONCE = 2_000


class Changed(BaseModel):
    """A change, done or (`dry_run`) only looked at: its version, and what moves by it."""

    dry_run: bool
    version: str
    moves: AffectedClocks


@dataclass(frozen=True)
class Author:
    """Who changes the rules and why, and who confirmed it; a preview has nobody who did."""

    subject: str
    reason: str
    confirmed_by: str | None = None
    actor: Actor | None = None
    """Who brings it into force, where that is not whoever calls."""


class RuleChanges:
    """Each method changes the rules, and moves the running clocks with them, in the caller's unit of work.

    A dry run changes nothing. They raise Invalid for a calendar or policy that cannot be used.
    """

    def __init__(self, rule_versions: RuleVersions, upcoming: UpcomingSteps) -> None:
        self._rule_versions, self._upcoming = rule_versions, upcoming

    async def import_year(
        self, work: UnitOfWork, number: int, entry: Year, author: Author, *, dry_run: bool, keeps_local: bool = False
    ) -> Changed:
        """Make `entry` the calendar's year; where it `keeps_local`, with the local days off that the year has."""
        rules = await self._rule_versions.to_change(work.connection)
        if keeps_local and (present := rules.calendar.years.get(number)) is not None:
            entry = entry.model_copy(update={"local_days_off": present.local_days_off})
        version = await _next_version(work)
        calendar = rules.calendar.with_year(number, entry, version)
        reached = await clocks.ids_of_unfinished(
            work.connection,
            due_after=working_time.midnight(turn_of(number)),
            started_before=working_time.midnight(date(number + 1, 1, 1)),
        )
        ground = f"{entry.notice.title}（{entry.notice.number or '文号未录'}）" if entry.notice else author.reason
        grounds = Grounds("calendar", author.reason, ground, author.subject, author.confirmed_by, version)
        days = await asyncio.to_thread(changed_days, rules.calendar, calendar)
        moves = await self._move(work, replace(rules, calendar=calendar), reached, days, grounds, dry_run=dry_run)
        if not dry_run:
            await keep_calendar(
                work.connection,
                calendar,
                year=number,
                reason=author.reason,
                imported_by=author.subject,
                imported_at=work.now,
                confirmed_by=author.confirmed_by,
                moves=moves.model_dump(mode="json"),
            )
            said = {"version": version, "year": number, "entry": entry, **asdict(author)}
            work.record(
                act(CALENDAR_PUBLISHED, f"calendar:{number}", said, actor=author.actor, policy={"calendar": version})
            )
        return Changed(dry_run=dry_run, version=version, moves=moves)

    async def add_local_day_off(
        self, work: UnitOfWork, day: date, local: LocalDay, author: Author, *, dry_run: bool
    ) -> Changed:
        """Make `day` none of the working days here. Raises NotFound where its year was never entered."""
        entry = (await self._rule_versions.to_change(work.connection)).calendar.years.get(day.year)
        if entry is None:
            raise NotFound("calendar for the year", day.year)
        after = entry.model_copy(update={"local_days_off": entry.local_days_off | {day: local}})
        return await self.import_year(work, day.year, after, author, dry_run=dry_run)

    async def publish_policy(
        self, work: UnitOfWork, body: str, effective_from: datetime | None, author: Author, *, dry_run: bool
    ) -> Changed:
        """Publish the policy written as `body`, to decide for clocks that start from `effective_from` on.

        Clocks that run and started since then move to it. Raises Conflict for a version that was published.
        """
        policy = DeadlinePolicy.parse(body)
        policy = policy if effective_from is None else in_force_from(policy, effective_from)
        rules = await self._rule_versions.to_change(work.connection)
        if policy.version in {one.version for one in rules.policies}:
            raise Conflict(
                "version-exists",
                f"version {policy.version} was published; a change is a new version",
                title="Not published",
            )
        grounds = Grounds("policy", author.reason, author.reason, author.subject, author.confirmed_by, policy.version)
        after = RulesInForce(rules.calendar, [*rules.policies, policy])
        reached = await clocks.ids_of_unfinished(work.connection, started_since=policy.effective_from)
        moves = await self._move(work, after, reached, (), grounds, dry_run=dry_run)
        if not dry_run:
            await keep_policy(
                work.connection,
                policy,
                body,
                reason=author.reason,
                published_by=author.subject,
                published_at=work.now,
                confirmed_by=author.confirmed_by,
                moves=moves.model_dump(mode="json"),
            )
            said = {
                "version": policy.version,
                "effective_from": policy.effective_from,
                "body": body,
                **asdict(author),
            }
            work.record(
                act(POLICY_PUBLISHED, "deadline-policy", said, actor=author.actor, policy={"policy": policy.version})
            )
        return Changed(dry_run=dry_run, version=policy.version, moves=moves)

    async def _move(
        self,
        work: UnitOfWork,
        rules: RulesInForce,
        reached: Sequence[UUID],
        days: Sequence[ChangedDay],
        grounds: Grounds,
        *,
        dry_run: bool,
    ) -> AffectedClocks:
        """Recompute the deadlines `reached`, all chosen before the first moves: what moves is not met again."""
        moves = AffectedClocks()
        for first in range(0, len(reached), _AT_ONCE):
            versions = await _next_versions(work, reached[first : first + _AT_ONCE], rules, days, moves)
            if not dry_run:
                superseded = await supersede(work, self._upcoming, versions, grounds)
                for one in versions:
                    before = one.before.clock
                    work.emit(_moved(before, superseded[before.deadline_id], grounds, work.now))
        return moves


async def _next_versions(
    work: UnitOfWork,
    deadline_ids: Sequence[UUID],
    rules: RulesInForce,
    days: Sequence[ChangedDay],
    moves: AffectedClocks,
) -> list[NextVersion]:
    """The next versions of those clocks that change, locked; all are counted in `moves`."""
    versions = []
    for stored in await clocks.lock_all(work.connection, deadline_ids):
        moves.examined += 1
        deadline = recomputed(stored, rules)
        if deadline is None:
            continue
        one = affected(stored.clock, deadline, work.now)
        one.because = reasons(one, stored.clock.started_at, days)
        moves.count(one)
        if one.is_changed:
            versions.append(NextVersion(stored, deadline, stored.adjustments))
    return versions


async def _next_version(work: UnitOfWork) -> str:
    """The date in Shanghai and a number, as the shipped calendars are named."""
    today = work.now.astimezone(SHANGHAI).date()
    known = await calendar_versions(work.connection)
    return next(name for number in count(1) if (name := f"{today}.{number}") not in known)


def _moved(before: Clock, clock: Clock, grounds: Grounds, at: datetime) -> Event:
    why = f"{grounds.reason}（{grounds.ground}）" if grounds.ground != grounds.reason else grounds.reason
    return deadline_event(
        DeadlineType.MOVED, clock, at, reason=Bilingual(zh=why, en=why), previous_due_at=before.due_at
    )
