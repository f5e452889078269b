"""Phrases that several notices are made of, in Chinese and in English. Pure."""

from datetime import datetime
from functools import lru_cache

from shared.contract.dates import due_in_words, instant_in_words
from shared.contract.events import AlertGraded, Anomaly, Bilingual, Category

_LONGEST = 120


@lru_cache(maxsize=4_096)
def text(zh: str, en: str) -> Bilingual:
    """Words in both languages. Most of them, labels above all, come again in every notice."""
    return Bilingual(zh=zh, en=en)


def both(words: str) -> Bilingual:
    """A name, number or code: the same in both languages."""
    return text(words, words)


def lines(*parts: Bilingual | None) -> Bilingual:
    """The parts that there are, one below the other."""
    present = [part for part in parts if part is not None]
    return Bilingual(zh="\n".join([part.zh for part in present]), en="\n".join([part.en for part in present]))


def labelled(label: Bilingual, value: Bilingual | None) -> Bilingual | None:
    """One line, whatever the value holds."""
    return value and text(f"{label.zh}：{_one_line(value.zh)}", f"{label.en}: {_one_line(value.en)}")


def plain(words: str) -> str:
    """Text that others supplied, on one line, without control characters, cut at 120 characters.

    So a name from a platform can neither forge a line of an official notice nor turn its reading direction.
    """
    line = _one_line(words)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def instant(moment: datetime) -> Bilingual:
    """An instant as 12月8日（周二）09:00, in Shanghai's time."""
    return instant_in_words(moment)


def due(due_at: datetime, provisional: bool | None = False) -> Bilingual:
    """The end of a deadline as 12月8日（周二）24:00, which says so while it is provisional."""
    return due_in_words(due_at, provisional)


def named(name: str | None, *numbers: str | None) -> Bilingual | None:
    """A name with its numbers in brackets; without a name the numbers alone."""
    known = [plain(number) for number in numbers if number]
    if name is None:
        return text("，".join(known), ", ".join(known)) if known else None
    return text(f"{plain(name)}（{'，'.join(known)}）", f"{plain(name)} ({', '.join(known)})")


def enterprise(code: str, name: str | None) -> Bilingual:
    return named(name, code) or both(plain(code))


def observation(alert: AlertGraded) -> Bilingual:
    """What happened: the anomaly, where, how much, when, and by which rule it was graded."""
    grading = alert.grading
    return lines(
        observed(anomaly_of(alert)),
        labelled(text("监测时段", "Period"), _period(alert)),
        labelled(text("预警发布时间", "Issued"), instant(alert.issued_at)),
        labelled(text("判定理由", "Reason"), grading.reason),
        labelled(
            text("判定规则（规则库版本）", "Rule (rule book version)"), named(grading.rule, grading.rule_book_version)
        ),
    )


def observed(anomaly: Anomaly) -> Bilingual:
    """What was found: the anomaly, at which outlet, and how much where there may be how much."""
    outlet, pollutant = anomaly.outlet, anomaly.pollutant
    place = named(outlet.name, outlet.code, outlet.mn and f"MN {outlet.mn}") if outlet else None
    return lines(
        labelled(text("异常类型", "Anomaly"), text(anomaly.category.zh, anomaly.category.en)),
        labelled(text("排放口", "Outlet"), place),
        labelled(text("监测因子", "Pollutant"), named(pollutant.name, pollutant.code) if pollutant else None),
        labelled(text("监测值", "Observed"), _amount(anomaly.observed, anomaly.unit)),
        labelled(text("限值", "Limit"), _amount(anomaly.limit, anomaly.unit)),
    )


def anomaly_of(alert: AlertGraded) -> Anomaly:
    """What an alert found."""
    return Anomaly(
        category=Category(code=alert.category, zh=alert.category_name.zh, en=alert.category_name.en),
        outlet=alert.outlet,
        pollutant=alert.pollutant,
        observed=alert.observed,
        limit=alert.limit,
        unit=alert.unit,
        reason=alert.grading.reason,
    )


def _amount(value: float | None, unit: str | None) -> Bilingual | None:
    return None if value is None else both(f"{value:.12g} {plain(unit or '')}".rstrip())


def _period(alert: AlertGraded) -> Bilingual | None:
    if alert.window is None:
        return None
    start, end = instant(alert.window.start), alert.window.end and instant(alert.window.end)
    return text(f"{start.zh}至{end.zh}", f"{start.en} to {end.en}") if end else start


@lru_cache(maxsize=4_096)
def _one_line(words: str) -> str:
    if not words.isprintable():  # nearly all words are, and are looked at as a whole
        words = "".join(character if character.isprintable() else " " for character in words)
    return " ".join(words.split())


ASK_STATION = text(
    "如有疑问，请联系辖区生态环境执法所，并告知上述编号。",
    "Questions: ask the enforcement station in charge of your area, quoting the number above.",
)
SEE_CASE = text("案件详情和办理经过见案件页面。", "The case shows its details and what was done so far.")
