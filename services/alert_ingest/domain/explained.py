"""Deciding by a rule book (判定): the rule, the upgrades that lift it, and why nothing stricter did.

A decision and its explanation are made once for all events that differ in their figures alone; of those that come after
only what the figures say is written anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.alert_ingest.domain.facts import FACTS, Facts
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.candidates import Tried, explanation_of
from services.alert_ingest.domain.rule_book.compiled import CompiledRule
from services.alert_ingest.domain.rule_book.explanations import Part
from services.alert_ingest.domain.rule_book.rules import Fallback, Rule, Upgrade
from shared.contract.events import Bilingual, Level

Decided = Rule | Fallback
_KEPT = 512
"""Shapes that are kept of each category."""


class Considered(NamedTuple):
    """A stricter rule that did not apply, as a grade names it; `part` of its condition names figures, and says why."""

    named: Mapping[str, Any]
    part: Part | None

    def said(self, facts: Facts) -> Mapping[str, Any]:
        if self.part is None:
            return self.named
        why = self.part.unmet(facts)
        return {**self.named, "zh": why.zh, "en": why.en}


@dataclass(frozen=True)
class Explained:
    """What was decided of facts, and what is said of it."""

    decided: Decided
    level: Level
    upgrades: tuple[CompiledRule[Upgrade], ...]
    considered: tuple[Considered, ...]
    facts_used: tuple[str, ...]
    """Those that the decision is based on; a record shows all."""
    counts: tuple[str, ...]
    """The history facts among what decided."""

    @property
    def decisive(self) -> Decided | Upgrade:
        return self.upgrades[-1].rule if self.upgrades else self.decided


def explained(facts: Facts, book: RuleBook, standing: Level = Level.WHITE) -> Explained:
    """Decide, and say why. `standing` is the level that an alert stands at which is graded again."""
    category = str(facts["category"])
    shape = book.shape(category).of(facts)
    if shape is None:
        return explained_anew(facts, book, standing)
    kept = book.kept[category]
    known: Explained | None = kept.get((standing, shape))
    if known is None:
        if len(kept) == _KEPT:
            kept.clear()
        known = kept[standing, shape] = explained_anew(facts, book, standing)
    return known


def explained_anew(facts: Facts, book: RuleBook, standing: Level) -> Explained:
    """Do the same without what is kept of others."""
    decided = book.decide(facts)
    lifted = _lifted(decided, facts, book, standing)
    level, upgrades = lifted.level, tuple(lifted.by)
    stricter = [
        one for one in book.family(str(facts["category"])).tried(facts) if one.compiled.rule.level.rank > level.rank
    ]
    stricter += [one for one in lifted.not_by if one.compiled.rule.to.rank > level.rank]
    deciding: list[CompiledRule[Any]] = [*upgrades]
    if type(decided) is Rule:
        deciding.insert(0, book.compiled[decided.code])
    used = (name for one in deciding for name in one.facts_used) if type(decided) is Rule else FACTS
    return Explained(
        decided=decided,
        level=level,
        upgrades=upgrades,
        considered=tuple(_considered(one, facts) for one in stricter),
        facts_used=tuple(dict.fromkeys(used)),
        counts=tuple(name for one in deciding for name in one.counts),
    )


def level_by(facts: Facts, book: RuleBook) -> Level:
    """Return the level that `grade` gives for these facts, without explaining it."""
    return _lifted(book.decide(facts), facts, book).level


def decisive_rule(facts: Facts, book: RuleBook) -> Decided | Upgrade:
    """Return the rule, or the upgrade, by which `grade` gives these facts their level."""
    decided = book.decide(facts)
    upgrades = _lifted(decided, facts, book).by
    return upgrades[-1].rule if upgrades else decided


@dataclass
class _Lifted:
    """The level that a rule's own comes to, the upgrades that lift it, and those that do not."""

    level: Level
    by: list[CompiledRule[Upgrade]] = field(default_factory=list)
    not_by: list[Tried] = field(default_factory=list)

    def try_each(self, upgrades: Iterable[Tried], facts: Facts) -> None:
        for one in upgrades:
            if not one.holds(facts):
                self.not_by.append(one)
            elif one.compiled.rule.to.rank > self.level.rank:
                self.by.append(one.compiled)
                self.level = one.compiled.rule.to


def _lifted(decided: Decided, facts: Facts, book: RuleBook, standing: Level = Level.WHITE) -> _Lifted:
    """Lift the level of the rule that decided by its upgrades.

    What came to light later (silence, an untrue report) lifts an alert from the level that it was lifted to, or stands
    at, whatever made it so. What counts the past lifts only from the rule's own: one upgrade never feeds the next.
    """
    own = level_of(decided)
    lifted = _Lifted(own)
    lifted.try_each(book.upgrades_of(own, decided.code).tried(facts), facts)
    base = max(lifted.level, standing, key=lambda level: level.rank)
    if base is not own:
        further = (one for one in book.upgrades_of(base, decided.code).tried(facts) if not one.compiled.counts)
        lifted.try_each(further, facts)
    return lifted


def level_of(decided: Decided) -> Level:
    # Of a model `isinstance` takes ten times as long, and this is asked often.
    return decided.level if type(decided) is Rule else Level.WHITE


def why_not(compiled: CompiledRule[Any], facts: Facts) -> Bilingual:
    """Explain why a rule or upgrade does not apply that is known not to."""
    return explanation_of(compiled, facts) or _failing(compiled, facts).unmet(facts)


def _considered(tried: Tried, facts: Facts) -> Considered:
    if tried.considered is not None:
        return Considered(tried.considered, None)
    compiled = tried.compiled
    if explanation_of(compiled, facts) is None and (part := _failing(compiled, facts)).names_figures:
        return Considered(compiled.named, part)
    why = why_not(compiled, facts)
    return Considered({**compiled.named, "zh": why.zh, "en": why.en}, None)


def _failing(compiled: CompiledRule[Any], facts: Facts) -> Part:
    return compiled.failing(facts) or compiled.parts[0]
