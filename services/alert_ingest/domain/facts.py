"""The facts that rules may use: named, typed and documented. What an event shows of them is read in `event_facts`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PH = "w01001"
POLICY = frozenset({"valid_share", "ph_low", "ph_high", "unanswered_hours"})
"""The figures of a book's policy that the facts and the upgrade of unanswered alerts need."""


FactValue = str | float | bool | None
Facts = Mapping[str, FactValue]
"""By name, what is known of an event; None where it is unknown."""


@dataclass(frozen=True)
class Fact:
    """What a fact is. A nullable one may be unknown; `of` names the facts it is derived from.

    `values` are all there are of a closed vocabulary; a rule that names another value can never hold.
    """

    type: type[str] | type[float] | type[bool]
    zh: str
    en: str
    unit: str | None = None
    nullable: bool = False
    of: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


FACTS: Mapping[str, Fact] = {
    "category": Fact(str, "平台报告的类别", "the category the platform claims"),
    "medium": Fact(
        str,
        "介质",
        "what the outlet discharges",
        nullable=True,
        values=("gas", "water", "other"),
    ),
    "period": Fact(
        str,
        "数据周期",
        "of the value",
        nullable=True,
        values=("realtime", "minute", "hour", "day", "month", "quarter", "year"),
    ),
    "pollutant": Fact(str, "污染物代码", "code by HJ 212 / HJ 525", nullable=True),
    "is_ph": Fact(
        bool,
        "pH",
        "whether the pollutant is pH, which has a range instead of a limit",
        of=("pollutant",),
    ),
    "observed": Fact(float, "实测值", "observed value", "the event's", nullable=True),
    "limit": Fact(
        float,
        "限值",
        "limit of the observed value; unknown where the event gives one that cannot be",
        "the event's",
        nullable=True,
    ),
    "unit": Fact(str, "单位", "unit of observed and limit", nullable=True),
    "ratio": Fact(
        float, "实测值与限值之比", "observed / limit; never for pH", "1", nullable=True, of=("observed", "limit")
    ),
    "exceeds": Fact(
        bool,
        "超出限值",
        "above the limit; for pH outside the policy's range",
        nullable=True,
        of=("observed", "limit", "pollutant"),
    ),
    "flag": Fact(
        str, "数据标识", "HJ 212 data flag; N where the event has none", values=("N", "F", "M", "S", "D", "C", "T", "B")
    ),
    "marking": Fact(str, "标记类型", "kind of the operator's marking", nullable=True),
    "marked": Fact(
        bool,
        "已有效标记",
        "whether a marking that removes evidence is on record with its reason",
        of=("marking",),
    ),
    "excused": Fact(
        bool,
        "因数据标识或有效标记不作证据",
        "whether flag F, M or C or such a marking removes the evidence",
        of=("flag", "marked"),
    ),
    "valid_share": Fact(
        float,
        "有效数据占比",
        "valid data / expected data of the mean",
        "1",
        nullable=True,
    ),
    "valid": Fact(
        bool,
        "数据有效",
        "whether a value is evidence: flag N or T, unmarked, enough data",
        of=("flag", "marked", "valid_share"),
    ),
    "window_hours": Fact(
        float,
        "时段长度（小时）",
        "length of the observed period",
        "h",
        nullable=True,
    ),
    # The enterprise's classification, from the dispatcher's master data.
    "key_unit": Fact(bool, "重点监管对象", "whether the enterprise is a key unit"),
    "positive_list": Fact(bool, "正面清单企业", "whether the enterprise is on the positive list"),
    "special_supervision": Fact(
        bool,
        "特殊监管对象",
        "whether the enterprise is under special supervision",
    ),
    "voc_grade": Fact(
        str,
        "涉VOCs分级",
        "VOC grade of the enterprise",
        nullable=True,
        values=("A", "B", "C"),
    ),
    "unanswered_hours": Fact(
        float, "黄色预警未反馈时长（小时）", "hours since this alert was issued as yellow, while unanswered", "h"
    ),
    "report_untrue": Fact(
        bool, "自查反馈不实", "whether officers found that the enterprise's report on this alert was untrue"
    ),
}


def number_of(facts: Facts, name: str) -> float | None:
    """Return a fact that is a number; None where it is unknown."""
    value = facts[name]
    return value if isinstance(value, float | int) else None


def text_of(facts: Facts, name: str) -> str | None:
    """Return a fact that is a text; None where it is unknown."""
    value = facts[name]
    return value if isinstance(value, str) else None


def with_sources(names: Iterable[str]) -> list[str]:
    """Return `names` and all that they are derived from, in the order of FACTS."""
    found: set[str] = set()
    open_ = list(names)
    while open_:
        name = open_.pop()
        found.add(name)
        open_ += FACTS[name].of
    return [name for name in FACTS if name in found]
