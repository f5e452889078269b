"""Grading (分级): the strictest rule of the event's family whose condition holds, and why not a stricter one. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.alert_ingest.doubts import contradiction, doubts_of
from services.alert_ingest.facts import facts_of
from services.alert_ingest.rule_book import Fallback, Rule, RuleBook
from shared.events import AnomalyEvent, Bilingual, Doubt, Grading, Level


@dataclass(frozen=True)
class Graded:
    """A grade with everything that explains it."""

    level: Level
    name: Bilingual
    response: str
    grading: Grading
    doubts: list[Doubt]


def grade(event: AnomalyEvent, book: RuleBook) -> Graded:
    """The grade of `event` by `book`. Total: every event of a known category gets one. Deterministic.

    The platform's category is its claim; the facts decide (catalogue). An event whose facts contradict its
    category falls to what the facts still show, at the least to a white record, with a doubt that says so.
    """
    facts = facts_of(event, book.policy)
    considered: list[dict[str, Any]] = []
    decided: Rule | Fallback = book.fallback
    for rule in book.candidates(event.data.category):
        obstacle = _obstacle(rule, facts, book.policy)
        if obstacle is None:
            decided = rule
            break
        considered.append({"rule": rule.code, "level": rule.level.value, **obstacle.model_dump()})
    level = decided.level if isinstance(decided, Rule) else Level.WHITE
    claimed = book.by_code[event.data.category]
    doubts = doubts_of(event, facts, book.policy)
    if decided is not claimed and level.rank <= claimed.level.rank:  # the claim comes first among equals
        doubts.append(contradiction(claimed, facts))
    return Graded(
        level=level,
        name=decided.name,
        response=book.responses[level],
        grading=Grading(
            rule=decided.code,
            rule_book_version=book.version,
            stated=isinstance(decided, Rule) and decided.stated,
            facts={name: facts[name] for name in decided.speaks_of if facts[name] is not None},
            reason=_reason(decided, event, facts, book.policy),
            considered=[one for one in considered if Level(one["level"]).rank > level.rank],
        ),
        doubts=doubts,
    )


def _obstacle(rule: Rule, facts: Mapping[str, Any], policy: Mapping[str, float]) -> Bilingual | None:
    """Why `rule` does not apply, or None when it does."""
    if facts["medium"] is not None and facts["medium"] not in rule.media:
        return Bilingual(zh=f"介质为 {facts['medium']}，不适用", en=f"not for the medium {facts['medium']}")
    unknown = [name for name in rule.requires if facts[name] is None]
    if unknown:
        return Bilingual(zh=f"缺少事实：{'、'.join(unknown)}", en=f"unknown: {', '.join(unknown)}")
    if not rule.holds(facts, policy):
        return Bilingual(zh=f"条件不成立：{rule.when}", en=f"does not hold: {rule.when}")
    return None


def _reason(
    decided: Rule | Fallback, event: AnomalyEvent, facts: Mapping[str, Any], policy: Mapping[str, float]
) -> Bilingual:
    """One sentence that an enterprise can read."""
    data = event.data
    pollutant = (data.pollutant.name or data.pollutant.code) if data.pollutant else ""
    why = decided.reason.filled(facts, policy)
    zh, en = f"{decided.name.zh}：{why.zh}", f"{decided.name.en}: {why.en}"
    if data.observed is not None:
        unit = f" {data.unit}" if data.unit else ""
        zh += f"（{pollutant}实测 {data.observed:g}{unit}"
        en += f" ({pollutant + ' ' if pollutant else ''}observed {data.observed:g}{unit}"
        if data.limit is not None:
            zh += f"，限值 {data.limit:g}{unit}"
            en += f", limit {data.limit:g}{unit}"
        zh, en = zh + "）", en + ")"
    return Bilingual(zh=zh + "。", en=en + ".")
