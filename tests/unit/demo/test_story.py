"""When a demonstration starts: so that nine days suffice for its story, whatever the date."""

from datetime import date, datetime

import pytest

from services.demo.story import next_morning, opening
from shared.time.instants import SHANGHAI


@pytest.mark.parametrize(
    ("day", "monday"),
    [
        (date(2026, 11, 29), date(2026, 11, 23)),
        (date(2026, 11, 30), date(2026, 11, 30)),
        (date(2026, 12, 24), date(2026, 12, 21)),
        (date(2026, 12, 29), date(2027, 1, 4)),  # New Year's Day
        (date(2026, 9, 30), date(2026, 10, 12)),  # National Day, and the Saturday that is worked for it
    ],
)
def test_it_starts_with_the_week_unless_a_holiday_falls_into_the_story(day: date, monday: date) -> None:
    late = datetime(day.year, day.month, day.day, 23, 59, tzinfo=SHANGHAI)
    assert opening(late) == datetime(monday.year, monday.month, monday.day, 8, 30, tzinfo=SHANGHAI)


def test_a_further_one_goes_on_after_the_last() -> None:
    ended = datetime(2026, 12, 16, 11, 30, tzinfo=SHANGHAI)
    assert next_morning(ended) == datetime(2026, 12, 21, 8, 30, tzinfo=SHANGHAI)
