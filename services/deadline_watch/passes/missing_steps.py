"""Gives running clocks a step that they lack: those that an earlier release started know no end of their silence."""

from datetime import datetime, timedelta

from services.deadline_watch.domain.clocks import ComputedClock
from services.deadline_watch.domain.deadlines import compute
from services.deadline_watch.domain.due_steps import UNANSWERED, ClockStep, steps_ahead
from services.deadline_watch.domain.rules_in_force import RulesInForce
from services.deadline_watch.store import clocks
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.time.clock import Clock

BEAT_SECONDS = 5.0
_EVERY = timedelta(hours=1)
"""An earlier release may still run beside this one and start clocks; the step lies a day ahead of them."""


class MissingSteps:
    """Promises: every unanswered self-report has the step that ends its silence, once, whichever release started it."""

    def __init__(
        self, units: UnitsOfWork[UnitOfWork], clock: Clock, rule_versions: RuleVersions, upcoming: UpcomingSteps
    ) -> None:
        self._units, self._clock = units, clock
        self._rule_versions, self._upcoming = rule_versions, upcoming
        self._done_at: datetime | None = None

    async def beat(self) -> int:
        """A pass when the service starts and once an hour; more at once while there are more."""
        now = self._clock.now()
        if self._done_at is not None and now - self._done_at < _EVERY:
            return 0
        added = await self.run_once()
        if not added:
            self._done_at = now
        return added

    async def run_once(self, limit: int = 500) -> int:
        """One pass, one unit of work: up to `limit` clocks. Answers how many were given the step."""
        async with self._units.open() as work:
            rules = await self._rule_versions.in_force(work.connection)
            lacking = await clocks.lock_without_silence(work.connection, rules.with_silence(), limit)
            await self._upcoming.add(work, [step for stored in lacking for step in _silence_of(stored, rules)])
        return len(lacking)


def _silence_of(stored: ComputedClock, rules: RulesInForce) -> list[ClockStep]:
    """The step that ends the silence of a clock, by the policy that the clock was computed with."""
    clock = stored.clock
    policy = rules.policy(clock.policy_version)
    deadline = compute(clock.kind, clock.started_at, policy, rules.calendar, stored.adjustments)
    steps = steps_ahead(deadline, clock.deadline_id, clock.version, clock.enterprise_code)
    return [step for step in steps if step.action == UNANSWERED]
