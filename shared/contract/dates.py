"""Days and times as notices and summaries write them, in Chinese and in English. Pure."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from shared.contract.events import Bilingual
from shared.time.instants import SHANGHAI, aware

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_in_words(day: date) -> Bilingual:
    """A day as 12月8日（周二） and Tue 8 Dec."""
    return Bilingual(
        zh=f"{day.month}月{day.day}日（周{_WEEKDAYS_ZH[day.weekday()]}）",
        en=f"{_WEEKDAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]}",
    )


@lru_cache(maxsize=1_024)
def instant_in_words(moment: datetime) -> Bilingual:
    """In Shanghai's time, with seconds where there are any; fractions are dropped, never rounded up."""
    local = aware(moment).astimezone(SHANGHAI)
    return _at(local.date(), local.strftime("%H:%M:%S" if local.second else "%H:%M"))


@lru_cache(maxsize=1_024)
def due_in_words(due_at: datetime, provisional: bool | None = False) -> Bilingual:
    """The half-open end of a deadline: midnight is 24:00 of the day before, and a provisional one says so."""
    local = aware(due_at).astimezone(SHANGHAI)
    due = _at(local.date() - timedelta(days=1), "24:00") if local.time() == time() else instant_in_words(due_at)
    return Bilingual(zh=f"{due.zh}（暂定）", en=f"{due.en} (provisional)") if provisional else due


def _at(day: date, clock: str) -> Bilingual:
    named = day_in_words(day)
    return Bilingual(zh=f"{named.zh}{clock}", en=f"{named.en} {clock}")
