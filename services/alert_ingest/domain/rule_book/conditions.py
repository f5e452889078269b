"""Conditions (判定条件): CEL expressions over facts, compiled once, with the policy's figures written into them.

Figures are inlined because handing CEL a mapping costs it five times what the comparison does, and CEL is asked once
for each combination of facts, because most of them come again with the next event (docs/decisions/0006).
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import cel

from services.alert_ingest.domain.facts import Facts

_QUOTED = r"""\"[^\"]*\"|'[^']*'"""
_FIGURE = re.compile(rf"{_QUOTED}|\bpolicy\.(\w+)\b")
_TOKEN = re.compile(rf"{_QUOTED}|&&|[()\[\]{{}}]|\|\||\?|:|.", re.DOTALL)
_AGAINST_NUMBER = re.compile(r"(\w+)\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?(?:e-?\d+)?)", re.ASCII)
_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_REMEMBERED = 4_096
"""Combinations of facts that each condition keeps its answer for; expressions whose literals are kept."""


MOST_CHARACTERS, DEEPEST = 2_000, 32
"""Of one condition as it is written; ours have 163 and four."""
_LOOP = re.compile(r"\.\s*(all|exists|exists_one|map|filter)\s*\(")


class ConditionInvalid(Exception):  # noqa: N818  it is the condition that is invalid
    """The expression cannot be used; the message says why."""


@dataclass(frozen=True)
class Condition:
    """An expression ready to be evaluated. `source` is as it was written.

    A number compared with a constant (`against`: the fact, the comparison, the constant) is compared here: measured
    values seldom come twice, so that remembering answers would not help.
    """

    source: str
    program: cel.Program
    against: tuple[str, Callable[[float, float], bool], float] | None = None

    @classmethod
    def compile(cls, source: str, policy: Mapping[str, float]) -> "Condition":
        """Raises ConditionInvalid for what is no CEL, or uses a figure that the policy does not have."""

        def figure(match: re.Match[str]) -> str:
            name = match[1]
            if name is None:
                return match[0]
            if name not in policy:
                raise ConditionInvalid(f"uses policy.{name}, which the policy does not have")
            return repr(float(policy[name]))

        inlined = _FIGURE.sub(figure, source)
        try:
            program = cel.compile(inlined)
        except ValueError as error:
            raise ConditionInvalid(f"is no CEL expression: {error}") from error
        compared = _AGAINST_NUMBER.fullmatch(inlined.strip())
        against = compared and (compared[1], _OPERATORS[compared[2]], float(compared[3]))
        return cls(source, program, against)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the facts that it uses."""
        return tuple(self.program.variables())

    @classmethod
    def written(cls, source: str, policy: Mapping[str, float]) -> "Condition":
        """Compile what somebody wrote. Raises ConditionInvalid also for more than any condition needs.

        Without loops, what an evaluation costs is bounded by the length of its text.
        """
        if len(source) > MOST_CHARACTERS:
            raise ConditionInvalid(f"has more than {MOST_CHARACTERS} characters")
        if max((depth for _, depth in _tokens(source)), default=0) > DEEPEST:
            raise ConditionInvalid(f"is nested more than {DEEPEST} levels deep")
        if (loop := _LOOP.search(re.sub(_QUOTED, "", source))) is not None:
            raise ConditionInvalid(f"uses {loop[1]}(…): a condition compares facts, and runs over no lists")
        return cls.compile(source, policy)

    def value(self, facts: Facts) -> Any:
        """Evaluate it. Raises KeyError for a fact that is not given, and what CEL raises."""
        return self.program.execute({name: facts[name] for name in self.names})

    def given(self, facts: Facts) -> Any:
        """The facts that it uses, in one value that can be a key: what it answers for equal ones is equal."""
        return self._given(facts)

    def holds(self, facts: Facts) -> bool:
        """Whether it is true of these facts. Raises as `value` does."""
        if self.against is not None:
            name, compare, constant = self.against
            actual = facts[name]
            if type(actual) is float:
                return compare(actual, constant)
        key = self._given(facts)
        known = self._answers.get(key)
        if known is None:
            if len(self._answers) == _REMEMBERED:
                self._answers.clear()
            known = self._answers[key] = self.value(facts) is True
        return known

    @cached_property
    def _given(self) -> Callable[[Facts], Any]:
        return operator.itemgetter(*self.names) if self.names else lambda _: None

    @cached_property
    def _answers(self) -> dict[Any, bool]:
        return {}


def split(source: str, sign: str) -> list[str]:
    """Return the parts that `sign` joins outside of any brackets and texts: `a && b` by `&&` into a and b."""
    parts = [""]
    for token, depth in _tokens(source):
        if token == sign and depth <= 0:
            parts.append("")
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def partition(source: str, sign: str) -> tuple[str, str, str]:
    """Like `str.partition`, at the first `sign` outside of any brackets and texts."""
    first, *rest = split(source, sign)
    return first, sign, f" {sign} ".join(rest)


def conjuncts(source: str) -> list[str]:
    """Return the parts of `a && b && c`, all of which must hold; the whole where it is anything else at its top."""
    return [source.strip()] if branches(source, "||", "?") else split(source, "&&")


def unwrapped(source: str) -> str:
    """Return the expression without brackets around the whole."""
    inner = source[1:-1]
    if source.startswith("(") and source.endswith(")") and all(depth >= 0 for _, depth in _tokens(inner)):
        return unwrapped(inner.strip())
    return source


def branches(source: str, *signs: str) -> bool:
    """Whether one of `signs` joins the expression outside of any brackets."""
    return any(token in signs and depth == 0 for token, depth in _tokens(source))


def _tokens(source: str) -> Iterator[tuple[str, int]]:
    """The tokens, each with how many brackets are open around it; a bracket closed that was not open is at -1."""
    depth = 0
    for part in _TOKEN.findall(source):
        depth += (part in "([{") - (part in ")]}")
        yield part, depth


def literals(source: str, policy: Mapping[str, float]) -> list[float]:
    """Return the numbers an expression compares with, those of the policy among them."""
    numbers, figures = _figures(source)
    return [*numbers, *(policy[name] for name in figures if name in policy)]


@lru_cache(_REMEMBERED)
def _figures(source: str) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """The numbers in an expression, and the names of the policy's figures."""
    bare = re.sub(_QUOTED, "", source)
    numbers = tuple(float(number) for number in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", bare))
    return numbers, tuple(re.findall(r"policy\.(\w+)", bare))


@lru_cache(_REMEMBERED)
def texts(source: str) -> tuple[str, ...]:
    """Return the texts an expression compares with."""
    return tuple(re.findall(r"""["']([^"']*)["']""", source))
