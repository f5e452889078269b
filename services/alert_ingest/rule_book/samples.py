"""Sample facts that try a rule book out: drawn around every figure and text its conditions name. Pure, repeatable.

Facts are drawn as an event would have them, so that no two contradict one another (a ratio over one that does not
exceed): a rule that decides none of the samples decides no event.
"""

import random
from collections.abc import Iterator
from typing import Any

from services.alert_ingest.facts import EXCEEDANCE_FLAGS, EXCUSING_FLAGS, FACTS
from services.alert_ingest.rule_book.book import RuleBook
from services.alert_ingest.rule_book.conditions import literals, texts

EACH = 600
"""Samples a category."""


def facts(book: RuleBook) -> Iterator[dict[str, Any]]:
    """The samples, the same for the same book."""
    choice = random.Random(book.version)  # noqa: S311  nothing secret: samples
    for category in sorted(book.categories):
        rules = [judged.rule for judged in book.family(category).rules]
        figures = sorted({abs(figure) for rule in rules for figure in literals(rule.when, book.policy)} | {0.5, 1.0})
        words = sorted({word for rule in rules for word in texts(rule.when)})
        media: list[str] = sorted({medium for rule in rules for medium in rule.media})
        for _ in range(EACH):
            yield _one(book, category, choice, figures, words, media)


def told(facts: dict[str, Any]) -> str:
    """The sample as a person would name it."""
    names = ("category", "medium", "period", "observed", "limit", "flag", "marked", "window_hours")
    return ", ".join(f"{name} = {facts[name]}" for name in names)


def _one(
    book: RuleBook, category: str, choice: random.Random, figures: list[float], words: list[str], media: list[str]
) -> dict[str, Any]:
    flag = choice.choice(["N"] * 4 + list(FACTS["flag"].values))
    marked = choice.random() < 0.2
    share = choice.choice([None, None, 1.0, *figures])
    valid = flag in EXCEEDANCE_FLAGS and not marked and (share is None or share >= book.policy["valid_share"])
    is_ph = choice.random() < 0.2
    limit = None if is_ph else choice.choice([None, 50.0, 50.0, 50.0])
    near = choice.choice(figures) * choice.choice([0.9, 1.0, 1.0, 1.1])
    observed = choice.choice([None, near]) if limit is None else limit * near
    exceeds = None
    if observed is not None:
        if is_ph:
            exceeds = not book.policy["ph_low"] <= observed <= book.policy["ph_high"]
        elif limit is not None:
            exceeds = observed > limit
    voc = choice.choice([None, "A", "B", "C"])
    drawn = {
        "category": category,
        "medium": choice.choice(media),
        "period": choice.choice(["hour", "hour", "day", "day", *FACTS["period"].values]),
        "pollutant": choice.choice([*words, None]) if words else None,
        "is_ph": is_ph,
        "observed": observed,
        "limit": limit,
        "unit": choice.choice([None, "%", "mg/m3"]),
        "ratio": None if is_ph or observed is None or limit is None else observed / limit,
        "exceeds": exceeds,
        "flag": flag,
        "marking": "calibration" if marked else choice.choice([None, *words]),
        "marked": marked,
        "excused": marked or flag in EXCUSING_FLAGS,
        "valid_share": share,
        "valid": valid,
        "window_hours": choice.choice([None, *figures]),
        "key_unit": choice.random() < 0.5,
        "positive_list": choice.random() < 0.2,
        "special_supervision": choice.random() < 0.2,
        "voc_grade": voc,
        "unanswered_hours": choice.choice([0.0, *figures]),
        "report_untrue": choice.random() < 0.2,
    }
    for name in book.history:
        drawn[name] = float(choice.choice([0, 1, 1, *map(int, figures)]))
    return drawn
