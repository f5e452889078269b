"""The rule book: versioned data that decides a grade. Checked when it is loaded, compiled once. Pure."""

import math
import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise, product
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal, Self

import cel
import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.alert_ingest.facts import FACTS, POLICY, with_sources
from shared.events import Bilingual, Level
from shared.instants import shown

RED_CATEGORIES = 18
"""The plan: red comprises 18 categories of anomaly."""

MOST_PROBES = 200_000
"""More combinations of facts than this would keep a service from starting: such a condition is too complicated."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
GivenLevel = Annotated[Level, Field(strict=False)]


class RuleBookInvalid(Exception):  # noqa: N818  it is the book that is invalid
    """The book cannot be used. `findings` name the rule and the fault, all of them at once."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("the rule book is invalid:\n- " + "\n- ".join(findings))
        self.findings = findings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Wording(Bilingual):
    """Text of the book, complete in both languages. A reason speaks of facts as {fact} and {policy[figure]}."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    zh: Text
    en: Text

    def filled(self, facts: Mapping[str, Any], policy: Mapping[str, float]) -> Bilingual:
        """The reason for these facts."""
        return Bilingual(
            zh=self.zh.format_map({**facts, "policy": policy}), en=self.en.format_map({**facts, "policy": policy})
        )


class Fallback(_Strict):
    """The record for an event that meets no rule. All its facts speak for it."""

    code: Text
    name: Wording
    reason: Wording
    source: Text

    @property
    def speaks_of(self) -> list[str]:
        return list(FACTS)


class Rule(_Strict):
    """One line of the catalogue. Its `code` is the category it defines."""

    code: Text
    name: Wording
    families: Annotated[list[Text], Field(min_length=1)]
    media: Annotated[list[Literal["gas", "water", "other"]], Field(min_length=1)]
    level: GivenLevel
    stated: bool
    requires: list[Text]
    when: Text
    reason: Wording
    source: Text

    @cached_property
    def condition(self) -> cel.Program:
        return cel.compile(self.when)

    @cached_property
    def speaks_of(self) -> list[str]:
        """The facts that decide whether it applies, and those they are derived from."""
        return with_sources({"category", "medium", *self.requires, *(set(self.condition.variables()) & FACTS.keys())})

    def holds(self, facts: Mapping[str, Any], policy: Mapping[str, float]) -> bool:
        """Whether the rule applies. Its required facts must be known."""
        return self.condition.execute({**facts, "policy": policy}) is True


class RuleBook(_Strict):
    """A version of the rules, in force from an instant on."""

    version: Text
    effective_from: AwareDatetime
    policy: dict[str, float]
    responses: dict[GivenLevel, Text]
    fallback: Fallback
    rules: list[Rule]

    @classmethod
    def load(cls, path: Path) -> Self:
        """The book in the YAML file at `path`. Raises RuleBookInvalid."""
        return cls.parse(path.read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The book in YAML `text`. Raises RuleBookInvalid with every finding."""
        try:
            content = yaml.safe_load(text)
            book = cls.model_validate(content)
        except yaml.YAMLError as error:
            raise RuleBookInvalid([f"not YAML: {error}"]) from error
        except ValidationError as error:
            raise RuleBookInvalid(
                [_finding(fault["loc"], fault["msg"], content) for fault in error.errors()]
            ) from error
        findings = book._findings()
        if findings:
            raise RuleBookInvalid(findings)
        return book

    @cached_property
    def by_code(self) -> dict[str, Rule]:
        return {rule.code: rule for rule in self.rules}

    @property
    def categories(self) -> frozenset[str]:
        """What an event may claim to be."""
        return frozenset(self.by_code)

    @cached_property
    def _candidates(self) -> dict[str, list[Rule]]:
        return {claimed.code: self._family(claimed) for claimed in self.rules}

    def _family(self, claimed: Rule) -> list[Rule]:
        family = [rule for rule in self.rules if set(rule.families) & set(claimed.families)]
        return sorted(family, key=lambda rule: (-rule.level.rank, rule.code != claimed.code))

    def candidates(self, category: str) -> list[Rule]:
        """The rules of the category's families: the strictest first, among equals the category's own first."""
        return self._candidates[category]

    def public(self) -> dict[str, Any]:
        """The book as the contract shows it."""
        return {
            "version": self.version,
            "effective_from": shown(self.effective_from),
            "policy": self.policy,
            "rules": [
                {"category": rule.code, "response": self.responses[rule.level]} | rule.model_dump(mode="json")
                for rule in self.rules
            ],
        }

    def _findings(self) -> list[str]:
        findings = [f"responses: none for {level}" for level in Level if level not in self.responses]
        findings += [f"policy: {name} is missing" for name in sorted(POLICY - self.policy.keys())]
        codes = [self.fallback.code, *(rule.code for rule in self.rules)]
        findings += [
            f"rule {code}: defined twice" for code in sorted({code for code in codes if codes.count(code) > 1})
        ]
        reds = sum(rule.level is Level.RED for rule in self.rules)
        if reds != RED_CATEGORIES:
            findings.append(f"{reds} red categories; the plan has {RED_CATEGORIES}")
        findings += [f"fallback: {fault}" for fault in _template_faults(self.fallback.reason, frozenset(), self.policy)]
        for rule in self.rules:
            claims = [other.code for other in self.rules if set(other.families) & set(rule.families)]
            findings += [f"rule {rule.code}: {fault}" for fault in _faults(rule, claims, self.policy)]
        return findings


def _faults(rule: Rule, claims: list[str], policy: Mapping[str, float]) -> list[str]:
    faults = [f"requires {name}, which is no fact" for name in rule.requires if name not in FACTS]
    faults += _template_faults(rule.reason, frozenset(rule.requires), policy)
    try:
        used = set(rule.condition.variables())
    except ValueError as error:
        return [*faults, f"`when` is no CEL expression: {error}"]
    faults += [f"`when` uses {name}, which is no fact" for name in sorted(used - FACTS.keys() - {"policy"})]
    return faults or _faults_in_use(rule, claims, policy)


def _faults_in_use(rule: Rule, claims: list[str], policy: Mapping[str, float]) -> list[str]:
    """What only evaluating shows: CEL finds a wrong type or name no sooner, and `&&` may hide it until an event."""
    samples = {name: _samples(name, rule, claims, policy) for name in FACTS if name in rule.condition.variables()}
    if math.prod(map(len, samples.values())) > MOST_PROBES:
        return ["`when` speaks of too many facts at once to be checked"]
    reachable = False
    for values in product(*samples.values()):
        facts = dict(zip(samples, values, strict=True))
        try:
            outcome = rule.condition.execute({**facts, "policy": policy})
        except (RuntimeError, TypeError, ValueError, KeyError) as error:
            return [f"`when` cannot be evaluated where {facts}: {error}"]
        if not isinstance(outcome, bool):
            return [f"`when` gives {outcome!r}, neither true nor false, where {facts}"]
        reachable = reachable or outcome
    return [] if reachable else ["`when` can never hold"]


def _samples(name: str, rule: Rule, claims: list[str], policy: Mapping[str, float]) -> list[Any]:
    """Values of a fact on every side of what the condition compares it with; None where it may be unknown."""
    fact = FACTS[name]
    samples: list[Any]
    if name == "category":
        samples = claims
    elif fact.type is bool:
        samples = [True, False]
    elif fact.type is float:
        samples = _around([*_literals(rule.when), *_figures(rule.when, policy)])
    else:
        samples = list(fact.values) or ["", *re.findall(r"""["']([^"']*)["']""", rule.when)]
    return [*samples, None] if fact.nullable and name not in rule.requires else samples


def _literals(expression: str) -> Iterator[float]:
    return (float(number) for number in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", expression))


def _figures(expression: str, policy: Mapping[str, float]) -> Iterator[float]:
    return (policy[name] for name in re.findall(r"policy\.(\w+)", expression) if name in policy)


def _around(thresholds: list[float]) -> list[float]:
    """The thresholds, and a number beyond and between any of them."""
    known = sorted({0.0, *thresholds})
    return [known[0] - 1, *known, *((low + high) / 2 for low, high in pairwise(known)), known[-1] + 1]


def _template_faults(reason: Wording, requires: frozenset[str], policy: Mapping[str, float]) -> list[str]:
    """A reason may speak of facts that are known whenever its rule applies, and of the policy's figures."""
    known = {name for name, fact in FACTS.items() if not fact.nullable} | requires
    try:
        fields = {field for text in (reason.zh, reason.en) for _, field, _, _ in Formatter().parse(text) if field}
        allowed = known | {f"policy[{name}]" for name in policy}
        faults = [f"`reason` speaks of {field}, which may be unknown" for field in sorted(fields - allowed)]
        if not faults:
            reason.filled({name: fact.type() for name, fact in FACTS.items()}, policy)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        return [f"`reason` is no template: {error}"]
    return faults


def _finding(location: tuple[int | str, ...], message: str, content: Any) -> str:
    """A fault, with its rule's code where it has one."""
    if len(location) > 1 and location[0] == "rules" and isinstance(location[1], int):
        rule = content["rules"][location[1]]
        code = rule.get("code") if isinstance(rule, dict) else None
        return f"rule {code or f'number {location[1] + 1}'}: {'.'.join(map(str, location[2:]))}: {message}"
    return f"{'.'.join(map(str, location)) or 'book'}: {message}"
