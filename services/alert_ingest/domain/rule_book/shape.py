"""What events have in common that are decided and explained alike but for their figures: what is kept is kept by it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from services.alert_ingest.domain.facts import Facts
from services.alert_ingest.domain.rule_book.compiled import CompiledRule
from services.alert_ingest.domain.rule_book.conditions import Condition
from services.alert_ingest.domain.rule_book.explanations import FIGURES


@dataclass(frozen=True)
class Shape:
    """Tells which facts some rules and upgrades decide alike, each by the same part of its condition."""

    given: Callable[[Facts], Any]
    """What they ask for beside figures."""
    figures: tuple[str, ...]
    """Of these, which are known."""
    comparisons: tuple[Condition, ...]
    """What they ask of figures."""

    @classmethod
    def asked_by(cls, rules: Iterable[CompiledRule[Any]], *further: str) -> "Shape":
        """The shape that `rules` tell apart, and who reads `further` facts."""
        asked = list(rules)
        names = {*further, *(name for one in asked for name in (*one.rule.requires, *one.condition.names))}
        conditions = {part.condition.source: part.condition for one in asked for part in one.parts}
        return cls(
            itemgetter("category", "medium", *sorted(names - FIGURES)),
            tuple(sorted(names & FIGURES)),
            tuple(one for one in conditions.values() if not FIGURES.isdisjoint(one.names)),
        )

    def of(self, facts: Facts) -> tuple[Any, ...] | None:
        """The shape of these facts; None where a comparison cannot be made, so that nothing can be kept for it."""
        known = [facts[name] is not None for name in self.figures]
        try:
            return self.given(facts), *known, *[one.holds(facts) for one in self.comparisons]
        except (RuntimeError, TypeError, ValueError):
            return None
