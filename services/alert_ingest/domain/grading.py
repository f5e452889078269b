"""Grading (分级): the strictest rule of the event's family that applies, upgrades, and why nothing stricter did."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.alert_ingest.domain.doubts import contradiction, doubts_of, lowered
from services.alert_ingest.domain.event_facts import (
    NO_LATER_FACTS,
    LaterFacts,
    facts_of,
    outlet_of,
    shows_exceeding_hour,
    taken_at_its_word,
)
from services.alert_ingest.domain.facts import FACTS, Facts, FactValue
from services.alert_ingest.domain.history import Counted
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.candidates import Tried, explanation_of, other_medium
from services.alert_ingest.domain.rule_book.compiled import CompiledRule
from services.alert_ingest.domain.rule_book.rules import Fallback, Rule, Upgrade
from shared.contract.events import AnomalyEvent, Bilingual, Doubt, Grading, Level
from shared.contract.trusted import made

Decided = Rule | Fallback


@dataclass(frozen=True)
class Grade:
    """A grade with everything that explains it."""

    level: Level
    name: Bilingual
    response: str
    grading: Grading
    doubts: list[Doubt]

    def doubted(self, more: Iterable[Doubt]) -> "Grade":
        """The grade with further doubts, each once."""
        known = {doubt.code for doubt in self.doubts}
        new = [doubt for doubt in more if doubt.code not in known]
        return replace(self, doubts=[*self.doubts, *new]) if new else self


def grade(
    event: AnomalyEvent,
    book: RuleBook,
    *,
    classification: Collection[str] = (),
    history: Mapping[str, Counted] | None = None,
    later: LaterFacts = NO_LATER_FACTS,
    standing: Level = Level.WHITE,
) -> Grade:
    """Grade `event` by `book`. Every event of a known category gets a grade, and always the same.

    The platform's category is its claim; the facts decide (catalogue). An event whose facts contradict its
    category falls to what the facts still show, at the least to a white record, with a doubt that says so.
    Without `history` nothing happened before. `later` is for an alert that is graded again, and `standing` the level
    that it has.
    """
    facts = known_facts(event, book, classification, history, later)
    return grade_by(facts, event, book, history=history or {}, standing=standing)


def grade_by(
    facts: Facts, event: AnomalyEvent, book: RuleBook, *, history: Mapping[str, Counted], standing: Level = Level.WHITE
) -> Grade:
    """Grade `event` by `book`, given all its facts: those of its `history` too, of which the causes are named."""
    decided = book.decide(facts)
    lifted = _lifted(decided, facts, book, standing)
    level, upgrades = lifted.level, lifted.by
    decisive = upgrades[-1].rule if upgrades else decided
    unmarked_level = _unmarked_level(event, facts, book, level)
    doubts = _doubts(event, facts, book, decided)
    if unmarked_level is not None:
        doubts.append(lowered(event, facts, unmarked_level, level))
    return Grade(
        level=level,
        name=decided.name,
        response=book.response(level, facts),
        grading=made(
            Grading,
            {
                "rule": decisive.code,
                "rule_book_version": book.version,
                "stated": decisive.stated if type(decisive) is Rule or type(decisive) is Upgrade else False,
                "facts": {
                    name: facts[name] for name in _facts_used(decided, upgrades, book) if facts[name] is not None
                },
                "reason": _reason(decided, upgrades, event, facts, book),
                "source": decisive.source,
                "considered": [
                    *[
                        one.considered or _considered(one.compiled, _why_not(one.compiled, facts))
                        for one in book.family(str(facts["category"])).tried(facts)
                        if one.compiled.rule.level.rank > level.rank
                    ],
                    *[_considered(one, why) for one, why in lifted.not_by if one.rule.to.rank > level.rank],
                ],
                "upgraded_from": level_of(decided) if upgrades else None,
                "own_rule": decided.code,
                "causes": _causes(decided, upgrades, history, book),
                "unmarked_level": unmarked_level,
            },
        ),
        doubts=doubts,
    )


def known_facts(
    event: AnomalyEvent,
    book: RuleBook,
    classification: Collection[str] = (),
    history: Mapping[str, Counted] | None = None,
    later: LaterFacts = NO_LATER_FACTS,
) -> dict[str, FactValue]:
    """Return the event's facts and those of the history."""
    facts = facts_of(event.data, book.policy_at(outlet_of(event.data)), classification, later)
    if history is not None:
        return facts | {name: counted.value for name, counted in history.items()}
    facts |= dict.fromkeys(book.history, 0.0)
    level, exceeding = level_of(book.decide(facts)), shows_exceeding_hour(facts)
    return facts | {name: fact.alone(level, exceeding=exceeding) for name, fact in book.history.items()}


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
    """The level that a rule's own comes to, the upgrades that lift it, and those that do not, each with why."""

    level: Level
    by: list[CompiledRule[Upgrade]] = field(default_factory=list)
    not_by: list[tuple[CompiledRule[Upgrade], Bilingual]] = field(default_factory=list)

    def try_each(self, upgrades: Iterable[Tried], facts: Facts) -> None:
        for one in upgrades:
            explanation = one.why_not if one.applies is not None else _explanation(one.compiled, facts)
            if explanation is not None:
                self.not_by.append((one.compiled, explanation))
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


def _unmarked_level(event: AnomalyEvent, facts: Facts, book: RuleBook, level: Level) -> Level | None:
    """Return the level without the marking, the data flag or the senseless limit, where that took the grade down."""
    at_its_word = taken_at_its_word(facts, event.data, book.policy_at(outlet_of(event.data)))
    if at_its_word is None:
        return None
    without = level_by(at_its_word, book)
    return without if without.rank > level.rank else None


def level_of(decided: Decided) -> Level:
    # Of a model `isinstance` takes ten times as long, and this is asked often.
    return decided.level if type(decided) is Rule else Level.WHITE


class Outcome(BaseModel):
    """Whether a rule or upgrade holds for an event, and if not the explanation why (`obstacle`)."""

    rule: str
    name: Bilingual
    level: Level
    stated: bool
    source: str
    holds: bool
    obstacle: Bilingual | None


def outcomes(facts: Facts, book: RuleBook) -> list[Outcome]:
    """Try every rule that might decide an event with these facts, and every upgrade: for trying a book out."""
    decided = book.decide(facts)
    rules = [
        (compiled.rule, compiled.rule.level, other_medium(compiled.rule, facts) or _explanation(compiled, facts))
        for compiled in book.family(str(facts["category"])).rules
    ]
    upgrades = [
        (compiled.rule, compiled.rule.to, _explanation(compiled, facts))
        for compiled in book.upgrades_of(level_of(decided), decided.code).rules
    ]
    return [
        Outcome(
            rule=rule.code,
            name=rule.name,
            level=level,
            stated=rule.stated,
            source=rule.source,
            holds=explanation is None,
            obstacle=explanation,
        )
        for rule, level, explanation in [*rules, *upgrades]
    ]


def _considered(compiled: CompiledRule[Any], explanation: Bilingual) -> dict[str, Any]:
    """A stricter rule with why it did not apply, and whether the plan states it."""
    return {**compiled.named, "zh": explanation.zh, "en": explanation.en}


def _explanation(compiled: CompiledRule[Any], facts: Facts) -> Bilingual | None:
    """Explain why a rule or upgrade does not apply; None where it does."""
    known = explanation_of(compiled, facts)
    if known is not None or (failing := compiled.failing(facts)) is None:
        return known
    return failing.unmet(facts)


def _why_not(compiled: CompiledRule[Rule], facts: Facts) -> Bilingual:
    """Explain why a rule does not apply that is known not to."""
    return explanation_of(compiled, facts) or (compiled.failing(facts) or compiled.parts[0]).unmet(facts)


def _facts_used(decided: Decided, upgrades: Sequence[CompiledRule[Upgrade]], book: RuleBook) -> Collection[str]:
    """Return the facts that the decision is based on; a record shows all."""
    if type(decided) is Fallback:
        return FACTS.keys()
    names = book.compiled[decided.code].facts_used
    if not upgrades:
        return names
    return list(dict.fromkeys([*names, *(name for upgrade in upgrades for name in upgrade.facts_used)]))


def _causes(
    decided: Decided, upgrades: Sequence[CompiledRule[Upgrade]], history: Mapping[str, Counted], book: RuleBook
) -> list[UUID]:
    """Return the other alerts that the decision counted, each once."""
    if not history:
        return []
    names = [] if type(decided) is Fallback else list(book.compiled[decided.code].counts)
    names += [name for upgrade in upgrades for name in upgrade.counts]
    return list(dict.fromkeys(cause for name in names if name in history for cause in history[name].causes))


def _doubts(event: AnomalyEvent, facts: Facts, book: RuleBook, decided: Decided) -> list[Doubt]:
    doubts = doubts_of(event, facts, book.policy_at(outlet_of(event.data)))
    claimed = book.compiled[event.data.category]
    # Among equals the claim comes first, so that one which does not decide does not hold.
    if decided is not claimed.rule and level_of(decided).rank <= claimed.rule.level.rank:
        doubts.append(contradiction(claimed.rule, _why_not(claimed, facts)))
    return doubts


def _reason(
    decided: Decided,
    upgrades: Sequence[CompiledRule[Upgrade]],
    event: AnomalyEvent,
    facts: Facts,
    book: RuleBook,
) -> Bilingual:
    """Explain the decision in one sentence that an enterprise can read."""
    data = event.data
    pollutant = (data.pollutant.name or data.pollutant.code) if data.pollutant else ""
    why = decided.reason.filled(facts, book.policy)
    zh, en = f"{decided.name.zh}：{why.zh}", f"{decided.name.en}: {why.en}"
    if data.observed is not None:
        unit = f" {data.unit}" if data.unit else ""
        zh += f"（{pollutant}实测 {data.observed:g}{unit}"
        en += f" ({pollutant + ' ' if pollutant else ''}observed {data.observed:g}{unit}"
        if data.limit is not None:
            zh += f"，限值 {data.limit:g}{unit}"
            en += f", limit {data.limit:g}{unit}"
        zh, en = zh + "）", en + ")"
    for upgrade in upgrades:
        lifted = upgrade.rule.reason.filled(facts, book.policy)
        zh += f"；{upgrade.rule.name.zh}：{lifted.zh}"
        en += f"; {upgrade.rule.name.en}: {lifted.en}"
    return made(Bilingual, {"zh": zh + "。", "en": en + "."})
