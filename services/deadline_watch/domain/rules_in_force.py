"""What a clock is computed by: the calendar, and the policy in force when it started. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.domain.policy import DeadlinePolicy
from shared.time.instants import aware


@dataclass(frozen=True)
class RulesInForce:
    """The calendar in force, and every policy in the order of publication."""

    calendar: WorkingCalendar
    policies: Sequence[DeadlinePolicy]

    def policy_at(self, started_at: datetime) -> DeadlinePolicy:
        """The policy for a clock that started then; of those that took effect at one instant the one published last.

        Before any took effect it is the earliest.
        """
        in_force = [policy for policy in self.policies if policy.effective_from <= aware(started_at)]
        if not in_force:
            return min(reversed(self.policies), key=lambda policy: policy.effective_from)
        return max(reversed(in_force), key=lambda policy: policy.effective_from)

    def policy(self, version: str) -> DeadlinePolicy:
        """The policy of `version`, or the first one for a clock from before policies were kept."""
        return next((policy for policy in self.policies if policy.version == version), self.policies[0])

    def with_silence(self) -> list[str]:
        """The versions of those policies by which something follows from silence."""
        return [policy.version for policy in self.policies if policy.silence is not None]
