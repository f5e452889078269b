"""The rule book (规则库): versioned data that decides a grade."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any

from pydantic import BaseModel, Field

from services.alert_ingest.domain.facts import FACTS, Fact, Facts
from services.alert_ingest.domain.history import Counted, HistoryFact
from services.alert_ingest.domain.rule_book.candidates import Candidates
from services.alert_ingest.domain.rule_book.compiled import CompiledRule, R
from services.alert_ingest.domain.rule_book.rules import STRICT, Fallback, GivenLevel, Rule, Text, Upgrade
from services.alert_ingest.domain.rule_book.shape import Shape
from shared.contract.codes import Normalised
from shared.contract.events import Level
from shared.time.instants import Instant, shown


class RuleBook(BaseModel):
    """A version of the rules, in force from an instant on."""

    model_config = STRICT

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
        for one in self.family(str(facts["category"])).tried(facts):
            if one.holds(facts):
                decided: Rule = one.compiled.rule
                return decided
        return self.fallback

    def decided_by(self, code: str | None) -> Rule | Fallback | None:
        """Return the rule, or the fallback, of this code; None where the book has neither."""
        return self.fallback if code == self.fallback.code else self.by_code.get(code or "")

    def family(self, category: str) -> Candidates:
        """Return the rules that may decide an event of `category`, the strictest first."""
        return self._families[category]

    def shape(self, category: str) -> Shape:
        """Return by what events of `category` are told apart that are decided or explained otherwise."""
        known = self._shapes.get(category)
        if known is None:
            known = Shape.asked_by([*self.family(category).rules, *self._upgrades], "positive_list")
            self._shapes[category] = known
        return known

    @cached_property
    def kept(self) -> defaultdict[str, dict[Any, Any]]:
        """Return what is kept by the shape of events, for each category."""
        return defaultdict(dict)

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
    def _shapes(self) -> dict[str, Shape]:
        return {}

    @cached_property
    def compiled(self) -> dict[str, CompiledRule[Rule]]:
        """Return every rule with its condition compiled."""
        return {rule.code: self._compiled(rule) for rule in self.deciding}

    @cached_property
    def _history_facts_for(self) -> dict[tuple[str, str], frozenset[str]]:
        return {}

    @cached_property
    def _history_alone(self) -> dict[tuple[Level, bool], Mapping[str, Counted]]:
        return {}

    @cached_property
    def _upgrades(self) -> list[CompiledRule[Upgrade]]:
        return [self._compiled(upgrade) for upgrade in sorted(self.upgrades, key=lambda upgrade: -upgrade.to.rank)]

    def _compiled(self, rule: R) -> CompiledRule[R]:
        return CompiledRule.of(rule, self.policy, self.glossary, self.names)

    @cached_property
    def _families(self) -> dict[str, Candidates]:
        return {rule.code: Candidates(tuple(self._family_of(rule))) for rule in self.rules}

    def _family_of(self, claimed: Rule) -> Iterator[CompiledRule[Rule]]:
        codes = self.family_members[claimed.code]
        for code in sorted(
            codes,
            key=lambda code: (
                -self.by_code[code].level.rank,
                code != claimed.code,
                len(self.yielded_to(code) & {*codes}),
            ),
        ):
            yield self.compiled[code]

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
