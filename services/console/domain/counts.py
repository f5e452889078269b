"""The counts kept beside the rows: each change of a case takes it off one count and puts it on another. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

from services.console.domain.case_record import CaseRecord
from services.console.domain.completion import Completion, completion_of
from shared.time.instants import SHANGHAI

NONE = ""
"""Stands for no station, no rung, no category: a key has no nulls."""


class Standing(NamedTuple):
    """How an open case stands: what the board counts by."""

    station: str
    kind: str
    level: str
    overdue: bool
    rung: str
    awaits: str


class Day(NamedTuple):
    """When and where a case was opened, and what it is: what completion is counted by."""

    day: date
    station: str
    kind: str
    level: str
    category: str


def standing_of(case: CaseRecord) -> Standing | None:
    """How a case stands; None where it is closed, or not known yet."""
    if case.kind is None or case.closed_at is not None:
        return None
    return Standing(
        case.station or NONE, case.kind, case.level or NONE, case.overdue, case.rung or NONE, case.awaits or NONE
    )


def day_of(case: CaseRecord) -> Day | None:
    """What a case is counted under; None where it is not known yet."""
    if case.kind is None or case.opened_at is None:
        return None
    category = (case.category or {}).get("code") or NONE
    return Day(
        case.opened_at.astimezone(SHANGHAI).date(), case.station or NONE, case.kind, case.level or NONE, category
    )


class Differences:
    """By how much the counts change."""

    def __init__(self) -> None:
        self._standings: Counter[Standing] = Counter()
        self._days: defaultdict[Day, list[int]] = defaultdict(lambda: [0] * len(Completion._fields))

    def change(self, before: CaseRecord | None, after: CaseRecord) -> None:
        """Count one case as it is `after`, and no more as it was `before`."""
        for case, by in ((before, -1), (after, 1)):
            if case is None:
                continue
            if (standing := standing_of(case)) is not None:
                self._standings[standing] += by
            if (day := day_of(case)) is not None:
                numbers = self._days[day]
                for place, counts in enumerate(completion_of(case)):
                    numbers[place] += by * counts

    def standings(self) -> list[tuple[Standing, int]]:
        """Those that change, in the order of their keys."""
        return sorted((standing, by) for standing, by in self._standings.items() if by)

    def days(self) -> list[tuple[Day, list[int]]]:
        """Those that change, in the order of their keys."""
        return sorted((day, by) for day, by in self._days.items() if any(by))


def counted(cases: Iterable[CaseRecord]) -> tuple[Mapping[Standing, int], Mapping[Day, list[int]]]:
    """The counts of these cases, from nothing."""
    differences = Differences()
    for case in cases:
        differences.change(None, case)
    return dict(differences.standings()), dict(differences.days())
