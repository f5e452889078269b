"""Why a rule does not apply (不适用理由), in words that an officer, a court and an enterprise can read. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from services.alert_ingest.rule_book.conditions import Condition, ConditionInvalid, branches, split
from shared.events import Bilingual

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


class Named(Protocol):
    """A fact's names in both languages, whether the event's own or a history fact."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


def unknown(names: list[str], glossary: Mapping[str, Named]) -> Bilingual:
    """Facts that the rule requires are not known."""
    return Bilingual(
        zh=f"缺少判定所需的事实：{'、'.join(glossary[name].zh for name in names)}",
        en=f"unknown: {', '.join(names)}",
    )


def other_medium(medium: str) -> Bilingual:
    return Bilingual(zh=f"介质为 {medium}，不适用", en=f"not for the medium {medium}")


@dataclass(frozen=True)
class Part:
    """A part of a condition that must hold, ready to say what it asks for. `alternatives` are those of `(a || b)`.

    `name`, `sign` and `bound` are given for a comparison of one fact, `name` alone for a fact that is true or false.
    """

    condition: Condition
    name: str | None = None
    sign: str | None = None
    bound: Condition | None = None
    alternatives: "tuple[Part, ...]" = ()

    @classmethod
    def of(cls, source: str, policy: Mapping[str, float], glossary: Mapping[str, Named]) -> "Part":
        """Raises ConditionInvalid."""
        condition = Condition.compile(source, policy)
        bare = _unwrapped(source)
        choices = split(bare, "||")
        if len(choices) > 1 and not branches(bare, "?"):
            return cls(condition, alternatives=tuple(cls.of(choice, policy, glossary) for choice in choices))
        if bare.removeprefix("!") in glossary:
            return cls(condition, name=bare.removeprefix("!"))
        compared = _COMPARISON.match(bare)
        if compared is None or compared[1] not in glossary or branches(bare, "&&", "||", "?"):
            return cls(condition)
        try:
            return cls(condition, compared[1], compared[2], Condition.compile(compared[3], policy))
        except ConditionInvalid:
            return cls(condition)

    def unmet(self, facts: Mapping[str, Any], glossary: Mapping[str, Named]) -> Bilingual:
        """What it asks for, and what the facts are instead."""
        if self.alternatives:
            reasons = [one.unmet(facts, glossary) for one in self.alternatives]
            return Bilingual(zh="；且".join(one.zh for one in reasons), en="; and ".join(one.en for one in reasons))
        if self.name is None:
            return Bilingual(zh=f"条件不成立：{self.condition.source}", en=f"does not hold: {self.condition.source}")
        called, actual = glossary[self.name], facts[self.name]
        if self.bound is None or self.sign is None:
            return Bilingual(
                zh=f"要求“{called.zh}”为{_yes(not actual)}，实际为{_yes(actual)}",
                en=f"{self.name} must {'not ' if actual else ''}hold ({called.en})",
            )
        bound = self.bound.value(facts)
        return Bilingual(
            zh=f"要求“{called.zh}”{_ZH[self.sign]} {_shown(bound)}，实际为 {_shown(actual)}",
            en=f"{self.name} must {_EN[self.sign]} {_shown(bound)} and is {_shown(actual)}",
        )


def _unwrapped(source: str) -> str:
    """Without the brackets around the whole."""
    if source.startswith("(") and source.endswith(")") and len(split(source[1:-1], ")")) == 1:
        return source[1:-1].strip()
    return source


def _yes(value: Any) -> str:
    return "是" if value else "否"


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
