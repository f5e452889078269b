"""Deadlines and milestones that were computed before: what started at one instant by the same rules ends alike. Pure.

Alerts are issued by the batch, and so most clocks of a batch differ in nothing but their case.
"""

from dataclasses import dataclass
from datetime import datetime

from services.deadline_watch.domain import deadlines, milestones
from services.deadline_watch.domain.deadlines import Deadline
from services.deadline_watch.domain.rules_in_force import RulesInForce
from shared.contract.words import ClockKind

_MOST = 2_000
"""Kept at most; then it begins anew. Instants do not come again."""


@dataclass(frozen=True)
class WrittenDeadline:
    """A deadline with its explanation written as JSON, once for all clocks that have it."""

    deadline: Deadline
    explanation: str


class KnownDeadlines:
    """Computes each deadline and each milestone once. A version of calendar or policy never changes."""

    def __init__(self) -> None:
        self._deadlines: dict[tuple[ClockKind, datetime, str, str], WrittenDeadline] = {}
        self._milestones: dict[tuple[str, datetime, str, str], datetime] = {}

    def deadline(self, kind: ClockKind, start: datetime, rules: RulesInForce) -> WrittenDeadline:
        """The deadline of a clock of `kind` that starts at `start`."""
        policy = rules.policy_at(start)
        key = kind, start, policy.version, rules.calendar.version
        if (known := self._deadlines.get(key)) is None:
            if len(self._deadlines) >= _MOST:
                self._deadlines.clear()
            computed = deadlines.compute(kind, start, policy, rules.calendar)
            known = self._deadlines[key] = WrittenDeadline(computed, computed.explanation.model_dump_json())
        return known

    def milestone_due(self, name: str, start: datetime, policy_version: str, rules: RulesInForce) -> datetime:
        """When the milestone `name` of a policy is to be reached that starts at `start`."""
        key = name, start, policy_version, rules.calendar.version
        if (known := self._milestones.get(key)) is None:
            if len(self._milestones) >= _MOST:
                self._milestones.clear()
            policy = rules.policy(policy_version)
            known = milestones.due(policy.milestones[name], start, policy, rules.calendar)
            self._milestones[key] = known
        return known
