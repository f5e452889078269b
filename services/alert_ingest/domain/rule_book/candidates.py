"""Rules tried once for all events that differ in their figures alone.

What an event says beside its figures comes again with thousands of others, and settles most rules: they apply, or they
do not, for a reason that names no figure. Only those that ask for figures before are tried for each event.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

from services.alert_ingest.domain.facts import Facts, text_of
from services.alert_ingest.domain.rule_book import explanations
from services.alert_ingest.domain.rule_book.compiled import CompiledRule
from services.alert_ingest.domain.rule_book.explanations import FIGURES
from services.alert_ingest.domain.rule_book.rules import Rule, Upgrade
from shared.contract.events import Bilingual

_KEPT = 4_096


class Tried(NamedTuple):
    """A rule or upgrade, and whether it applies; None where figures decide. Where it does not: why, and how a grade
    names it among those that were considered.
    """

    compiled: CompiledRule[Any]
    applies: bool | None
    why_not: Bilingual | None = None
    considered: dict[str, Any] | None = None

    def holds(self, facts: Facts) -> bool:
        """Whether it applies to these facts, with their figures."""
        return self.compiled.applies(facts) if self.applies is None else self.applies


@dataclass(frozen=True)
class Candidates:
    """Rules or upgrades in the order in which they are tried."""

    rules: tuple[CompiledRule[Any], ...]

    def tried(self, facts: Facts) -> Sequence[Tried]:
        """Each of them, tried by what is given beside figures, and by which figures are known."""
        key = self._given(facts), tuple([facts[name] is None for name in self._figures])
        known = self._known.get(key)
        if known is None:
            if len(self._known) == _KEPT:
                self._known.clear()
            known = self._known[key] = tuple([_tried(one, facts) for one in self.rules])
        return known

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(name for one in self.rules for name in ("medium", *one.rule.requires, *one.condition.names))

    @cached_property
    def _given(self) -> Callable[[Facts], Any]:
        return itemgetter(*(sorted(self._names - FIGURES) or ["medium"]))

    @cached_property
    def _figures(self) -> list[str]:
        return sorted(self._names & FIGURES)

    @cached_property
    def _known(self) -> dict[Any, tuple[Tried, ...]]:
        return {}


def explanation_of(compiled: CompiledRule[Any], facts: Facts) -> Bilingual | None:
    """Explain why a rule or upgrade does not apply without looking at figures; None where that does not show it."""
    if missing := compiled.missing(facts):
        return explanations.unknown(missing, compiled.parts[0].glossary)
    return other_medium(compiled.rule, facts)


def other_medium(rule: Rule | Upgrade, facts: Facts) -> Bilingual | None:
    """Explain that a rule is for other media than the event's; upgrades are for any."""
    medium = text_of(facts, "medium")
    if isinstance(rule, Upgrade) or medium is None or medium in rule.media:
        return None
    return explanations.other_medium(medium)


def _tried(compiled: CompiledRule[Any], facts: Facts) -> Tried:
    why_not = explanation_of(compiled, facts)
    if why_not is None:
        for part in compiled.parts:
            if not FIGURES.isdisjoint(part.condition.names):
                return Tried(compiled, None)
            try:
                holds = part.condition.holds(facts)
            except (RuntimeError, TypeError, ValueError):
                return Tried(compiled, None)  # the condition as a whole may say that the part is not to be asked
            if not holds:
                why_not = part.unmet(facts)
                break
        else:
            return Tried(compiled, applies=True)
    return Tried(compiled, False, why_not, {**compiled.named, "zh": why_not.zh, "en": why_not.en})
