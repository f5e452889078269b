"""The watcher: does what has come due, each step once, in the order it came due.

Deadlines are rows. A pass claims due ones with `for update skip locked`, so that any number of replicas share
the work; it reads their steps again under the lock, so that none is done twice; and whether a step still applies is
decided then, so that an answer a moment earlier is never overlooked.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch.domain import due_steps, ladder
from services.deadline_watch.domain.clocks import Clock
from services.deadline_watch.domain.due_steps import UNANSWERED
from services.deadline_watch.domain.ladder import DueRung
from services.deadline_watch.domain.rules_in_force import RulesInForce
from services.deadline_watch.store import absences, steps
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from shared.contract.words import ClockKind
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.time.clock import Clock as TimeSource

BEAT_SECONDS = 0.5
"""How often the watcher asks itself, not the database, whether something is due."""
_NAP_SECONDS = 5.0
"""After this long it looks again, for what other replicas stored ahead and did not live to do."""

_AT_ONCE = 1_000
_REST = 0.3
"""After a full pass there is a backlog; it rests for this share of the pass, so that those who work beside it can."""


async def _nothing_unread() -> bool:
    return False


class Watcher:
    """Promises: for every step that still applies when it comes due an event is emitted, once, within a second.

    A silence ends only while no event of a case waits to be read, as `has_unread` says: the answer may be among them.
    """

    def __init__(
        self,
        units: UnitsOfWork[UnitOfWork],
        clock: TimeSource,
        rule_versions: RuleVersions,
        upcoming: UpcomingSteps,
        has_unread: Callable[[], Awaitable[bool]] = _nothing_unread,
    ) -> None:
        self._units, self._clock, self._rule_versions = units, clock, rule_versions
        self._upcoming, self._has_unread = upcoming, has_unread
        self._next_at: datetime | None = None
        self._napping_until = 0.0
        self._no_silence_until = 0.0

    async def beat(self) -> int:
        """A pass if something may be due; else nothing, and no query."""
        now, known = self._clock.now(), (self._next_at, self._upcoming.earliest)
        if time.monotonic() < self._napping_until and not any(at is not None and at <= now for at in known):
            return 0
        if not await self._is_due(now):
            return 0
        began = time.monotonic()
        done = await self.run_once()
        if done >= _AT_ONCE:
            await asyncio.sleep((time.monotonic() - began) * _REST)
        return done

    async def _is_due(self, now: datetime) -> bool:
        """Whether a step is due; if not, sleep until one is. Asking costs far less than a pass over nothing."""
        # Before the query: what is stored ahead from here on wakes it again, the rest is seen.
        self._upcoming.earliest, self._napping_until = None, 0.0
        async with self._units.database.autocommit() as connection:
            self._next_at = await steps.next_at(connection, with_silence=self._with_silence)
        if self._next_at is not None and self._next_at <= now:
            return True
        self._napping_until = time.monotonic() + _NAP_SECONDS
        return False

    async def run_once(self, limit: int = _AT_ONCE) -> int:
        """One pass, one unit of work: deadlines of up to `limit` due steps. Answers how many were claimed.

        Another replica may have done their steps a moment before; that there were some says that there may be more.
        """
        async with self._units.open() as work:
            connection, now = work.connection, work.now
            rules = await self._rule_versions.in_force(connection)
            clocks = await self._claim(connection, now, limit)
            if not clocks:
                return 0
            due = await steps.due_steps(connection, list(clocks), now, with_silence=self._with_silence)
            if any(step.action == UNANSWERED for step in due) and await self._has_unread():
                self._no_silence_until = time.monotonic() + _NAP_SECONDS
                due = [step for step in due if step.action != UNANSWERED]
            absent = await absences.at(connection, now)
            ladders, silence_of = Ladders(rules), Silences(rules).silence_of
            results = due_steps.decide(due, clocks, now, ladders.rungs_of, absent.roles_at, silence_of)
            await steps.save_results(connection, results, now)
            work.emit(*results.events)
        return len(clocks)

    async def _claim(self, connection: AsyncConnection, now: datetime, limit: int) -> dict[UUID, Clock]:
        return await steps.lock_due_clocks(connection, now, limit, with_silence=self._with_silence)

    @property
    def _with_silence(self) -> bool:
        return time.monotonic() >= self._no_silence_until


class Ladders:
    """The ladders of deadlines that passed. Those missed at one instant have the same, and there are many."""

    def __init__(self, rules: RulesInForce) -> None:
        self._rules = rules
        self._known: dict[tuple[ClockKind, datetime, str], Sequence[DueRung]] = {}

    def rungs_of(self, clock: Clock) -> Sequence[DueRung]:
        """The rungs of the ladder of a clock, lowest first."""
        key = clock.kind, clock.due_at, clock.policy_version
        if key not in self._known:
            policy = self._rules.policy(clock.policy_version)
            self._known[key] = ladder.rungs_after_miss(clock.kind, clock.due_at, policy, self._rules.calendar)
        return self._known[key]


class Silences:
    """How long clocks may stay unanswered, by the policies that they were computed with."""

    def __init__(self, rules: RulesInForce) -> None:
        self._rules = rules

    def silence_of(self, clock: Clock) -> timedelta | None:
        """How long a clock may, with what an answer's message may take to arrive; None for ever."""
        silence = self._rules.policy(clock.policy_version).silence_of(clock.kind)
        if silence is None:
            return None
        return timedelta(hours=silence.hours, minutes=silence.patience_minutes)
