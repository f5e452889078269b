"""Searching examples: facts under which rules hold, as an event might have them. It finds the same every time.

A fact takes values on every side of whatever the rules compare it with, and what is derived (`exceeds`, `valid`, …) is
derived as it is of an event, so that no two facts contradict one another. A part of a condition is evaluated as soon as
all the facts it uses have values: so the search goes through everything that can matter, and leaves out the rest.
"""

import math
import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, pairwise

from services.alert_ingest.domain.event_facts import VALID_MARKINGS, derived
from services.alert_ingest.domain.facts import FACTS, PH, FactValue, number_of, with_sources
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.compiled import CompiledRule
from services.alert_ingest.domain.rule_book.conditions import Condition, literals, texts
from services.alert_ingest.domain.rule_book.rules import Rule

MOST_EXAMPLES = 5_000
"""So many examples are looked at; where none of them shows what is looked for, there is taken to be none."""
_TRIED, _FILLINGS = 100, 40
_DERIVED = frozenset({"is_ph", "ratio", "exceeds", "excused", "valid"})
_NEUTRAL = {"flag": "N"}
_LIMIT = 50.0


def overlap(one: CompiledRule[Rule], another: CompiledRule[Rule], book: RuleBook) -> dict[str, FactValue] | None:
    """Find facts on which both rules hold and one of them decides an event that claims neither; None if there are none.

    Where an event claims to be one of them, that one comes first.
    """
    codes = {one.rule.code, another.rule.code}
    claims = {*book.claims_of(one.rule.code)} & {*book.claims_of(another.rule.code)} - codes
    if not claims or not set(one.rule.media) & set(another.rule.media):
        return None
    for facts in islice(_search((one, another), sorted(claims), book), MOST_EXAMPLES):
        if book.decide(facts).code in codes:
            return facts
    return None


def decides(compiled: CompiledRule[Rule], book: RuleBook) -> bool:
    """Whether there is an event that the rule decides."""
    code, held = compiled.rule.code, []
    claims = sorted(book.claims_of(code), key=lambda claim: claim != code)  # most likely it decides its own
    for facts in islice(_search((compiled,), claims, book), MOST_EXAMPLES):
        if book.decide(facts).code == code:
            return True
        held.append(facts)
    return any(book.decide(facts).code == code for facts in _filled(held, compiled, book))


def describe(facts: dict[str, FactValue], *rules: CompiledRule[Rule]) -> str:
    """Describe the example by the facts that the rules use."""
    used = {name for compiled in rules for name in compiled.facts_used}
    return ", ".join(f"{name} = {value}" for name, value in facts.items() if name in used)


def around(thresholds: Iterable[float]) -> list[float]:
    """Return the thresholds, and a number beyond and between any of them."""
    known = sorted({0.0, *thresholds})
    return [known[0] - 1, *known, *((low + high) / 2 for low, high in pairwise(known)), known[-1] + 1]


@dataclass(frozen=True)
class _Domain:
    """The values that facts take in the search: around all `figures`, and all `words`, that rules compare them with.

    The medium is always given: an event without one might be of any, and the rule written first decides.
    """

    book: RuleBook
    categories: Sequence[str]
    media: Sequence[str]
    required: frozenset[str]
    figures: Mapping[str, Collection[float]]
    words: Mapping[str, Collection[str]]

    @classmethod
    def of(cls, rules: Sequence[CompiledRule[Rule]], categories: Sequence[str], book: RuleBook) -> "_Domain":
        figures: defaultdict[str, set[float]] = defaultdict(set)
        words: defaultdict[str, set[str]] = defaultdict(set)
        for code in {code for one in rules for code in book.family_members[one.rule.code]}:
            for part in book.compiled[code].parts:
                for name in _given(part.condition.names, book):
                    figures[name] |= set(literals(part.condition.source, book.policy))
                    words[name] |= set(texts(part.condition.source))
        return cls(
            book=book,
            categories=categories,
            media=[medium for medium in FACTS["medium"].values if all(medium in one.rule.media for one in rules)],
            required=frozenset(name for one in rules for name in one.rule.requires),
            figures=figures,
            words=words,
        )

    def values(self, name: str, known: dict[str, FactValue]) -> Sequence[FactValue]:
        """Return the values of the fact `name`, where the others are as `known`; the plainest first."""
        values = self._values(name, known)
        fact = FACTS.get(name)
        if fact is None or not fact.nullable or name in self.required or name == "medium":
            return values
        return [None, *values]

    def _values(self, name: str, known: dict[str, FactValue]) -> Sequence[FactValue]:
        if name in {"valid_share", "limit", "observed"}:
            return self._measures(name, known)
        words, fact = sorted(self.words[name]), FACTS.get(name)
        special: Mapping[str, Sequence[FactValue]] = {
            "category": self.categories,
            "medium": self.media,
            "pollutant": ["a21026", PH, *words],
            "marking": ["calibration", *words],
            "marked": [False, True] if known["marking"] in VALID_MARKINGS else [False],
        }
        if name in special:
            return list(special[name])
        if fact is None or fact.type is float:
            return around(self.figures[name])
        return [False, True] if fact.type is bool else list(fact.values) or words

    def _measures(self, name: str, known: dict[str, FactValue]) -> list[float]:
        policy, figures = self.book.policy, self.figures[name]
        if name == "limit":
            return [_LIMIT]
        if name == "valid_share":
            return [1.0, *around({policy["valid_share"], *figures})]
        acidity = (policy["ph_low"], policy["ph_high"]) if known["pollutant"] == PH else ()
        plain, limit = around({*figures, *acidity}), number_of(known, "limit")
        return plain if limit is None else [*(limit * part for part in around({1.0, *figures})), *plain]


def _search(
    rules: Sequence[CompiledRule[Rule]], categories: Sequence[str], book: RuleBook
) -> Iterator[dict[str, FactValue]]:
    """Find all facts on which `rules` hold together; facts that they do not use have their plainest value."""
    domain, plain = _Domain.of(rules, categories, book), _plain(book)

    def size(part: tuple[Sequence[str], Condition]) -> int:
        return math.prod(len(domain.values(name, plain)) for name in part[0])

    parts = sorted(
        ((_given(part.condition.names, book), part.condition) for one in rules for part in one.parts), key=size
    )
    # Facts with few values come first; the claim and the medium matter to few conditions.
    order = list(dict.fromkeys((*(name for names, _ in parts for name in names), "medium", "category")))
    ready: dict[int, list[Condition]] = {}
    for names, condition in parts:
        ready.setdefault(max((order.index(name) for name in names), default=0), []).append(condition)

    def deduplicate(place: int, given: dict[str, FactValue]) -> Iterator[dict[str, FactValue]]:
        if place == len(order):
            facts = given | derived(given, book.policy)
            if all(facts[name] is not None for name in domain.required) and all(
                one.condition.holds(facts) for one in rules
            ):
                yield facts
            return
        for value in domain.values(order[place], given):
            known = given | {order[place]: value}
            facts = known | derived(known, book.policy) if place in ready else known
            if all(_may_hold(condition, facts) for condition in ready.get(place, ())):
                yield from deduplicate(place + 1, known)

    return deduplicate(0, plain)


def _filled(
    held: Sequence[dict[str, FactValue]], compiled: CompiledRule[Rule], book: RuleBook
) -> Iterator[dict[str, FactValue]]:
    """Fill the facts that a rule does not use into its examples, at random, with values that its family uses."""
    choice = random.Random(0)  # noqa: S311  nothing secret, and the same every time
    family = [book.compiled[code] for code in book.family_members[compiled.rule.code]]
    domain = _Domain.of(family, (), book)
    used = {*_given(compiled.condition.names, book), "category", "medium"}
    others = [
        name for name in _given({name for one in family for name in one.condition.names}, book) if name not in used
    ]
    for facts in choice.sample(held, min(len(held), _TRIED)):
        for _ in range(_FILLINGS):
            given = {name: value for name, value in facts.items() if name not in _DERIVED}
            for name in others:
                given[name] = choice.choice(domain.values(name, given))
            filled = given | derived(given, book.policy)
            if compiled.condition.holds(filled):
                yield filled


def _given(names: Collection[str], book: RuleBook) -> Sequence[str]:
    """Return the facts, none of them derived, that `names` are derived from."""
    return _sources(frozenset(names), tuple(book.history))


@lru_cache(1_024)
def _sources(names: frozenset[str], history: tuple[str, ...]) -> Sequence[str]:
    of_event = {*names} & FACTS.keys()
    if "ratio" in of_event:
        of_event.add("pollutant")  # pH has none
    given = [name for name in with_sources(of_event) if name not in _DERIVED]
    given.sort(key="observed".__eq__)  # its values depend on the limit and the pollutant
    return (*given, *(name for name in history if name in names))


def _plain(book: RuleBook) -> dict[str, FactValue]:
    """Return the facts of an event of which nothing is known."""
    of_event = {name: _NEUTRAL.get(name, None if fact.nullable else fact.type()) for name, fact in FACTS.items()}
    given: dict[str, FactValue] = {name: value for name, value in of_event.items() if name not in _DERIVED}
    return given | dict.fromkeys(book.history, 0.0)


def _may_hold(condition: Condition, facts: dict[str, FactValue]) -> bool:
    """Whether a part may hold: it may be evaluable only after another one that guards it."""
    try:
        return condition.holds(facts)
    except (RuntimeError, TypeError, ValueError):
        return True
