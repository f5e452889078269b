"""The rule book: the shipped one says what the catalogue says, and a bad one is refused with its reasons."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.alert_ingest.domain.event_facts import facts_of
from services.alert_ingest.domain.facts import FACTS
from services.alert_ingest.domain.rule_book.diff import changes
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK, RuleBookInvalid, load, parse, published
from services.alert_ingest.domain.rule_book.rules import Rule
from shared.contract.events import Level
from tests.unit.alert_ingest.domain.anomalies import BOOK, anomaly

Book = dict[str, Any]
TEXT = RULE_BOOK.read_text(encoding="utf-8")


def test_the_shipped_book_has_the_whole_catalogue() -> None:
    assert Counter(rule.level for rule in BOOK.rules) == {Level.RED: 18, Level.YELLOW: 12, Level.WHITE: 7}


def test_the_plan_itself_states_two_rules() -> None:
    assert [rule.code for rule in BOOK.rules if rule.stated] == [
        "gas_daily_mean_exceedance",
        "water_daily_mean_exceedance",
    ]


def test_the_public_book_has_the_contracts_names() -> None:
    public = BOOK.public()
    assert datetime.fromisoformat(public["effective_from"]).utcoffset() is not None
    assert public["responses"]["red"] == "on_site"
    assert (public["fallback"]["code"], public["fallback"]["level"], public["fallback"]["stated"]) == (
        "white_record",
        "white",
        False,
    )
    names = {"code", "category", "level", "stated", "name", "when", "source", "response"}
    assert all(names <= rule.keys() for rule in public["rules"])
    assert {rule["level"]: rule["response"] for rule in public["rules"]} == {
        "red": "on_site",
        "yellow": "self_report",
        "white": "notice",
    }


def candidates(category: str) -> list[Rule]:
    return [compiled.rule for compiled in BOOK.family(category).rules]


def test_candidates_are_the_families_rules_strictest_first_and_the_claims_own_first_among_equals() -> None:
    codes = [rule.code for rule in candidates("gas_hourly_mean_repeated_exceedance")]
    assert codes[:3] == [
        "gas_hourly_mean_repeated_exceedance",
        "gas_hourly_mean_severe_exceedance",
        "gas_hourly_mean_exceedance",
    ]
    for category in BOOK.categories:
        ranks = [rule.level.rank for rule in candidates(category)]
        assert ranks == sorted(ranks, reverse=True)


def test_every_documented_fact_is_there_and_no_other() -> None:
    assert facts_of(anomaly("bypass_discharge").data, BOOK.policy).keys() == FACTS.keys()


def test_a_fact_that_is_not_nullable_is_never_unknown() -> None:
    facts = facts_of(anomaly("bypass_discharge", flag=None, outlet={"mn": "M"}).data, BOOK.policy)
    assert all(fact.nullable or isinstance(facts[name], fact.type) for name, fact in FACTS.items())


def refused(text: str) -> list[str]:
    with pytest.raises(RuleBookInvalid) as refusal:
        parse(text)
    assert all(finding in str(refusal.value) for finding in refusal.value.findings)
    return refusal.value.findings


def with_rule(code: str, /, **changes: Any) -> Callable[[Book], None]:
    """A change to one rule; None takes the field away."""

    def change(book: Book) -> None:
        rule = next(rule for rule in book["rules"] if rule["code"] == code)
        rule |= changes
        for name in [name for name, value in changes.items() if value is None]:
            del rule[name]

    return change


def with_upgrade(code: str, /, **changes: Any) -> Callable[[Book], None]:
    return lambda book: next(one for one in book["upgrades"] if one["code"] == code).update(changes)


def with_record(**changes: Any) -> Callable[[Book], None]:
    return lambda book: book["records"][0].update(changes)


def with_history(name: str, /, **changes: Any) -> Callable[[Book], None]:
    return lambda book: book["history"][name].update(changes)


def with_book(**changes: Any) -> Callable[[Book], None]:
    return lambda book: book.update(changes)


def without_policy(name: str) -> Callable[[Book], None]:
    return lambda book: book["policy"].pop(name)


def twice(book: Book) -> None:
    book["rules"].append(book["rules"][-1])


def one_red_less(book: Book) -> None:
    del book["rules"][0]


BYPASS, DAILY = "bypass_discharge", "gas_daily_mean_exceedance"


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        pytest.param(with_rule(BYPASS, source=None), "rule bypass_discharge: source: Field required", id="no source"),
        pytest.param(with_rule(BYPASS, source=" "), "rule bypass_discharge: source: .*at least 1", id="blank source"),
        pytest.param(with_rule(BYPASS, level="orange"), "rule bypass_discharge: level: .*'red'", id="level"),
        pytest.param(with_rule(BYPASS, stated="yes"), "rule bypass_discharge: stated: .*boolean", id="stated"),
        pytest.param(with_rule(BYPASS, stated=None), "rule bypass_discharge: stated: Field required", id="not stated"),
        pytest.param(with_rule(BYPASS, media=["soil"]), "rule bypass_discharge: media.0", id="medium"),
        pytest.param(with_rule(BYPASS, families=[]), "rule bypass_discharge: families", id="no family"),
        pytest.param(with_rule(BYPASS, colour="red"), "rule bypass_discharge: colour: Extra", id="unknown field"),
        pytest.param(
            with_rule(BYPASS, name={"zh": "旁路"}), "rule bypass_discharge: name.en: Field", id="one language"
        ),
        pytest.param(with_rule(BYPASS, code=None), "rule number 17: code: Field required", id="no code"),
        pytest.param(with_rule(BYPASS, when="category =="), "rule bypass_discharge: `when` is no CEL", id="syntax"),
        pytest.param(
            with_rule(BYPASS, when="wind > 3.0"), "rule bypass_discharge: `when` uses wind", id="no such fact"
        ),
        pytest.param(
            with_rule(BYPASS, when='flag == "N" && f(flag)'),
            "rule bypass_discharge: `when` cannot be evaluated where .*'f'",
            id="no such function",
        ),
        pytest.param(with_rule(BYPASS, requires=["wind"]), "rule bypass_discharge: requires wind", id="requires"),
        pytest.param(with_rule(BYPASS, when="observed > 3.0"), "cannot be evaluated where .*None", id="may be unknown"),
        pytest.param(
            with_rule(
                DAILY, when='period == "hour" && valid && observed > "3"', requires=["period", "exceeds", "observed"]
            ),
            "rule gas_daily_mean_exceedance: `when` cannot be evaluated",
            id="wrong type behind &&",
        ),
        pytest.param(
            with_rule(DAILY, when='period == "hour" && policy.sever_ratio < 1.0'),
            "rule gas_daily_mean_exceedance: `when` uses policy.sever_ratio, which the policy does not have",
            id="no such figure, behind &&",
        ),
        pytest.param(
            with_rule(BYPASS, when="flag"), "rule bypass_discharge: `when` gives 'N', neither", id="no boolean"
        ),
        pytest.param(
            with_rule(DAILY, when='period == "dya"'), "mean_exceedance: `when` can never hold", id="vocabulary"
        ),
        pytest.param(
            with_rule(BYPASS, when='category == "false_marking"'),
            "rule bypass_discharge: `when` can never hold",
            id="a claim of another family",
        ),
        pytest.param(
            with_rule(BYPASS, when="window_hours > 5.0 && window_hours < 5.0", requires=["window_hours"]),
            "rule bypass_discharge: `when` can never hold",
            id="empty range",
        ),
        pytest.param(
            with_rule(
                BYPASS,
                requires=["observed", "limit", "ratio", "window_hours", "valid_share"],
                when=" && ".join(
                    f"{name} > {number}.0"
                    for number in range(1, 6)
                    for name in ("observed", "limit", "ratio", "window_hours", "valid_share")
                ),
            ),
            "rule bypass_discharge: `when` speaks of too many facts",
            id="too complicated",
        ),
        pytest.param(
            with_rule(BYPASS, reason={"zh": "{observed}", "en": "x"}),
            "rule bypass_discharge: `reason` speaks of observed, which may be unknown",
            id="reason unknown",
        ),
        pytest.param(
            with_rule(BYPASS, reason={"zh": "{flag.__class__}", "en": "x"}),
            "rule bypass_discharge: `reason` speaks of flag.__class__",
            id="reason reaches inside",
        ),
        pytest.param(
            with_rule(BYPASS, reason={"zh": "{", "en": "x"}), "bypass_discharge: `reason` is no", id="template"
        ),
        pytest.param(
            with_rule(BYPASS, reason={"zh": "{flag:g}", "en": "x"}),
            "bypass_discharge: `reason` is no",
            id="text as number",
        ),
        pytest.param(
            with_record(level="yellow"), "record furnace_temperature_record: level: is yellow", id="a record is white"
        ),
        pytest.param(
            with_record(code=DAILY), "record gas_daily_mean_exceedance: defined twice", id="a record with a rule's code"
        ),
        pytest.param(twice, "rule voc_working_condition_reminder: defined twice", id="twice"),
        pytest.param(
            with_rule(BYPASS, code="white_record"), "rule white_record: defined twice", id="the fallback's code"
        ),
        pytest.param(one_red_less, "red_categories.0: gas_daily_mean_exceedance is no red rule", id="17 reds"),
        pytest.param(
            with_rule("data_missing", level="red"),
            "rule data_missing: is red, but not among the declared",
            id="19 reds",
        ),
        pytest.param(
            with_rule(BYPASS, yields_to=["white"]), "bypass_discharge: yields_to: white is no rule", id="yields to none"
        ),
        pytest.param(
            with_rule("short_data_gap", yields_to=[]),
            "rule short_data_gap: overlaps with marked_abnormal|rule marked_abnormal: overlaps with short_data_gap",
            id="overlap",
        ),
        pytest.param(
            with_rule("data_out_of_range", yields_to=[]),
            "data_out_of_range: overlaps with gas_hourly_mean_exceedance: .* category = marked_abnormal, .* flag = T",
            id="an overlap of one claim and one flag",
        ),
        pytest.param(
            with_rule("gas_hourly_mean_severe_exceedance", yields_to=["gas_hourly_mean_repeated_exceedance"]),
            "severe_exceedance: yields_to: gas_hourly_mean_repeated_exceedance stands back for gas_hourly_mean_severe",
            id="each yields to the other",
        ),
        pytest.param(
            with_rule(
                "data_missing",
                when='category == "data_missing" && window_hours >= 24.0 && !marked'
                " && (valid_share == null || valid_share < 1.0)",
            ),
            "rule data_missing: when: never decides: a stricter rule always comes before it",
            id="no room left",
        ),
        pytest.param(with_upgrade("white_repeated", to="white"), "upgrade white_repeated: is no upgrade", id="no rise"),
        pytest.param(
            with_upgrade("white_repeated", never=["none"]), "white_repeated: never: none is no rule", id="never of none"
        ),
        pytest.param(
            with_upgrade("white_repeated", when="same_category_42h > 3.0"),
            "upgrade white_repeated: `when` uses same_category_42h, which is no fact",
            id="no such history",
        ),
        pytest.param(
            with_history("yellow_7d", within={"days": 7, "hours": 1}), "history.yellow_7d.within: .*one of", id="spans"
        ),
        pytest.param(with_history("yellow_7d", within={"days": 0}), "history.yellow_7d.within.days", id="empty span"),
        pytest.param(with_history("yellow_7d", counts="alarms"), "history.yellow_7d.counts", id="counts what"),
        pytest.param(
            lambda book: book["history"].update(flag=book["history"]["yellow_7d"]),
            "history.flag: is the name of a fact of the event",
            id="a fact's name",
        ),
        pytest.param(without_policy("valid_share"), "policy: valid_share is missing", id="a figure that facts rest on"),
        pytest.param(with_book(policy={"valid_share": "0.75"}), "policy.valid_share: .*number", id="figure as text"),
        pytest.param(with_book(policy={"valid_share": float("nan")}), "policy.valid_share: .*finite", id="no figure"),
        pytest.param(with_book(responses={"red": "on_site"}), "responses: none for white", id="responses"),
        pytest.param(with_book(effective_from=datetime(2026, 1, 1)), "effective_from: .*timezone", id="naive"),  # noqa: DTZ001  what is refused
        pytest.param(with_book(version=7), "version: .*string", id="version"),
    ],
)
def test_a_bad_book_is_refused_with_the_rule_and_the_fault(change: Callable[[Book], None], finding: str) -> None:
    book = yaml.safe_load(TEXT)
    change(book)
    findings = refused(yaml.safe_dump(book, allow_unicode=True))
    assert any(re.search(finding, one) for one in findings), findings


@pytest.mark.parametrize("number", range(12))
def test_what_a_version_is_called_is_no_fault(number: int) -> None:
    book = yaml.safe_load(TEXT) | {"version": f"candidate-{number}"}
    assert parse(yaml.safe_dump(book, allow_unicode=True)).version == f"candidate-{number}"


def test_a_rule_that_others_leave_a_narrow_gap_decides_in_it() -> None:
    book = yaml.safe_load(TEXT)
    with_rule(
        DAILY,
        when='period == "day" && valid && exceeds && observed != 73.25',
        requires=["period", "exceeds", "observed"],
    )(book)
    with_rule(
        "minute_spike", families=["gas_daily"], when="observed == 73.25 && exceeds != null && exceeds && !excused"
    )(book)
    with_rule("minute_spike", requires=["observed"])(book)
    assert parse(yaml.safe_dump(book, allow_unicode=True))


def test_a_book_that_was_published_is_read_whatever_a_later_release_finds_amiss() -> None:
    book = yaml.safe_load(TEXT)
    with_rule("data_out_of_range", yields_to=[])(book)
    text = yaml.safe_dump(book, allow_unicode=True)
    assert refused(text)
    assert published(text).version == BOOK.version
    with pytest.raises(RuleBookInvalid):
        published("- no book")


def test_every_fault_is_told_at_once() -> None:
    book = yaml.safe_load(TEXT)
    with_rule(BYPASS, when="wind > 3.0")(book)
    with_rule(DAILY, when="category ==")(book)
    assert len(refused(yaml.safe_dump(book))) == 2


def test_a_finding_names_the_file_the_line_and_the_rule(tmp_path: Path) -> None:
    path = tmp_path / "candidate.yaml"
    path.write_text(TEXT.replace('when: category == "bypass_discharge"', "when: wind > 3.0"), encoding="utf-8")
    line = 1 + TEXT[: TEXT.index("  - code: bypass_discharge")].count("\n")
    with pytest.raises(RuleBookInvalid) as refusal:
        load(path)
    assert refusal.value.findings == [
        f"candidate.yaml:{line}: rule bypass_discharge: `when` uses wind, which is no fact"
    ]


def test_a_key_given_twice_is_refused() -> None:
    assert any("version: given twice" in finding for finding in refused(TEXT + "\nversion: again\n"))


def test_what_changes_is_told_by_rule_and_field_and_moving_a_rule_is_no_change() -> None:
    book = yaml.safe_load(TEXT)
    with_rule(BYPASS, source="another law")(book)
    book["policy"]["severe_ratio"] = 3.0
    book["rules"].reverse()
    book["version"] = "next"
    del book["upgrades"][0]
    after = parse(yaml.safe_dump(book, allow_unicode=True))
    changed = {one["where"]: (one["before"], one["after"]) for one in changes(BOOK, after)}
    assert changed["policy.severe_ratio"] == (2.0, 3.0)
    assert changed["rules.bypass_discharge.source"][1] == "another law"
    assert changed["upgrades.white_repeated"][1] is None
    assert len(changed) == 3
    assert changes(BOOK, BOOK) == []


@pytest.mark.parametrize("text", ["", "- a list", "just text", "{unclosed: ["])
def test_what_is_no_book_is_refused(text: str) -> None:
    assert refused(text)


def test_a_book_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(TEXT, encoding="utf-8")
    assert load(path) == BOOK
