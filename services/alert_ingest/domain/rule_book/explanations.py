"""Why a rule does not apply (不适用理由), in words that an officer, a court and an enterprise can read."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol

from services.alert_ingest.domain.facts import FACTS, Facts
from services.alert_ingest.domain.rule_book.conditions import (
    Condition,
    ConditionInvalid,
    branches,
    partition,
    split,
    unwrapped,
)
from shared.contract.events import Bilingual
from shared.contract.trusted import made

_COMPARISON = re.compile(r"^(\w+)\s*(==|!=|>=|<=|>|<|in\b)\s*(.+)$", re.DOTALL)
_ZH = {"==": "为", "!=": "不为", ">=": "不低于", "<=": "不高于", ">": "高于", "<": "低于", "in": "属于"}
_EN = {
    "==": "be",
    "!=": "not be",
    ">=": "be at least",
    "<=": "be at most",
    ">": "be above",
    "<": "be below",
    "in": "be one of",
}


WORDS = {
    "gas": "废气",
    "water": "废水",
    "other": "其他",
    "realtime": "实时值",
    "minute": "分钟值",
    "hour": "小时均值",
    "day": "日均值",
    "month": "月值",
    "quarter": "季度值",
    "year": "年值",
}


FIGURES = frozenset(name for name, fact in FACTS.items() if fact.type is float)
"""Facts of which no explanation is kept: they seldom come twice, and minus zero equals zero, but is written apart."""
_KEPT = 1_024


class Named(Protocol):
    """A fact's names in both languages, whether the event's own or a history fact."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def unknown(names: Sequence[str], glossary: Mapping[str, Named]) -> Bilingual:
    """Explain that facts which the rule requires are not known."""
    return Bilingual(
        zh=f"缺少判定所需的事实：{'、'.join(glossary[name].zh for name in names)}",
        en=f"unknown: {', '.join(names)}",
    )


@lru_cache
def other_medium(medium: str) -> Bilingual:
    return Bilingual(zh=f"介质为{WORDS.get(medium, medium)}，不适用", en=f"not for the medium {medium}")


@dataclass(frozen=True)
class Part:
    """A part of a condition, ready to explain what it requires.

    `name`, `sign` and `bound` are given for a comparison of one fact, `name` alone for a fact that is true or false.
    Of `(a || b)` the `alternatives` are given, of `(a && b)` all that `together` must hold, of `test ? a : b` the
    `cases`: test, a, b. An explanation is built once for the facts that it speaks of.
    """

    condition: Condition
    glossary: Mapping[str, Named]
    words: Mapping[str, str]
    """The Chinese names of values."""
    name: str | None = None
    sign: str | None = None
    bound: Condition | None = None
    alternatives: "tuple[Part, ...]" = ()
    together: "tuple[Part, ...]" = ()
    cases: "tuple[Part, ...]" = ()

    @classmethod
    def of(
        cls, source: str, policy: Mapping[str, float], glossary: Mapping[str, Named], words: Mapping[str, str]
    ) -> "Part":
        """Raises ConditionInvalid."""
        condition = Condition.compile(source, policy)
        bare = unwrapped(source)

        def parts(sources: list[str]) -> tuple[Part, ...]:
            return tuple(cls.of(one, policy, glossary, words) for one in sources)

        by_case = branches(bare, "?")
        either = not by_case and branches(bare, "||")
        if branches(bare, "?", "||", "&&"):
            return cls(
                condition,
                glossary,
                words,
                cases=parts(_cases(bare)) if by_case else (),
                alternatives=parts(split(bare, "||")) if either else (),
                together=() if by_case or either else parts(split(bare, "&&")),
            )
        if bare.removeprefix("!") in glossary:
            return cls(condition, glossary, words, name=bare.removeprefix("!"))
        compared = _COMPARISON.match(bare)
        if compared is None or compared[1] not in glossary:
            return cls(condition, glossary, words)
        try:
            bound = Condition.compile(compared[3], policy)
        except ConditionInvalid:
            return cls(condition, glossary, words)
        return cls(condition, glossary, words, compared[1], compared[2], bound)

    def unmet(self, facts: Facts) -> Bilingual:
        """Explain what it requires, and what the facts are instead."""
        if self.names_figures:
            return self._unmet(facts)
        key = self.condition.given(facts)
        known = self._explained.get(key)
        if known is None:
            if len(self._explained) == _KEPT:
                self._explained.clear()
            known = self._explained[key] = self._unmet(facts)
        return known

    @cached_property
    def names_figures(self) -> bool:
        """Whether what it explains is written anew for each event."""
        return not FIGURES.isdisjoint(self.condition.names)

    @cached_property
    def _explained(self) -> dict[Any, Bilingual]:
        return {}

    def _unmet(self, facts: Facts) -> Bilingual:
        if self.cases:
            test, then, otherwise = self.cases
            return (then if test.condition.holds(facts) else otherwise).unmet(facts)
        if self.together:
            failing = (one for one in self.together if not one.condition.holds(facts))
            return next(failing, self.together[0]).unmet(facts)
        if self.alternatives:
            reasons = [one.unmet(facts) for one in self.alternatives]
            return Bilingual(zh="；或".join(one.zh for one in reasons), en="; or ".join(one.en for one in reasons))
        return self._unmet_alone(facts)

    def _unmet_alone(self, facts: Facts) -> Bilingual:
        if self.name is None:
            return Bilingual(zh=f"条件不成立：{self.condition.source}", en=f"does not hold: {self.condition.source}")
        called, actual = self.glossary[self.name], facts[self.name]
        if self.bound is None or self.sign is None:
            return Bilingual(
                zh=f"要求“{called.zh}”为{_yes(not actual)}，实际为{_yes(actual)}",
                en=f"{self.name} must {'not ' if actual else ''}hold ({called.en})",
            )
        required = self._required(self.bound.value(facts)) if self.bound.names else self._always_required
        if required is None:
            return _without(self.name, actual, called) if self.sign == "==" else unknown([self.name], self.glossary)
        zh, en = required
        shown = _shown(actual)
        spoken = shown if type(actual) is float else _spoken(actual, self.words)
        return made(Bilingual, {"zh": f"{zh}，实际为 {spoken}", "en": f"{en} and is {shown}"})

    def _required(self, bound: Any) -> tuple[str, str] | None:
        """What it requires the fact to be, beside `bound`; None where there is nothing to compare it with."""
        if bound is None or self.name is None or self.sign is None:
            return None
        return (
            f"要求“{self.glossary[self.name].zh}”{_ZH[self.sign]} {_spoken(bound, self.words)}",
            f"{self.name} must {_EN[self.sign]} {_shown(bound)}",
        )

    @cached_property
    def _always_required(self) -> tuple[str, str] | None:
        """The same where it compares with a constant."""
        return self._required(self.bound.value({})) if self.bound else None


def _cases(source: str) -> list[str]:
    """Of `test ? a : b` the test, a and b."""
    test, _, rest = (part.strip() for part in partition(source, "?"))
    then, _, otherwise = (part.strip() for part in partition(rest, ":"))
    return [test, then, otherwise]


def _yes(value: Any) -> str:
    return "是" if value else "否"


def _without(name: str, actual: Any, called: Named) -> Bilingual:
    return Bilingual(
        zh=f"要求未给出“{called.zh}”，实际为 {_shown(actual)}", en=f"{name} must not be given and is {_shown(actual)}"
    )


def _spoken(value: Any, words: Mapping[str, str]) -> str:
    """A value in Chinese, by its name where it has one."""
    if isinstance(value, list):
        return "、".join(_spoken(one, words) for one in value)
    if value is None:
        return "未知"
    return words.get(value) or WORDS.get(value) or value if isinstance(value, str) else _shown(value)


def _shown(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.10g}"
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return str(value)
