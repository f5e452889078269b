"""Conditions (判定条件): CEL expressions over facts, compiled once, with the policy's figures written into them.

Figures are inlined because handing CEL a mapping costs it five times what the comparison does (docs/decisions/0006).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cel

from services.alert_ingest.domain.facts import Facts

_QUOTED = r"""\"[^\"]*\"|'[^']*'"""
_FIGURE = re.compile(rf"{_QUOTED}|\bpolicy\.(\w+)\b")
_TOKEN = re.compile(rf"{_QUOTED}|&&|[()\[\]{{}}]|\|\||\?|:|.", re.DOTALL)


class ConditionInvalid(Exception):  # noqa: N818  it is the condition that is invalid
    """The expression cannot be used; the message says why."""


@dataclass(frozen=True)
class Condition:
    """An expression ready to be evaluated. `source` is as it was written."""

    source: str
    program: cel.Program

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
            return cls(source, cel.compile(inlined))
        except ValueError as error:
            raise ConditionInvalid(f"is no CEL expression: {error}") from error

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Return the facts that it uses."""
        return tuple(self.program.variables())

    def value(self, facts: Facts) -> Any:
        """Evaluate it. Raises KeyError for a fact that is not given, and what CEL raises."""
        return self.program.execute({name: facts[name] for name in self.names})

    def holds(self, facts: Facts) -> bool:
        return self.value(facts) is True


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


def first_of(guarded: Sequence[tuple[Sequence[str], str]], policy: Mapping[str, float]) -> Condition:
    """Compile many conditions into one: the place of the first whose names are all known and which holds, or -1.

    A family of seven rules is decided in one evaluation instead of up to seven.
    """
    parts = [
        f"({' && '.join([*(f'{name} != null' for name in names), f'({source})'])}) ? {place} : "
        for place, (names, source) in enumerate(guarded)
    ]
    return Condition.compile("".join(parts) + "-1", policy)


def literals(source: str, policy: Mapping[str, float]) -> Iterator[float]:
    """Return the numbers an expression compares with, those of the policy among them."""
    bare = re.sub(_QUOTED, "", source)
    yield from (float(number) for number in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", bare))
    yield from (policy[name] for name in re.findall(r"policy\.(\w+)", bare) if name in policy)


def texts(source: str) -> list[str]:
    """Return the texts an expression compares with."""
    return re.findall(r"""["']([^"']*)["']""", source)
