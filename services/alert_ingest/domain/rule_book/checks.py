"""Checking a rule book before anything is graded with it.

A fault is found when the book is loaded, never when an alert waits for its grade.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from string import Formatter
from typing import Any

from services.alert_ingest.domain.facts import FACTS, POLICY
from services.alert_ingest.domain.rule_book import example_search
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.conditions import Condition, ConditionInvalid, conjuncts, literals, texts
from services.alert_ingest.domain.rule_book.rules import Fallback, Rule, Upgrade
from shared.contract.events import Level

MOST_PROBES = 200_000
"""More combinations of facts than this would keep a service from starting: such a condition is too complicated."""

_FORM = re.compile(r"[,+]?(\.\d{1,2})?[a-z%]?")
"""How a figure may be written in a reason; a width would let one take any space there is."""

Fault = tuple[tuple[int | str, ...], str]


def faults(book: RuleBook) -> list[Fault]:
    """Return every fault of `book`, each with its place; none where the book is valid."""
    found = [*_whole(book), *_each(book)]
    return found or list(_together(book))


def _whole(book: RuleBook) -> Iterator[Fault]:
    for level in Level:
        if level not in book.responses:
            yield ("responses",), f"none for {level}"
    for name in sorted(POLICY - book.policy.keys()):
        yield ("policy",), f"{name} is missing"
    for name in sorted(book.history.keys() & (FACTS.keys() | {"policy"})):
        yield ("history", name), "is the name of a fact of the event"
    yield from _doubled(book)
    yield from _red(book)
    yield from ((("fallback", "reason"), fault) for fault in _template_faults(book.fallback, frozenset(), book))


def _doubled(book: RuleBook) -> Iterator[Fault]:
    seen = {book.fallback.code}
    for kind, entries in (
        ("rules", book.rules),
        ("records", book.records),
        ("upgrades", book.upgrades),
    ):
        for place, entry in enumerate(entries):
            if entry.code in seen:
                yield (kind, place), "defined twice"
            seen.add(entry.code)


def _red(book: RuleBook) -> Iterator[Fault]:
    """Check that the red rules are exactly the red categories that the book declares."""
    reds = {rule.code for rule in book.rules if rule.level is Level.RED}
    for place, code in enumerate(book.red_categories):
        if code not in reds or code in book.red_categories[:place]:
            yield ("red_categories", place), f"{code} is no red rule, or is named twice"
    for place, rule in enumerate(book.rules):
        if rule.code in reds - set(book.red_categories):
            yield ("rules", place), "is red, but not among the declared red_categories"
    for place, record in enumerate(book.records):
        if record.level is not Level.WHITE:
            yield ("records", place, "level"), f"is {record.level}: a record is white"


def _each(book: RuleBook) -> Iterator[Fault]:
    """Return the faults of each rule and upgrade by itself."""
    for at, rule in _placed(book):
        for code in rule.yields_to:
            if code not in book.by_code:
                yield (*at, "yields_to"), f"{code} is no rule"
            elif rule.code in book.yielded_to(code):
                yield (*at, "yields_to"), f"{code} stands back for {rule.code} in its turn"
        yield from ((at, fault) for fault in _faults(rule, book.claims_of(rule.code), book))
    for place, upgrade in enumerate(book.upgrades):
        if upgrade.to.rank <= upgrade.from_.rank:
            yield ("upgrades", place), f"is no upgrade from {upgrade.from_} to {upgrade.to}"
        for code in upgrade.never:
            if code not in book.by_code.keys() | {book.fallback.code}:
                yield ("upgrades", place, "never"), f"{code} is no rule"
        yield from ((("upgrades", place), fault) for fault in _faults(upgrade, sorted(book.categories), book))


def _placed(book: RuleBook) -> Iterator[tuple[tuple[str, int], Rule]]:
    """Return every rule that may decide an event, with its place."""
    yield from ((("rules", place), rule) for place, rule in enumerate(book.rules))
    yield from ((("records", place), rule) for place, rule in enumerate(book.records))


def _faults(rule: Rule | Upgrade, claims: list[str], book: RuleBook) -> list[str]:
    known = book.glossary.keys()
    found = [f"requires {name}, which is no fact" for name in rule.requires if name not in known]
    found += _template_faults(rule, frozenset(rule.requires), book)
    try:
        condition = Condition.written(rule.when, book.policy)
    except ConditionInvalid as error:
        return [*found, f"`when` {error}"]
    found += [f"`when` uses {name}, which is no fact" for name in condition.names if name not in known]
    return found or _faults_in_use(rule, condition, claims, book)


def _faults_in_use(rule: Rule | Upgrade, condition: Condition, claims: list[str], book: RuleBook) -> list[str]:
    """Return the faults that only evaluation shows: CEL finds a wrong type no sooner, and `&&` may hide it."""
    probes = {name: _probes(name, rule, claims, book) for name in condition.names}
    if math.prod(map(len, probes.values())) > MOST_PROBES:
        return ["`when` speaks of too many facts at once to be checked"]
    if (parts := _parts(rule.when, book)) and all(_answers(part, probes) for part in parts):
        # So does the whole then, whatever the facts; and it holds only where each part of a single fact does.
        probes = {name: [value for value in probes[name] if _allow(parts, name, value)] for name in probes}
        return [] if any(condition.value(facts) for facts in _combined(probes)) else ["`when` can never hold"]
    holds = False
    for facts in _combined(probes):
        try:
            outcome = condition.value(facts)
        except (RuntimeError, TypeError, ValueError, KeyError) as error:
            return [f"`when` cannot be evaluated where {facts}: {error}"]
        if not isinstance(outcome, bool):
            return [f"`when` gives {outcome!r}, neither true nor false, where {facts}"]
        holds = holds or outcome
    return [] if holds else ["`when` can never hold"]


def _parts(when: str, book: RuleBook) -> list[Condition]:
    """Return the parts of a condition; none where they cannot stand alone."""
    try:
        return [Condition.compile(part, book.policy) for part in conjuncts(when)]
    except ConditionInvalid:
        return []


def _answers(part: Condition, probes: Mapping[str, list[Any]]) -> bool:
    """Whether a part of a condition is true or false, whatever its own facts are."""
    try:
        return all(
            isinstance(part.value(facts), bool) for facts in _combined({name: probes[name] for name in part.names})
        )
    except (RuntimeError, TypeError, ValueError, KeyError):
        return False


def _allow(parts: Sequence[Condition], name: str, value: Any) -> bool:
    """Whether the parts that use no other fact hold where the fact `name` is `value`."""
    return all(part.value({name: value}) for part in parts if part.names == (name,))


def _combined(probes: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """Return all combinations of the values."""
    for values in product(*probes.values()):
        yield dict(zip(probes, values, strict=True))


def _probes(name: str, rule: Rule | Upgrade, claims: list[str], book: RuleBook) -> list[Any]:
    """Return values of a fact on every side of what the condition compares it with; None where it may be unknown."""
    fact = FACTS.get(name)
    if fact is None:
        return example_search.around(list(literals(rule.when, book.policy)))
    probes: list[Any]
    if name == "category":
        probes = claims
    elif fact.type is bool:
        probes = [True, False]
    elif fact.type is float:
        probes = example_search.around(list(literals(rule.when, book.policy)))
    else:
        probes = list(fact.values) or ["", *texts(rule.when)]
    return [*probes, None] if fact.nullable and name not in rule.requires else probes


def _template_faults(entry: Rule | Upgrade | Fallback, requires: frozenset[str], book: RuleBook) -> list[str]:
    """Return the faults of a reason: it may name facts that are known whenever its rule applies, and policy figures."""
    reason = entry.reason
    known = {name for name, fact in FACTS.items() if not fact.nullable} | requires | book.history.keys()
    try:
        parsed = [part for text in (reason.zh, reason.en) for part in Formatter().parse(text)]
        fields = {field for _, field, _, _ in parsed if field}
        allowed = known | {f"policy[{name}]" for name in book.policy}
        found = [f"`reason` speaks of {field}, which may be unknown" for field in sorted(fields - allowed)]
        found += [f"`reason` formats as {form}" for _, _, form, _ in parsed if form and not _FORM.fullmatch(form)]
        if not found:
            examples: Mapping[str, Any] = {name: fact.type() for name, fact in FACTS.items()}
            reason.filled({**examples, **dict.fromkeys(book.history, 0.0)}, book.policy)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        return [f"`reason` is no template: {error}"]
    return found


def _together(book: RuleBook) -> Iterator[Fault]:
    """Return the faults of rules beside others: one that never decides, and two that would decide the same event."""
    for number, (at, rule) in enumerate(_placed(book)):
        compiled = book.compiled[rule.code]
        if not example_search.decides(compiled, book):
            yield (*at, "when"), "never decides: a stricter rule always comes before it"
        for earlier in book.deciding[:number]:
            if earlier.level is not rule.level or earlier.code in rule.yields_to or rule.code in earlier.yields_to:
                continue
            overlap = example_search.overlap(book.compiled[earlier.code], compiled, book)
            if overlap is not None:
                where = example_search.describe(overlap, book.compiled[earlier.code], compiled)
                yield (
                    at,
                    f"overlaps with {earlier.code}: both hold where {where}; say which one `yields_to` the other",
                )
