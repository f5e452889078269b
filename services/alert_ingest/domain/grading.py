"""Grading (分级): the strictest rule of the event's family that applies, upgrades, and why nothing stricter did."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
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
from services.alert_ingest.domain.explained import Decided, Explained, explained, level_by, level_of, why_not
from services.alert_ingest.domain.facts import Facts, FactValue
from services.alert_ingest.domain.history import Counted
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.candidates import explanation_of, other_medium
from services.alert_ingest.domain.rule_book.compiled import CompiledRule
from services.alert_ingest.domain.rule_book.rules import Rule, Upgrade
from shared.contract.cloudevents import written, written_with
from shared.contract.events import AnomalyEvent, Bilingual, Doubt, Grading, Level
from shared.contract.trusted import made


@dataclass(frozen=True)
class Grade:
    """A grade with everything that explains it."""

    level: Level
    name: Bilingual
    response: str
    grading: Grading
    doubts: list[Doubt]

    @cached_property
    def written(self) -> bytes:
        """The grading as JSON: it is stored with the alert, and published."""
        return written_with(self.grading, {"reason": self.grading.reason.__dict__})

    @cached_property
    def written_doubts(self) -> bytes:
        """The doubts as JSON, for the same two."""
        return written(self.doubts) if self.doubts else b"[]"

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
    why = explained(facts, book, standing)
    decided, decisive, level, policy = why.decided, why.decisive, why.level, book.policy_at(outlet_of(event.data))
    unmarked_level = _unmarked_level(event, facts, book, level, policy)
    doubts = _doubts(event, facts, book, decided, policy)
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
                "facts": {name: value for name in why.facts_used if (value := facts[name]) is not None},
                "reason": _reason(why, event, facts, book),
                "source": decisive.source,
                "considered": [one.said(facts) for one in why.considered],
                "upgraded_from": level_of(decided) if why.upgrades else None,
                "own_rule": decided.code,
                "causes": _causes(why.counts, history),
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


def _unmarked_level(
    event: AnomalyEvent, facts: Facts, book: RuleBook, level: Level, policy: Mapping[str, float]
) -> Level | None:
    """Return the level without the marking, the data flag or the senseless limit, where that took the grade down."""
    at_its_word = taken_at_its_word(facts, event.data, policy)
    if at_its_word is None:
        return None
    without = level_by(at_its_word, book)
    return without if without.rank > level.rank else None


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


def _explanation(compiled: CompiledRule[Any], facts: Facts) -> Bilingual | None:
    """Explain why a rule or upgrade does not apply; None where it does."""
    known = explanation_of(compiled, facts)
    if known is not None or (failing := compiled.failing(facts)) is None:
        return known
    return failing.unmet(facts)


def _causes(counts: Iterable[str], history: Mapping[str, Counted]) -> list[UUID]:
    """Return the other alerts that the decision counted, each once."""
    if not history:
        return []
    return list(dict.fromkeys(cause for name in counts if name in history for cause in history[name].causes))


def _doubts(
    event: AnomalyEvent, facts: Facts, book: RuleBook, decided: Decided, policy: Mapping[str, float]
) -> list[Doubt]:
    doubts = doubts_of(event, facts, policy)
    claimed = book.compiled[event.data.category]
    # Among equals the claim comes first, so that one which does not decide does not hold.
    if decided is not claimed.rule and level_of(decided).rank <= claimed.rule.level.rank:
        doubts.append(contradiction(claimed.rule, why_not(claimed, facts)))
    return doubts


def _reason(why: Explained, event: AnomalyEvent, facts: Facts, book: RuleBook) -> Bilingual:
    """Explain the decision in one sentence that an enterprise can read."""
    data = event.data
    pollutant = (data.pollutant.name or data.pollutant.code) if data.pollutant else ""
    name, (zh, en) = why.decided.name, why.decided.reason.filled(facts, book.policy)
    zh, en = f"{name.zh}：{zh}", f"{name.en}: {en}"
    if data.observed is not None:
        unit = f" {data.unit}" if data.unit else ""
        observed, limit = f"{data.observed:g}{unit}", None if data.limit is None else f"{data.limit:g}{unit}"
        zh += f"（{pollutant}实测 {observed}" + (f"，限值 {limit}）" if limit else "）")
        en += f" ({pollutant + ' ' if pollutant else ''}observed {observed}" + (f", limit {limit})" if limit else ")")
    for upgrade in why.upgrades:
        lifted_zh, lifted_en = upgrade.rule.reason.filled(facts, book.policy)
        zh += f"；{upgrade.rule.name.zh}：{lifted_zh}"
        en += f"; {upgrade.rule.name.en}: {lifted_en}"
    return made(Bilingual, {"zh": zh + "。", "en": en + "."})
