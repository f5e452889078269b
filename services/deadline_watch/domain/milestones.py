"""Milestones (内部时限): what the bureau expects of its own people within a case, in working hours. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from services.deadline_watch.domain import working_time
from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.domain.deadlines import is_late
from services.deadline_watch.domain.policy import DeadlinePolicy, Milestone
from shared.contract.events import CaseKind, CaseMark, Level

Outcome = Literal["met", "missed", "void"]


class CaseMarks(NamedTuple):
    """When a case made each mark, the latest of its kind; None where it did not."""

    assigned_at: datetime | None = None
    accepted_at: datetime | None = None
    arrived_at: datetime | None = None
    answered_at: datetime | None = None
    reviewed_at: datetime | None = None
    closed_at: datetime | None = None

    def made_at(self, mark: CaseMark) -> datetime | None:
        """When the case made `mark`."""
        match mark:
            case CaseMark.ASSIGNED:
                return self.assigned_at
            case CaseMark.ACCEPTED:
                return self.accepted_at
            case CaseMark.ARRIVED:
                return self.arrived_at
            case CaseMark.ANSWERED:
                return self.answered_at
            case CaseMark.REVIEWED:
                return self.reviewed_at


@dataclass(frozen=True)
class StartedMilestone:
    """A milestone of a case that has started; `key` is its entry in the policy of `policy_version`."""

    case_id: UUID
    kind: CaseKind
    key: str
    started_at: datetime
    due_at: datetime
    policy_version: str
    calendar_version: str
    alert_id: UUID
    level: Level
    enterprise_code: str
    station: str | None
    marks: CaseMarks


def due(milestone: Milestone, started_at: datetime, policy: DeadlinePolicy, calendar: WorkingCalendar) -> datetime:
    """When a milestone that started at `started_at` must be reached (UTC); reaching it at that instant is late."""
    return working_time.add_working_hours(started_at, milestone.working_hours, calendar, policy.working_hours)


def outcome(milestone: Milestone, started_at: datetime, due_at: datetime, marks: CaseMarks) -> Outcome:
    """What became of a milestone by the time it was due.

    It is void where it started anew (another team was assigned, another answer given) or the case ended before.
    """
    ended_at = marks.made_at(milestone.ends)
    if ended_at is not None and started_at <= ended_at and not is_late(ended_at, due_at):
        return "met"
    started_again_at = marks.made_at(milestone.begins)
    if started_again_at is not None and started_again_at > started_at:
        return "void"
    if marks.closed_at is not None and not is_late(marks.closed_at, due_at):
        return "void"
    return "missed"
