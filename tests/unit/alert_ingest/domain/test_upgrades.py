"""What happened before, or did not after: every upgrade and every rule that counts, firing and just not firing."""

from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alert_ingest.domain.event_facts import Evidence, LaterFacts, facts_of
from services.alert_ingest.domain.explained import level_by
from services.alert_ingest.domain.grading import Grade, grade, known_facts
from services.alert_ingest.domain.history import Counted
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.rules import Rule, Wording
from shared.contract.events import AnomalyEvent, Level
from tests.unit.alert_ingest.domain.anomalies import BOOK, anomaly, mean
from tests.unit.alert_ingest.domain.test_grading import HOURLY, SEVERE, anomalies

YELLOW, WHITE = mean(HOURLY, "hour", 61.0), mean("minute_spike", "minute", 61.0)
REPEATED, CLAIMED = "gas_hourly_mean_repeated_exceedance", "water_hourly_mean_repeated_exceedance"
WATER = mean("water_hourly_mean_exceedance", "hour", 61.0)
FURNACE = "incinerator_furnace_temperature_low"
COLD = anomaly(FURNACE, hours=1 / 12, period="minute", observed=800.0, limit=850.0)
EARLIER = UUID(int=1)


class Case(NamedTuple):
    """A fact at the value from which on `rule` decides, and at the one just short of it."""

    rule: str
    event: AnomalyEvent
    level: Level
    fact: str
    at: float
    just_not: float
    classification: tuple[str, ...] = ()


CASES = [
    Case("white_repeated", WHITE, Level.YELLOW, "same_category_24h", 3, 2),
    Case("white_repeated", WHITE, Level.YELLOW, "same_category_24h", 2, 1, ("special_supervision",)),
    Case("white_repeated", WHITE, Level.YELLOW, "same_category_24h", 2, 1, ("voc_c",)),
    Case("white_repeated", WHITE, Level.YELLOW, "same_category_24h", 3, 2, ("voc_a", "key_unit")),
    Case("yellow_repeated", YELLOW, Level.RED, "yellow_7d", 3, 2),
    Case("yellow_repeated", YELLOW, Level.RED, "yellow_7d", 2, 1, ("special_supervision",)),
    Case("yellow_repeated", YELLOW, Level.RED, "yellow_7d", 2, 1, ("voc_c",)),
    Case("yellow_unanswered", YELLOW, Level.RED, "unanswered_hours", 24, 23.999),
    Case("yellow_report_untrue", YELLOW, Level.RED, "report_untrue", True, False),
    Case(REPEATED, YELLOW, Level.RED, "consecutive_exceeding_hours", 3, 2),
    Case(REPEATED, YELLOW, Level.RED, "exceeding_hours_of_day", 6, 5),
    Case(CLAIMED, WATER, Level.RED, "consecutive_exceeding_hours", 3, 2),
    Case(CLAIMED, WATER, Level.RED, "exceeding_hours_of_day", 6, 5),
    Case(FURNACE, COLD, Level.RED, "furnace_means_of_day", 6, 5),
]


def graded(case: Case, value: float) -> Grade:
    if case.fact in LaterFacts._fields:
        later = LaterFacts(value) if case.fact == "unanswered_hours" else LaterFacts(report_untrue=bool(value))
        return grade(case.event, BOOK, classification=case.classification, later=later)
    history = {name: Counted(1.0 if "yellow" in name else 0.0) for name in BOOK.history}
    history[case.fact] = Counted(float(value), (EARLIER,))
    return grade(case.event, BOOK, classification=case.classification, history=history)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.fact}-{'+'.join(case.classification)}")
def test_it_fires_at_the_threshold_and_not_just_short_of_it(case: Case) -> None:
    before, after = graded(case, case.just_not), graded(case, case.at)
    assert (after.level, after.grading.rule) == (case.level, case.rule)
    assert before.level.rank < case.level.rank
    assert case.rule in {one["rule"] for one in before.grading.considered}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.fact}")
def test_it_names_the_alerts_and_the_facts_that_it_counted(case: Case) -> None:
    grading = graded(case, case.at).grading
    assert grading.causes == ([] if case.fact in LaterFacts._fields else [EARLIER])
    assert grading.facts[case.fact] == case.at
    shown = "不实" if case.at is True else f"{case.at:g}"
    assert shown in grading.reason.zh or case.rule in BOOK.by_code


def test_every_upgrade_and_every_history_fact_has_its_case() -> None:
    assert {upgrade.code for upgrade in BOOK.upgrades} <= {case.rule for case in CASES}
    assert BOOK.history.keys() <= {case.fact for case in CASES}


def test_an_upgraded_alert_keeps_its_category_and_says_what_it_was() -> None:
    outcome = graded(CASES[4], 3)
    assert outcome.name.zh == "废气小时均值超标"
    assert (outcome.grading.own_rule, outcome.grading.upgraded_from) == (HOURLY, Level.YELLOW)
    assert outcome.response == "on_site"
    assert "黄色预警重复升级：同一排放口7日内第 3 次黄色预警" in outcome.grading.reason.zh


def test_what_is_no_evidence_is_not_upgraded_however_often_it_is_said() -> None:
    history = {name: Counted(99.0) for name in BOOK.history}
    marked = mean(HOURLY, "hour", 61.0, flag="C")
    record = mean(HOURLY, "hour", 10.0)
    assert [grade(event, BOOK, history=history).level for event in (marked, record)] == [Level.WHITE, Level.WHITE]


GAP = anomaly("short_data_gap", hours=2)
WHITES = {
    "approaching_limit": mean("approaching_limit", "hour", 45.0),
    "calibration_due": anomaly("calibration_due"),
    "voc_working_condition_reminder": anomaly("voc_working_condition_reminder"),
    "marked_abnormal": mean(HOURLY, "hour", 61.0, flag="C"),
    "short_data_gap": GAP,
    "minute_spike": WHITE,
    "communication_retry": anomaly("communication_retry"),
}


def test_only_anomalies_lift_a_reminder_and_what_is_lawful_never_does() -> None:
    history = {name: Counted(99.0) for name in BOOK.history}
    assert {code: grade(event, BOOK).grading.rule for code, event in WHITES.items()} == {code: code for code in WHITES}
    assert set(WHITES) == {rule.code for rule in BOOK.rules if rule.level is Level.WHITE}
    lifted = {code for code, event in WHITES.items() if grade(event, BOOK, history=history).level is not Level.WHITE}
    assert lifted == {"short_data_gap", "minute_spike", "communication_retry"}


@pytest.mark.parametrize("later", [LaterFacts(unanswered_hours=24.0), LaterFacts(report_untrue=True)])
def test_a_yellow_made_of_whites_turns_red_for_what_came_later(later: LaterFacts) -> None:
    history = {name: Counted(0.0) for name in BOOK.history} | {"same_category_24h": Counted(3.0, (EARLIER,))}
    outcome = grade(GAP, BOOK, history=history, later=later)
    assert outcome.level is Level.RED
    assert (outcome.grading.own_rule, outcome.grading.upgraded_from) == ("short_data_gap", Level.WHITE)
    assert outcome.grading.rule in {"yellow_unanswered", "yellow_report_untrue"}
    assert outcome.grading.causes == [EARLIER]
    assert "24小时内第 3 次同类预警" in outcome.grading.reason.zh
    assert set(outcome.grading.facts) >= {"same_category_24h", "window_hours"}


def test_a_yellow_stays_one_for_silence_whatever_became_of_what_made_it_so() -> None:
    """One of the whites was dismissed since, say; the alert stands at yellow."""
    later = LaterFacts(unanswered_hours=24.0)
    assert grade(GAP, BOOK, later=later).level is Level.WHITE
    assert grade(GAP, BOOK, later=later, standing=Level.YELLOW).level is Level.RED
    assert grade(GAP, BOOK, standing=Level.YELLOW).level is Level.WHITE


def test_one_upgrade_never_feeds_the_next() -> None:
    history = {name: Counted(99.0) for name in BOOK.history}
    assert grade(GAP, BOOK, history=history).level is Level.YELLOW


def test_a_platform_that_counts_for_itself_is_believed() -> None:
    assert grade(mean(REPEATED, "hour", 50.1), BOOK).grading.rule == REPEATED


def test_the_positive_list_is_met_off_site_first_and_the_grade_stands() -> None:
    event = mean(SEVERE, "hour", 120.0)
    listed = grade(event, BOOK, classification=["positive_list"])
    assert (listed.level, listed.response) == (Level.RED, "off_site_first")
    assert grade(event, BOOK).response == "on_site"


# --- properties -----------------------------------------------------------------------------------------------------

histories = st.fixed_dictionaries({name: st.integers(0, 10).map(float) for name in BOOK.history})
classifications = st.sets(st.sampled_from(["key_unit", "positive_list", "special_supervision", "voc_a", "voc_c"]))


@given(anomalies, histories, histories, classifications)
def test_more_history_never_lowers_a_grade(
    event: AnomalyEvent, one: dict[str, float], other: dict[str, float], classification: set[str]
) -> None:
    def level(counts: dict[str, float]) -> int:
        history = {name: Counted(value) for name, value in counts.items()}
        return grade(event, BOOK, classification=classification, history=history).level.rank

    assert level({name: max(one[name], other[name]) for name in one}) >= max(level(one), level(other))


@given(anomalies, histories, classifications, st.floats(0, 48))
def test_the_level_alone_is_the_grades_level(
    event: AnomalyEvent, counts: dict[str, float], classification: set[str], hours: float
) -> None:
    history = {name: Counted(value) for name, value in counts.items()}
    facts = known_facts(event, BOOK, classification, history, LaterFacts(hours))
    outcome = grade(
        event, BOOK, classification=classification, history=history, later=LaterFacts(unanswered_hours=hours)
    )
    assert level_by(facts, BOOK) is outcome.level


@given(anomalies)
def test_what_was_stored_is_read_in_brief_with_the_same_facts(event: AnomalyEvent) -> None:
    brief = Evidence.model_validate_json(event.data.model_dump_json())
    assert facts_of(brief, BOOK.policy) == facts_of(event.data, BOOK.policy)


def with_another(when: str, category: str, level: Level) -> RuleBook:
    words = Wording(zh="另一条", en="another")
    families = BOOK.by_code[category].families
    rule = Rule(
        code="another",
        name=words,
        stated=False,
        when=when,
        reason=words,
        source="a test",
        families=families,
        media=["gas", "water", "other"],
        level=level,
    )
    return BOOK.but(rules=[*BOOK.rules, rule])


BOOKS = {
    (when, level): {family: with_another(when, family, level) for family in (HOURLY, "data_missing", "minute_spike")}
    for when in ("valid", "excused", 'period == "hour"', "key_unit", "same_category_24h >= 2.0", "ratio != null")
    for level in (Level.YELLOW, Level.RED)
}


@given(
    anomalies,
    histories,
    classifications,
    st.sampled_from(sorted(BOOKS)),
    st.sampled_from([HOURLY, "data_missing", "minute_spike"]),
)
def test_a_further_rule_never_lowers_a_grade(
    event: AnomalyEvent,
    counts: dict[str, float],
    classification: set[str],
    condition: tuple[str, Level],
    family: str,
) -> None:
    history: dict[str, Any] = {name: Counted(value) for name, value in counts.items()}
    before = grade(event, BOOK, classification=classification, history=history).level
    after = grade(event, BOOKS[condition][family], classification=classification, history=history).level
    assert after.rank >= before.rank


def test_an_event_of_a_claim_only_category_is_not_touched_by_history() -> None:
    history = {name: Counted(99.0) for name in BOOK.history}
    assert grade(anomaly("bypass_discharge"), BOOK, history=history).grading.causes == []
