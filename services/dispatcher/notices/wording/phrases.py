"""Phrases that several notices are made of, in Chinese and in English. Pure."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from shared.contract.dates import due_in_words, instant_in_words
from shared.contract.events import AlertGraded, Anomaly, Bilingual, Category, OutletReference
from shared.contract.trusted import made

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
    """The line of a value, where there is one."""
    return value and line(label, value)


def line(label: Bilingual, value: Bilingual) -> Bilingual:
    """One line, whatever the value holds."""
    return text(f"{label.zh}：{_one_line(value.zh)}", f"{label.en}: {_one_line(value.en)}")


def plain(words: str) -> str:
    """Text that others supplied, on one line, without control characters, cut at 120 characters.

    So a name from a platform can neither forge a line of an official notice nor turn its reading direction.
    """
    words = _one_line(words)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


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


@lru_cache(maxsize=4_096)
def enterprise_line(code: str, name: str | None) -> Bilingual:
    """The line that names an enterprise."""
    return line(text("排污单位", "Enterprise"), enterprise(code, name))


def numbered(label: Bilingual, number: UUID | int) -> Bilingual:
    """The line of an identifier. It comes once, and so is not remembered."""
    digits = str(number)
    return Bilingual(zh=f"{label.zh}：{digits}", en=f"{label.en}: {digits}")


# Enterprises, outlets and instants come again and again, in several notices and alerts: their lines are remembered by
# the texts that they are made of.


@lru_cache(maxsize=4_096)
def enterprise(code: str, name: str | None) -> Bilingual:
    return named(name, code) or both(plain(code))


def observation(alert: AlertGraded) -> Sequence[Bilingual | None]:
    """What happened, as lines: the anomaly, where, how much, when, and by which rule it was graded."""
    window, grading = alert.window, alert.grading
    return (
        *_found(alert.category_name, alert),
        None if window is None else _period(window.start, window.end),
        _issued(alert.issued_at),
        reason(grading.reason),
        _rule(grading.rule, grading.rule_book_version),
    )


def observed(anomaly: Anomaly) -> Bilingual:
    """What was found: the anomaly, at which outlet, and how much where there may be how much."""
    return lines(*_found(anomaly.category, anomaly))


def _found(category: Category | Bilingual, found: AlertGraded | Anomaly) -> tuple[Bilingual, Bilingual | None]:
    outlet, pollutant = found.outlet, found.pollutant
    where = (None, None, None) if outlet is None else (outlet.name, outlet.code, outlet.mn)
    what = (None, None) if pollutant is None else (pollutant.name, pollutant.code)
    return _anomaly(category.zh, category.en, *where, *what), _values(found.observed, found.limit, found.unit)


def anomaly_of(alert: AlertGraded, outlet: OutletReference | None = None) -> Anomaly:
    """What an alert found; `outlet` is where, with what is known of it beside what the alert says."""
    names = alert.category_name
    return made(
        Anomaly,
        {
            "category": _named_category(alert.category, names.zh, names.en),
            "outlet": outlet or alert.outlet,
            "pollutant": alert.pollutant,
            "observed": alert.observed,
            "limit": alert.limit,
            "unit": alert.unit,
            "reason": alert.grading.reason,
        },
    )


@lru_cache(maxsize=1_024)
def _named_category(code: str, zh: str, en: str) -> Category:
    return Category(code=code, zh=zh, en=en)


def reason(why: Bilingual) -> Bilingual:
    """The line that says why an alert was graded so."""
    return _reason(why.zh, why.en)


@lru_cache(maxsize=4_096)
def _reason(zh: str, en: str) -> Bilingual:
    return line(text("判定理由", "Reason"), text(zh, en))


@lru_cache(maxsize=4_096)
def _anomaly(
    zh: str,
    en: str,
    outlet: str | None,
    outlet_code: str | None,
    mn: str | None,
    pollutant: str | None,
    pollutant_code: str | None,
) -> Bilingual:
    return lines(
        line(text("异常类型", "Anomaly"), text(zh, en)),
        labelled(text("排放口", "Outlet"), named(outlet, outlet_code, mn and f"MN {mn}")),
        labelled(text("监测因子", "Pollutant"), named(pollutant, pollutant_code)),
    )


@lru_cache(maxsize=4_096)
def _values(observed: float | None, limit: float | None, unit: str | None) -> Bilingual | None:
    known = [
        line(label, both(f"{value:.12g} {plain(unit or '')}".rstrip()))
        for label, value in ((text("监测值", "Observed"), observed), (text("限值", "Limit"), limit))
        if value is not None
    ]
    return lines(*known) if known else None


@lru_cache(maxsize=1_024)
def _period(start: datetime, end: datetime | None) -> Bilingual:
    from_, until = instant(start), end and instant(end)
    span = text(f"{from_.zh}至{until.zh}", f"{from_.en} to {until.en}") if until else from_
    return line(text("监测时段", "Period"), span)


@lru_cache(maxsize=1_024)
def _issued(at: datetime) -> Bilingual:
    return line(text("预警发布时间", "Issued"), instant(at))


@lru_cache(maxsize=1_024)
def _rule(rule: str, version: str) -> Bilingual | None:
    return labelled(text("判定规则（规则库版本）", "Rule (rule book version)"), named(rule, version))


@lru_cache(maxsize=4_096)
def _one_line(words: str) -> str:
    if not words.isprintable():  # nearly all words are, and are looked at as a whole
        words = "".join(character if character.isprintable() else " " for character in words)
    return " ".join(words.split())


CASE = text("案件编号", "Case")
ASK_STATION = text(
    "如有疑问，请联系辖区生态环境执法所，并告知上述编号。",
    "Questions: ask the enforcement station in charge of your area, quoting the number above.",
)
SEE_CASE = text("案件详情和办理经过见案件页面。", "The case shows its details and what was done so far.")
