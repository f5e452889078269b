"""Milestones: what the bureau expects of its own people, in working hours."""

from datetime import datetime

import pytest

from services.deadline_watch.domain.milestones import CaseMarks, due, outcome
from tests.unit.deadline_watch.domain.test_deadlines import CALENDAR, POLICY, shanghai

ACCEPT, ARRIVE, REVIEW = (POLICY.milestones[name] for name in ("accept", "arrive", "review"))
ASSIGNED = shanghai("2026-03-06", "17:00")  # a Friday
DUE = due(ACCEPT, ASSIGNED, POLICY, CALENDAR)


def case(**marks: datetime) -> CaseMarks:
    return CaseMarks(**{"assigned_at": ASSIGNED} | marks)


def test_they_are_counted_in_working_hours() -> None:
    assert due(ACCEPT, ASSIGNED, POLICY, CALENDAR) == shanghai("2026-03-09", "10:00")
    assert due(ARRIVE, ASSIGNED, POLICY, CALENDAR) == shanghai("2026-03-09", "17:00")
    assert due(REVIEW, shanghai("2026-03-06", "20:00"), POLICY, CALENDAR) == shanghai("2026-03-09", "18:00")


@pytest.mark.parametrize(
    ("marks", "became"),
    [
        ({}, "missed"),
        ({"accepted_at": shanghai("2026-03-09", "09:59")}, "met"),
        ({"accepted_at": DUE}, "missed"),
        ({"assigned_at": shanghai("2026-03-09", "09:30")}, "void"),
        ({"accepted_at": shanghai("2026-03-09", "09:59"), "assigned_at": shanghai("2026-03-09", "11:00")}, "met"),
        ({"closed_at": shanghai("2026-03-09", "09:30")}, "void"),
        ({"closed_at": DUE}, "missed"),
    ],
    ids=["nobody", "in time", "at due", "another team", "declined later", "closed before", "closed after"],
)
def test_what_becomes_of_one(marks: dict[str, datetime], became: str) -> None:
    assert outcome(ACCEPT, ASSIGNED, DUE, case(**marks)) == became
