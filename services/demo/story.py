"""What a person is meant to see in the demonstration, and when: the plan of a week and a bit."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from services.deadline_watch.domain.calendar import WorkingCalendar
from services.sample.anomalies import CONSTANT, GAP, RED, SEVERE, WHITE, YELLOW, Pattern
from shared.time.instants import SHANGHAI

READABLE = 600.0
"""Ten minutes a second: a working day passes in a minute."""
HURRIED = 9_000.0
"""Two and a half hours a second, for the nights and the days that officers are given."""


@dataclass(frozen=True)
class Scene:
    """An anomaly at one of the sample's enterprises, so long after the start.

    Whether it is left unanswered; and whether the station asks for more time, which takes two of its people.
    """

    after: timedelta
    pattern: Pattern
    enterprise: int
    neglected: bool = False
    extended: bool = False


def _minutes(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


SCENES = (
    Scene(_minutes(5), WHITE, 0),
    Scene(_minutes(8), GAP, 1),
    Scene(_minutes(15), YELLOW, 2),
    Scene(_minutes(20), YELLOW, 3, neglected=True),
    Scene(_minutes(30), RED, 4),
    Scene(_minutes(35), SEVERE, 5, neglected=True),
    Scene(_minutes(60), WHITE, 6),
    Scene(_minutes(90), CONSTANT, 7),
    Scene(_minutes(120), RED, 8, extended=True),
)
LAST_READABLE = timedelta(hours=9, minutes=30)
END = timedelta(days=9, hours=3)
"""Past the fifth working day and the whole ladder: chief, enforcement section, district leader."""


def opening(now: datetime) -> datetime:
    """08:30 of a Monday, Shanghai time, the instant a first demonstration starts at: the Monday of `now`'s week.

    Where a holiday or a made-up working day falls into the story, of the first week after it that has none: five
    working days would end elsewhere than the story has it, and the ladder after its end.
    """
    local, calendar = now.astimezone(SHANGHAI), WorkingCalendar.load()
    monday = local.date() - timedelta(days=local.weekday())
    while not _is_ordinary(calendar, monday):
        monday += timedelta(weeks=1)
    return datetime.combine(monday, time(8, 30), SHANGHAI)


def _is_ordinary(calendar: WorkingCalendar, monday: date) -> bool:
    """Whether from `monday` to the end of the story weekdays are worked, and nothing else."""
    days = [monday + timedelta(days=number) for number in range(END.days + 1)]
    return all(calendar.day(day).working == (day.weekday() < 5) for day in days)


def next_morning(after: datetime) -> datetime:
    """The first Monday 08:30 after `after`: where a further demonstration goes on."""
    return opening(after + timedelta(days=7))
