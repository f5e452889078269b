"""Milestones that have come due: each is met, missed or void, once, and a miss is an event for whoever must act."""

from services.deadline_watch.domain.milestones import Outcome, outcome
from services.deadline_watch.domain.outgoing_events import milestone_missed
from services.deadline_watch.store import milestones
from services.deadline_watch.store.rule_versions import RuleVersions
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork

BEAT_SECONDS = 5.0


class MilestoneWatch:
    """Promises: for every milestone that is not reached in time an event is emitted, once."""

    def __init__(self, units: UnitsOfWork[UnitOfWork], rule_versions: RuleVersions) -> None:
        self._units, self._rule_versions = units, rule_versions

    async def run_once(self, limit: int = 500) -> int:
        """One pass, one unit of work: up to `limit` due milestones. Answers how many were decided."""
        async with self._units.database.autocommit() as connection:
            if not await milestones.is_due(connection, self._units.clock.now()):
                return 0
        async with self._units.open() as work:
            rules = await self._rule_versions.in_force(work.connection)
            due = await milestones.lock_due(work.connection, work.now, limit)
            decided = []
            for started in due:
                milestone = rules.policy(started.policy_version).milestones.get(started.key)
                result: Outcome = "void"
                if milestone is not None:
                    result = outcome(milestone, started.started_at, started.due_at, started.marks)
                    if result == "missed":
                        work.emit(milestone_missed(started, milestone, work.now))
                decided.append((started, result))
            await milestones.finish(work.connection, decided, work.now)
        return len(due)
