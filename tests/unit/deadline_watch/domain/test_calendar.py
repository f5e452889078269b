"""The calendar against two independent ones, and what it says of years nobody has published."""

import re
from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from services.deadline_watch.domain.calendar import WorkingCalendar, Year
from shared.contract.refusals import Invalid

CALENDAR = WorkingCalendar.load()
FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)


def every_day() -> list[date]:
    return [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]


def test_every_date_of_2004_to_2026_agrees_with_the_package_holidays() -> None:
    china = holidays.country_holidays("CN", years=range(2004, 2027))
    assert [day for day in every_day() if CALENDAR.day(day).working != china.is_working_day(day)] == []
    assert all(CALENDAR.day(day).published == (day < date(2026, 12, 27)) for day in every_day())


def test_every_date_agrees_with_chinesecalendar_as_well_but_one() -> None:
    """国办发明电〔2005〕35号: “12月31日（星期六）上班”. chinesecalendar begins 2006 with 1 January."""
    differ = [day for day in every_day() if CALENDAR.day(day).working != chinese_calendar.is_workday(day)]
    assert differ == [date(2005, 12, 31)]


@pytest.mark.parametrize(
    ("day", "working", "reason"),
    [
        (date(2024, 2, 9), True, "工作日"),  # New Year's Eve of 2024 was worked
        (date(2024, 10, 12), True, "国庆节调休上班"),
        (date(2026, 10, 1), False, "国庆节"),
        (date(2026, 11, 28), False, "周末"),
    ],
)
def test_days_say_why(day: date, working: bool, reason: str) -> None:
    verdict = CALENDAR.day(day)
    assert (verdict.working, verdict.reason.zh) == (working, reason)


def test_2027_is_not_published_but_its_statutory_holidays_are_known() -> None:
    assert not CALENDAR.day(date(2027, 1, 4)).published
    assert not CALENDAR.day(date(2027, 1, 1)).working
    assert not CALENDAR.day(date(2027, 2, 5)).working
    statutory = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
    off = [day for day in statutory if not CALENDAR.day(day).working and CALENDAR.day(day).reason.zh != "周末"]
    assert len(off) == 13  # the days of the 2024 revision: 1 + 4 + 1 + 2 + 1 + 1 + 3


def test_every_published_year_names_its_notice_by_the_number_of_the_year_before_where_it_is_known() -> None:
    numbered = {number: year.notice.number for number, year in CALENDAR.years.items() if year.notice}
    unknown = [year for year, number in numbered.items() if number is None]
    assert unknown == [2004, 2005, 2008]
    for year, number in numbered.items():
        assert number is None or re.match(rf"国办发明电〔{year - 1}〕\d+号", number), (year, number)


def test_a_year_nobody_entered_has_its_fixed_holidays() -> None:
    verdict = CALENDAR.day(date(2030, 10, 1))
    assert (verdict.working, verdict.published) == (False, False)


@pytest.mark.parametrize(
    "text",
    [
        "version: a",
        "version: a\nyears: {2026: {published: true, notice: null, days_off: {元旦: [2025-01-01]}, make_up_days: {}}}",
        "version: a\nyears: {2026: {published: true, notice: null, days_off: {元旦: [2026-01-01]},"
        " make_up_days: {元旦: [2026-01-01]}}}",
        "[",
    ],
    ids=["no years", "a date of another year", "off and made up", "not YAML"],
)
def test_a_doubtful_calendar_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        WorkingCalendar.parse(text)


def published(**changes: object) -> Year:
    return Year.model_validate(
        {
            "published": True,
            "notice": {"title": "关于2027年部分节假日安排的通知", "number": None},
            "days_off": {"元旦": [date(2027, 1, 1)]},
            "make_up_days": {},
        }
        | changes
    )


def test_a_year_is_replaced_and_the_calendar_has_another_version() -> None:
    later = CALENDAR.with_year(2027, published(make_up_days={"元旦": [date(2027, 1, 9)]}), "next")
    assert later.version == "next"
    assert later.day(date(2027, 1, 9)).working
    assert later.day(date(2027, 1, 9)).published
    assert not CALENDAR.day(date(2027, 1, 9)).working


def test_a_local_day_off_names_its_ground_and_is_off_even_where_it_was_made_up() -> None:
    local = {date(2027, 1, 9): {"name": "台风停工", "ground": "深防指〔2027〕1号"}}
    later = CALENDAR.with_year(2027, published(make_up_days={"元旦": [date(2027, 1, 9)]}, local_days_off=local), "next")
    verdict = later.day(date(2027, 1, 9))
    assert (verdict.working, verdict.reason.zh) == (False, "台风停工（深防指〔2027〕1号）")


def test_a_notice_has_the_last_word_on_the_last_days_of_the_year_before() -> None:
    """As 2018's and 2019's did: 29 December is worked, 30 and 31 are not."""
    year_2026 = CALENDAR.years[2026].model_copy(update={"make_up_days": {"元旦": [date(2026, 12, 31)]}})
    own = CALENDAR.with_year(2026, year_2026, "own")
    assert own.day(date(2026, 12, 31)).reason.zh == "元旦调休上班"
    changes = {
        "days_off": {"元旦": [date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1)]},
        "make_up_days": {"元旦": [date(2026, 12, 27)]},
    }
    moved = own.with_year(2027, published(**changes), "next")
    assert [moved.day(date(2026, 12, day)).working for day in (27, 28, 29, 30, 31)] == [True, True, True, False, False]
    assert moved.day(date(2026, 12, 28)).published
    again = moved.with_year(2026, CALENDAR.years[2026], "again")  # whoever corrects a year, the later notice decides
    assert not again.day(date(2026, 12, 30)).working


def test_the_last_days_are_final_only_when_both_notices_are_there() -> None:
    assert CALENDAR.day(date(2026, 12, 26)).published
    assert not CALENDAR.day(date(2026, 12, 27)).published
    assert CALENDAR.with_year(2027, published(), "next").day(date(2026, 12, 27)).published


def test_a_published_year_names_its_notice() -> None:
    with pytest.raises(ValueError, match="notice"):
        published(notice=None)


@pytest.mark.parametrize(
    "changes",
    [
        {"days_off": {"元旦": [date(2026, 12, 26)]}},
        {"days_off": {"元旦": [date(2027, 1, 1), date(2028, 1, 1)]}},
        {"days_off": {"元旦": [date(2026, 12, 31)]}, "make_up_days": {"元旦": [date(2026, 12, 31)]}},
        {"local_days_off": {date(2026, 12, 31): {"name": "停工", "ground": "令"}}},
        {"make_up_days": {"元旦": [date(2027, 1, 1)]}},
        {"local_days_off": {date(2028, 1, 3): {"name": "停工", "ground": "令"}}},
    ],
    ids=[
        "before the turn",
        "after the year",
        "off and made up at once",
        "a local day before",
        "named twice",
        "a local day after",
    ],
)
def test_a_doubtful_year_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        CALENDAR.with_year(2027, published(**changes), "next")
