"""Milestones (内部时限): what the bureau expects of its own people within a case, in working hours. Pure."""

from datetime import datetime
from typing import Any, Literal

from services.deadline_watch.domain import working_time
from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.domain.deadlines import is_late
from services.deadline_watch.domain.policy import DeadlinePolicy, Milestone

Outcome = Literal["met", "missed", "void"]


def due(milestone: Milestone, started_at: datetime, policy: DeadlinePolicy, calendar: WorkingCalendar) -> datetime:
    """When a milestone that began at `started_at` must have been reached (UTC); reaching it at that instant is late."""
    return working_time.add_working_hours(started_at, milestone.working_hours, calendar, policy.working_hours)


def outcome(milestone: Milestone, started_at: datetime, due_at: datetime, case: Any) -> Outcome:
    """What became of a milestone by the time it was due; `case` is a row of `watch.cases`.

    It is void where it began anew (another team was assigned, another answer given) or the case ended before.
    """
    ended_at = getattr(case, f"{milestone.ends}_at")
    if ended_at is not None and started_at <= ended_at and not is_late(ended_at, due_at):
        return "met"
    begun_again = getattr(case, f"{milestone.begins}_at")
    if begun_again is not None and begun_again > started_at:
        return "void"
    if case.closed_at is not None and not is_late(case.closed_at, due_at):
        return "void"
    return "missed"
