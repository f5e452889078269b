"""What is remembered of conditions and explanations is what CEL says anew, whatever was asked before."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alert_ingest.domain.event_facts import derived
from services.alert_ingest.domain.explained import explained, explained_anew, level_of
from services.alert_ingest.domain.facts import FACTS, FactValue
from services.alert_ingest.domain.rule_book.candidates import explanation_of
from services.alert_ingest.domain.rule_book.compiled import CompiledRule
from services.alert_ingest.domain.rule_book.conditions import Condition, conjuncts
from services.alert_ingest.domain.rule_book.explanations import Part
from services.alert_ingest.domain.rule_book.rules import Rule
from shared.contract.events import Level
from tests.unit.alert_ingest.domain.anomalies import BOOK

NUMBERS = [0.0, -0.0, 0.8, 1.0, 2.0, 3.0, 4.0, 6.0, 9.0, 24.0, 50.0, 90.0, 850.0]
numbers = st.one_of(st.sampled_from(NUMBERS), st.floats(-1e6, 1e6))


def _values(name: str) -> st.SearchStrategy[FactValue]:
    fact = FACTS[name]
    known: st.SearchStrategy[Any] = {
        str: st.sampled_from(fact.values or ["a21026", "w01001", "%", "calibration"]),
        float: numbers,
        bool: st.booleans(),
    }[fact.type]
    if name == "category":
        known = st.sampled_from(sorted(BOOK.categories))
    return st.none() | known if fact.nullable else known


given_facts = st.fixed_dictionaries(
    {name: _values(name) for name in FACTS}
    | {name: st.sampled_from([0.0, 1.0, 2.0, 3.0, 6.0]) for name in BOOK.history}
)
facts = given_facts.map(lambda known: known | derived(known, BOOK.policy))
COMPILED: list[CompiledRule[Any]] = [
    *BOOK.compiled.values(),
    *(one for rule in BOOK.deciding for one in BOOK.upgrades_of(rule.level, rule.code).rules),
]


def plainly_holds(rule: Any, known: dict[str, FactValue]) -> bool:
    if any(known[name] is None for name in rule.requires):
        return False
    return Condition.compile(rule.when, BOOK.policy).value(known) is True


@given(facts)
def test_the_decision_is_the_plain_one(known: dict[str, FactValue]) -> None:
    category, medium = str(known["category"]), known["medium"]
    rules = [one.rule for one in BOOK.family(category).rules if medium is None or medium in one.rule.media]
    plainly = next((rule for rule in rules if plainly_holds(rule, known)), BOOK.fallback)
    decided = BOOK.decide(known)
    assert decided is plainly
    for one in BOOK.upgrades_of(level_of(decided), decided.code).rules:
        assert one.applies(known) is plainly_holds(one.rule, known)


@given(facts, st.sampled_from(COMPILED))
def test_the_explanation_is_the_one_built_anew(known: dict[str, FactValue], one: CompiledRule[Any]) -> None:
    if one.missing(known):
        return
    anew = [Part.of(source, BOOK.policy, BOOK.glossary, BOOK.names) for source in conjuncts(one.rule.when)]
    unmet = next((part for part in anew if part.condition.value(known) is not True), None)
    failing = one.failing(known)
    assert (failing is None) is (unmet is None)
    if failing is not None and unmet is not None:
        assert failing.unmet(known) == unmet.unmet(known)


@given(facts)
def test_what_is_settled_without_figures_is_what_all_facts_say(known: dict[str, FactValue]) -> None:
    family = BOOK.family(str(known["category"]))
    upgrades = BOOK.upgrades_of(level_of(BOOK.decide(known)), BOOK.decide(known).code)
    for one in (*family.tried(known), *upgrades.tried(known)):
        why_not = explanation_of(one.compiled, known)
        if why_not is None and (failing := one.compiled.failing(known)) is not None:
            why_not = failing.unmet(known)
        if one.applies is not None:
            assert (one.applies, one.why_not) == (why_not is None, why_not)
        if one.considered is not None:
            assert why_not is not None
            assert one.considered == {**one.compiled.named, "zh": why_not.zh, "en": why_not.en}


@given(facts, st.sampled_from(Level))
def test_what_is_kept_for_a_shape_is_what_is_explained_anew(known: dict[str, FactValue], standing: Level) -> None:
    kept, anew = explained(known, BOOK, standing), explained_anew(known, BOOK, standing)
    assert (kept.decided, kept.level, kept.upgrades, kept.counts) == (
        (anew.decided, anew.level, anew.upgrades, anew.counts)
    )
    assert kept.facts_used == anew.facts_used
    assert [one.said(known) for one in kept.considered] == [one.said(known) for one in anew.considered]


def test_minus_zero_is_written_as_it_is() -> None:
    part = Part.of("observed > 1.0", {}, BOOK.glossary, BOOK.names)
    assert [part.unmet({"observed": value}).en[-2:] for value in (0.0, -0.0, 0.0)] == [" 0", "-0", " 0"]


@pytest.mark.parametrize(
    ("when", "held"),
    [
        pytest.param("observed > limit && limit != null", False, id="what cannot be compared, and is not to be"),
        pytest.param("limit != null && observed > limit", False, id="the same the other way round"),
        pytest.param("observed > 1 && limit == null", True, id="a whole number"),
    ],
)
def test_a_part_that_cannot_be_evaluated_leaves_it_to_the_whole(when: str, held: bool) -> None:
    rule = next(iter(BOOK.compiled.values())).rule
    one: CompiledRule[Rule] = CompiledRule.of(
        rule.model_copy(update={"when": when}), BOOK.policy, BOOK.glossary, BOOK.names
    )
    failing = one.failing({"observed": 2.0, "limit": None})
    assert (failing is None) is held
    assert failing is None or failing.condition.source == "limit != null"
