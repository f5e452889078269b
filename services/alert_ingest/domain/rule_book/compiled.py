"""Rules and upgrades with their conditions compiled."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from services.alert_ingest.domain.facts import FACTS, Facts, with_sources
from services.alert_ingest.domain.rule_book.conditions import Condition, conjuncts
from services.alert_ingest.domain.rule_book.explanations import Named, Part
from services.alert_ingest.domain.rule_book.rules import Rule, Upgrade

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
    def of(
        cls, rule: R, policy: Mapping[str, float], glossary: Mapping[str, Named], names: Mapping[str, str]
    ) -> "CompiledRule[R]":
        """Raises ConditionInvalid. `glossary` has every fact that conditions may use, `names` those of categories."""
        condition = Condition.compile(rule.when, policy)
        named = {*rule.requires, *condition.names}
        counts = tuple(sorted(named & glossary.keys() - FACTS.keys()))
        own = {"category", "medium", *(named & FACTS.keys())}
        return cls(
            rule,
            condition,
            tuple(Part.of(part, policy, glossary, names) for part in conjuncts(rule.when)),
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
