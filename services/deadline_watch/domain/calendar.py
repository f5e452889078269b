"""The working-day calendar of China: which dates are worked, and by which notice. Pure but for `load`.

Sources: the State Council's yearly notices on holidays and make-up working days (调休); for a year that is not
published yet, only the statutory holidays and plain weekends, which is why such a day is provisional.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, model_validator

from shared.contract.events import Bilingual
from shared.contract.refusals import Invalid
from shared.contract.yaml_text import faults_of, read_yaml
from shared.time.instants import SHANGHAI, CalendarDate

DATA = Path(__file__).with_name("calendar.yaml")
_ENGLISH = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "抗战胜利70周年纪念日": "70th anniversary of victory in the War of Resistance",
}
# Holidays on fixed dates of the sun's calendar, for years nobody has entered at all.
_FIXED = {(1, 1): "元旦", (5, 1): "劳动节", (5, 2): "劳动节", (10, 1): "国庆节", (10, 2): "国庆节", (10, 3): "国庆节"}


# Of what lies outside nobody keeps a calendar, and near the ends of time there is no next day to count.
FIRST, END = (datetime(year, 1, 1, tzinfo=SHANGHAI) for year in (1949, 2200))


TURN_OF_THE_YEAR = (12, 27)
"""From this day on the notice of the next year may say otherwise than a year's own: those of 2007 and 2019 did."""


def turn_of(year: int) -> date:
    """The first day before `year` that its notice may move."""
    return date(year - 1, *TURN_OF_THE_YEAR)


def deciding_years(first: date, last: date) -> range:
    """The years whose notices decide on the days from `first` to `last`."""
    return range(first.year, last.year + 1 + ((last.month, last.day) >= TURN_OF_THE_YEAR))


def invalid(fault: str) -> Invalid:
    """The refusal of calendar data that cannot be used; `fault` names the year and what is wrong with it."""
    return Invalid("calendar-invalid", fault, title="The calendar does not stand up")


@dataclass(frozen=True)
class Day:
    """Whether a date is worked, why, and whether that is final: published by every notice that decides on it."""

    date: date
    working: bool
    reason: Bilingual
    published: bool


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Notice(_Strict):
    """The State Council's notice that a year rests on."""

    title: str
    number: str | None


class LocalDay(_Strict):
    """A working day that is none here, by a local order: a typhoon shutdown, say. `ground` names the order."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    ground: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Year(_Strict):
    """One year: days off and make-up working days, each under the holiday they belong to, and local days off.

    Its notice may name days from 27 December of the year before; of these it has the last word.
    """

    published: bool
    notice: Notice | None
    days_off: dict[str, list[CalendarDate]]
    make_up_days: dict[str, list[CalendarDate]]
    local_days_off: dict[CalendarDate, LocalDay] = {}

    @model_validator(mode="after")
    def _published_by_a_notice(self) -> Self:
        if self.published and self.notice is None:
            raise ValueError("a published year names the notice it was published by")
        return self


class _Data(_Strict):
    version: str
    years: dict[int, Year]


@dataclass(frozen=True)
class WorkingCalendar:
    """A version of the calendar. `years` is what was entered; other years are known by fixed holidays only."""

    version: str
    years: Mapping[int, Year]
    _off: Mapping[date, str]
    _made_up: Mapping[date, str]
    _local: Mapping[date, LocalDay]

    @classmethod
    def load(cls, path: Path = DATA) -> Self:
        """The calendar in the YAML file at `path`. Raises Invalid."""
        return cls.parse(path.read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The calendar in YAML `text`. Raises Invalid."""
        try:
            data = _Data.model_validate(read_yaml(text))
        except (yaml.YAMLError, ValidationError) as error:
            raise invalid(faults_of(error)) from error
        return cls.of(data.version, data.years)

    @classmethod
    def of(cls, version: str, years: Mapping[int, Year]) -> Self:
        """The calendar of `years`. Raises Invalid."""
        off: dict[date, str] = {}
        made_up: dict[date, str] = {}
        local: dict[date, LocalDay] = {}
        for number, year in sorted(years.items()):
            named: set[date] = set()
            for days, known, other in ((year.days_off, off, made_up), (year.make_up_days, made_up, off)):
                for name, dates in days.items():
                    for day in dates:
                        if not turn_of(number) <= day <= date(number, 12, 31) or day in named:
                            raise invalid(f"{number}: {day} ({name}) is in another year or named twice")
                        named.add(day)
                        known[day] = name
                        other.pop(day, None)  # what an earlier notice had it be
            for day in year.local_days_off:
                if day.year != number:
                    raise invalid(f"{number}: {day} is in another year")
            local |= year.local_days_off
        return cls(version, years, off, made_up, local)

    def with_year(self, number: int, year: Year, version: str) -> Self:
        """This calendar with another entry for a year, as `version`. Raises Invalid."""
        return type(self).of(version, {**self.years, number: year})

    def is_published(self, year: int) -> bool:
        """Whether the notice of `year` has been entered."""
        return (entry := self.years.get(year)) is not None and entry.published

    def day(self, day: date) -> Day:
        """Whether `day` is worked, why, and whether every notice that may decide on it is published."""
        published = all(map(self.is_published, deciding_years(day, day)))
        holiday = self._off.get(day)
        if holiday is None and day.year not in self.years and day not in self._made_up:
            holiday = _FIXED.get((day.month, day.day))
        if holiday is not None:
            return Day(day, False, Bilingual(zh=holiday, en=_english(holiday)), published)
        if day in self._local:
            why = self._local[day]
            return Day(
                day, False, Bilingual(zh=f"{why.name}（{why.ground}）", en=f"{why.name} ({why.ground})"), published
            )
        if day in self._made_up:
            name = self._made_up[day]
            return Day(day, True, Bilingual(zh=f"{name}调休上班", en=f"make-up day for {_english(name)}"), published)
        if day.weekday() >= 5:
            return Day(day, False, Bilingual(zh="周末", en="weekend"), published)
        return Day(day, True, Bilingual(zh="工作日", en="working day"), published)


def _english(holiday: str) -> str:
    return _ENGLISH.get(holiday, holiday)
