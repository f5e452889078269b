"""The rule book (规则库): versioned data that decides a grade."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.alert_ingest.domain.facts import FACTS, Fact, Facts, with_sources
from services.alert_ingest.domain.history import Counted, HistoryFact
from services.alert_ingest.domain.rule_book.candidates import Candidates
from services.alert_ingest.domain.rule_book.conditions import Condition, conjuncts
from services.alert_ingest.domain.rule_book.explanations import Part
from shared.contract.codes import Normalised
from shared.contract.events import Bilingual, Level
from shared.contract.trusted import made
from shared.time.instants import Instant, shown

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
GivenLevel = Annotated[Level, Field(strict=False)]
Medium = Literal["gas", "water", "other"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class Wording(Bilingual):
    """Text of the book, complete in both languages. A reason names facts as {fact} and {policy[figure]}."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    zh: Text
    en: Text

    def filled(self, facts: Facts, policy: Mapping[str, float]) -> Bilingual:
        """Return the reason with these facts filled in."""
        if self._is_plain:
            return self
        named = {**facts, "policy": policy}
        return made(Bilingual, {"zh": self.zh.format_map(named), "en": self.en.format_map(named)})

    @cached_property
    def _is_plain(self) -> bool:
        return not any(bracket in text for text in (self.zh, self.en) for bracket in "{}")


class Fallback(_Strict):
    """The white record for an event to which no rule applies."""

    code: Text
    name: Wording
    reason: Wording
    source: Text


class _Conditional(_Strict):
    """What rules and upgrades have in common. `source` is the law, standard or plan it is based on."""

    code: Text
    name: Wording
    stated: bool
    requires: list[Text] = []
    when: Text
    reason: Wording
    source: Text


class Rule(_Conditional):
    """One line of the catalogue. Its `code` is the category it defines.

    Where it holds together with another rule of its level and family, the event's own category comes first, and
    else the one that does not yield: `yields_to` names the rules that it gives way to.
    """

    families: Annotated[list[Text], Field(min_length=1)]
    media: Annotated[list[Medium], Field(min_length=1)]
    level: GivenLevel
    yields_to: list[Text] = []


class Upgrade(_Conditional):
    """A reason to grade an alert stricter than its own rule does, because of what happened before or did not after.

    The alert keeps its category; the upgrade names the cause. `never` lists rules that say there was no evidence.
    """

    from_: Annotated[GivenLevel, Field(alias="from")]
    to: GivenLevel
    never: list[Text] = []


class RuleBook(_Strict):
    """A version of the rules, in force from an instant on."""

    version: Text
    effective_from: Instant
    policy: dict[str, float]
    # Outlets of which another share than `policy.valid_share` is asked: by MN, or enterprise's code/permit number.
    valid_shares: dict[Annotated[Text, Normalised], Annotated[float, Field(gt=0, le=1)]] = {}
    responses: dict[GivenLevel, Text]
    # What is asked first of an enterprise on the positive list; the grade is unchanged.
    positive_list_responses: dict[GivenLevel, Text] = {}
    fallback: Fallback
    red_categories: list[Text]
    history: dict[str, HistoryFact]
    rules: list[Rule]
    # White ones that no event claims: what remains of a claim whose evidence does not suffice, to be counted.
    records: list[Rule] = []
    upgrades: list[Upgrade]

    def policy_at(self, outlet: str) -> Mapping[str, float]:
        """Return the policy as it holds at an outlet."""
        share = self.valid_shares.get(outlet)
        return self.policy if share is None else {**self.policy, "valid_share": share}

    @cached_property
    def deciding(self) -> list[Rule]:
        """Return every rule that may decide an event."""
        return [*self.rules, *self.records]

    @cached_property
    def by_code(self) -> dict[str, Rule]:
        return {rule.code: rule for rule in self.deciding}

    @cached_property
    def categories(self) -> frozenset[str]:
        """Return the categories that an event may claim."""
        return frozenset(rule.code for rule in self.rules)

    @cached_property
    def glossary(self) -> dict[str, Fact | HistoryFact]:
        """Return every fact that conditions may use."""
        return {**FACTS, **self.history}

    @cached_property
    def names(self) -> dict[str, str]:
        """Return the categories' names in Chinese."""
        return {rule.code: rule.name.zh for rule in self.deciding}

    @cached_property
    def family_members(self) -> dict[str, tuple[str, ...]]:
        """Return for each rule those that share a family with it, itself among them."""
        return {
            rule.code: tuple(other.code for other in self.deciding if set(other.families) & set(rule.families))
            for rule in self.deciding
        }

    def claims_of(self, code: str) -> list[str]:
        """Return the categories that an event may claim which rule `code` decides."""
        return [member for member in self.family_members[code] if member in self.categories]

    @cached_property
    def history_reach(self) -> timedelta:
        """Return how far back any history fact may look."""
        return max((fact.within.longest for fact in self.history.values()), default=timedelta())

    def response(self, level: Level, facts: Facts) -> str:
        """Return what an alert of `level` asks for."""
        if facts["positive_list"] and level in self.positive_list_responses:
            return self.positive_list_responses[level]
        return self.responses[level]

    def decide(self, facts: Facts) -> Rule | Fallback:
        """Return the strictest rule of the claimed category's families that applies, or else the fallback."""
        for one in self.family(str(facts["category"])).candidates.tried(facts):
            if one.applies or (one.applies is None and one.compiled.applies(facts)):
                decided: Rule = one.compiled.rule
                return decided
        return self.fallback

    def decided_by(self, code: str | None) -> Rule | Fallback | None:
        """Return the rule, or the fallback, of this code; None where the book has neither."""
        return self.fallback if code == self.fallback.code else self.by_code.get(code or "")

    def family(self, category: str) -> "Family":
        """Return the rules that may decide an event of `category`."""
        return self._families[category]

    def history_facts_for(self, category: str, decided: "Rule | Fallback") -> frozenset[str]:
        """Return the history facts that can change the grade of an event that `decided` grades by its own facts."""
        names = self._history_facts_for.get((category, decided.code))
        if names is None:
            level = decided.level if isinstance(decided, Rule) else Level.WHITE
            family = self.family(category).rules
            compiled: list[CompiledRule[Any]] = [one for one in family if one.rule.level.rank > level.rank]
            compiled += self.upgrades_of(level, decided.code).rules
            if isinstance(decided, Rule):
                compiled.append(self.compiled[decided.code])
            names = frozenset(name for one in compiled for name in one.counts)
            self._history_facts_for[category, decided.code] = names
        return names

    @cached_property
    def no_history(self) -> Mapping[str, float]:
        """Return every history fact as nothing: not even the alert itself is counted."""
        return dict.fromkeys(self.history, 0.0)

    def history_alone(self, level: Level, *, exceeding: bool) -> Mapping[str, Counted]:
        """Return every history fact of an alert of its own grade before which nothing happened."""
        known = self._history_alone.get((level, exceeding))
        if known is None:
            known = {name: Counted(fact.alone(level, exceeding=exceeding)) for name, fact in self.history.items()}
            self._history_alone[level, exceeding] = known
        return known

    def yielded_to(self, code: str) -> set[str]:
        """Return the rules that rule `code` yields to, directly or through others."""
        found: set[str] = set()
        open_ = list(self.by_code[code].yields_to)
        while open_:
            other = open_.pop()
            if other in self.by_code and other not in found:
                found.add(other)
                open_ += self.by_code[other].yields_to
        return found

    def upgrades_of(self, level: Level, code: str) -> Candidates:
        """Return the upgrades that may apply to an alert that rule `code` graded `level`, the strictest first."""
        known = self._upgrades_of.get((level, code))
        if known is None:
            known = Candidates(
                tuple(one for one in self._upgrades if one.rule.from_ is level and code not in one.rule.never)
            )
            self._upgrades_of[level, code] = known
        return known

    @cached_property
    def _upgrades_of(self) -> dict[tuple[Level, str], Candidates]:
        return {}

    @cached_property
    def compiled(self) -> "dict[str, CompiledRule[Rule]]":
        """Return every rule with its condition compiled."""
        return {rule.code: CompiledRule.of(rule, self) for rule in self.deciding}

    @cached_property
    def _history_facts_for(self) -> dict[tuple[str, str], frozenset[str]]:
        return {}

    @cached_property
    def _history_alone(self) -> dict[tuple[Level, bool], Mapping[str, Counted]]:
        return {}

    @cached_property
    def _upgrades(self) -> "list[CompiledRule[Upgrade]]":
        return [
            CompiledRule.of(upgrade, self) for upgrade in sorted(self.upgrades, key=lambda upgrade: -upgrade.to.rank)
        ]

    @cached_property
    def _families(self) -> "dict[str, Family]":
        return {rule.code: Family.of(rule, self) for rule in self.rules}

    def but(self, **fields: Any) -> "RuleBook":
        """Return a copy with other `fields`. (`model_copy` would take over what is cached of this one.)"""
        return RuleBook.model_validate({name: getattr(self, name) for name in RuleBook.model_fields} | fields)

    def public(self) -> dict[str, Any]:
        """Return the book as the contract shows it, and the facts that its conditions may use."""
        return {
            "version": self.version,
            "effective_from": shown(self.effective_from),
            "policy": self.policy,
            "valid_shares": self.valid_shares,
            "responses": self.responses,
            "positive_list_responses": self.positive_list_responses,
            "red_categories": self.red_categories,
            "fallback": {"level": Level.WHITE, "stated": False} | self.fallback.model_dump(mode="json"),
            "rules": [
                {"category": rule.code, "response": self.responses[rule.level]} | rule.model_dump(mode="json")
                for rule in self.rules
            ],
            "records": [record.model_dump(mode="json") for record in self.records],
            "upgrades": [upgrade.model_dump(mode="json", by_alias=True) for upgrade in self.upgrades],
            "facts": [
                {
                    "name": name,
                    "type": {str: "text", float: "number", bool: "boolean"}[fact.type],
                    "zh": fact.zh,
                    "en": fact.en,
                    "unit": fact.unit,
                    "nullable": fact.nullable,
                    "values": list(fact.values),
                }
                for name, fact in FACTS.items()
            ]
            + [
                {"name": name, "type": "number", "history": fact.model_dump(mode="json", exclude_none=True)}
                | {"zh": fact.zh, "en": fact.en}
                for name, fact in self.history.items()
            ],
        }


R = TypeVar("R", bound=Rule | Upgrade)


@dataclass(frozen=True)
class CompiledRule(Generic[R]):
    """A rule or upgrade with its condition compiled, and the parts of the condition, to say which one failed."""

    rule: R
    condition: Condition
    parts: tuple[Part, ...]
    facts_used: tuple[str, ...]
    counts: tuple[str, ...]
    """The history facts among the facts used."""
    named: Mapping[str, Any]
    """The rule or upgrade as a grade names it among those that were considered."""

    @classmethod
    def of(cls, rule: R, book: RuleBook) -> "CompiledRule[R]":
        """Raises ConditionInvalid."""
        condition = Condition.compile(rule.when, book.policy)
        named = {*rule.requires, *condition.names}
        counts = tuple(sorted(named & book.history.keys()))
        own = {"category", "medium", *(named & FACTS.keys())}
        return cls(
            rule,
            condition,
            tuple(Part.of(part, book.policy, book.glossary, book.names) for part in conjuncts(rule.when)),
            (*with_sources(own), *counts),
            counts,
            {
                "rule": rule.code,
                "name": {"zh": rule.name.zh, "en": rule.name.en},
                "level": (rule.to if isinstance(rule, Upgrade) else rule.level).value,
                "stated": rule.stated,
            },
        )

    def missing(self, facts: Facts) -> list[str]:
        """Return the facts that it requires and that are unknown."""
        if not self.rule.requires:
            return []
        return [name for name in self.rule.requires if facts[name] is None]

    def applies(self, facts: Facts) -> bool:
        """Whether the facts that it requires are known and its condition holds."""
        for name in self.rule.requires:
            if facts[name] is None:
                return False
        return self.failing(facts) is None

    def failing(self, facts: Facts) -> Part | None:
        """Return the first part of the condition that does not hold; None where all do.

        The parts are shared by many events and rules, so their answers are mostly remembered. Where one cannot be
        evaluated the whole decides: a part that comes after it may say that it is not to be.
        """
        try:
            for part in self.parts:
                if not part.condition.holds(facts):
                    return part
        except (RuntimeError, TypeError, ValueError):
            return None if self.condition.holds(facts) else self._first_unmet(facts)
        return None

    def _first_unmet(self, facts: Facts) -> Part:
        for part in self.parts:
            try:
                if not part.condition.holds(facts):
                    return part
            except (RuntimeError, TypeError, ValueError):
                continue
        return self.parts[0]


@dataclass(frozen=True)
class Family:
    """The rules that may decide an event of one category, the strictest first."""

    rules: tuple[CompiledRule[Rule], ...]

    @classmethod
    def of(cls, claimed: Rule, book: RuleBook) -> "Family":
        family = [book.by_code[code] for code in book.family_members[claimed.code]]
        codes = {rule.code for rule in family}
        ordered = sorted(
            family,
            key=lambda rule: (
                -rule.level.rank,
                rule.code != claimed.code,
                len(book.yielded_to(rule.code) & codes),
            ),
        )
        return cls(tuple(book.compiled[rule.code] for rule in ordered))

    @cached_property
    def candidates(self) -> Candidates:
        return Candidates(self.rules)
