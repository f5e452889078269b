"""The rule book: versioned data that decides a grade. Checked when it is loaded, compiled once. Pure."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import cel
import yaml
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from services.alert_ingest.facts import FACTS, NULLABLE
from shared.events import Bilingual, Level
from shared.instants import shown

RED_CATEGORIES = 18
"""The plan: red comprises 18 categories of anomaly."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class RuleBookInvalid(Exception):  # noqa: N818  it is the book that is invalid
    """The book cannot be used. `findings` name the rule and the fault, all of them at once."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("the rule book is invalid:\n- " + "\n- ".join(findings))
        self.findings = findings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fallback(_Strict):
    """The record for an event that meets no rule."""

    code: Text
    name: Bilingual
    because: Bilingual
    source: Text


class Rule(_Strict):
    """One line of the catalogue. Its `code` is the category it defines."""

    code: Text
    name: Bilingual
    families: Annotated[list[Text], Field(min_length=1)]
    media: Annotated[list[Literal["gas", "water", "other"]], Field(min_length=1)]
    level: Level
    stated: bool
    requires: list[Text]
    when: Text
    because: Bilingual
    source: Text

    @cached_property
    def condition(self) -> cel.Program:
        return cel.compile(self.when)

    def holds(self, facts: Mapping[str, Any], policy: Mapping[str, float]) -> bool:
        """Whether the rule applies. Its required facts must be known."""
        return self.condition.execute({**facts, "policy": policy}) is True


class RuleBook(_Strict):
    """A version of the rules, in force from an instant on."""

    version: Text
    effective_from: AwareDatetime
    policy: dict[str, float]
    responses: dict[Level, Text]
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
        codes = [rule.code for rule in self.rules]
        findings += [
            f"rule {code}: defined twice" for code in sorted({code for code in codes if codes.count(code) > 1})
        ]
        reds = sum(rule.level is Level.RED for rule in self.rules)
        if reds != RED_CATEGORIES:
            findings.append(f"{reds} red categories; the plan has {RED_CATEGORIES}")
        for rule in self.rules:
            findings += [f"rule {rule.code}: {fault}" for fault in _faults(rule, self.policy)]
        return findings


def _faults(rule: Rule, policy: Mapping[str, float]) -> list[str]:
    faults = [f"requires {name}, which is no fact" for name in rule.requires if name not in FACTS]
    try:
        used = set(rule.condition.variables())
    except ValueError as error:
        return [*faults, f"`when` is no CEL expression: {error}"]
    faults += [f"`when` uses {name}, which is no fact" for name in sorted(used - FACTS.keys() - {"policy"})]
    faults += [
        f"`when` uses {name}, which may be unknown, without requiring it or comparing it with null"
        for name in sorted(used & NULLABLE - set(rule.requires))
        if f"{name} != null" not in rule.when
    ]
    if not faults:
        try:
            rule.holds({name: fact.example for name, fact in FACTS.items()}, policy)
        except (RuntimeError, TypeError, ValueError) as error:
            faults.append(f"`when` cannot be evaluated: {error}")
    return faults


def _finding(location: tuple[int | str, ...], message: str, content: Any) -> str:
    """A fault, with its rule's code where it has one."""
    if len(location) > 1 and location[0] == "rules" and isinstance(location[1], int):
        rule = content["rules"][location[1]]
        code = rule.get("code") if isinstance(rule, dict) else None
        return f"rule {code or f'number {location[1] + 1}'}: {'.'.join(map(str, location[2:]))}: {message}"
    return f"{'.'.join(map(str, location)) or 'book'}: {message}"
