"""Grading: the promises of the catalogue, what a grade says of itself, and that every event gets one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from services.alert_ingest.domain.grading import Grade, grade
from shared.contract.events import AnomalyEvent, Level
from tests.unit.alert_ingest.domain.anomalies import BOOK, CODE, PH, anomaly, marked, mean

DAILY, HOURLY = "gas_daily_mean_exceedance", "gas_hourly_mean_exceedance"
SEVERE = "gas_hourly_mean_severe_exceedance"
EXCEEDANCES = {code for code in BOOK.categories if "exceedance" in code}


def graded(event: AnomalyEvent) -> Grade:
    return grade(event, BOOK)


def doubts(event: AnomalyEvent) -> set[str]:
    return {doubt.code for doubt in graded(event).doubts}


@pytest.mark.parametrize(
    ("event", "level", "rule", "stated", "doubted"),
    [
        pytest.param(mean(HOURLY, "hour", 120.0), "red", SEVERE, False, set(), id="2.4 times the limit"),
        pytest.param(mean(HOURLY, "hour", 61.0), "yellow", HOURLY, False, set(), id="1.22 times the limit"),
        pytest.param(mean(DAILY, "day", 61.2), "red", DAILY, True, set(), id="day above"),
        pytest.param(
            mean(DAILY, "day", 45.0),
            "white",
            "approaching_limit",
            False,
            {"category-contradicted", "not-above-limit"},
            id="day close to the limit",
        ),
        pytest.param(
            mean(DAILY, "day", 10.0),
            "white",
            "white_record",
            False,
            {"category-contradicted", "not-above-limit"},
            id="day far below",
        ),
        pytest.param(
            mean(DAILY, "day", 61.2, flag="C"),
            "white",
            "marked_abnormal",
            False,
            {"category-contradicted", "marking-to-review"},
            id="day while calibrating",
        ),
        pytest.param(
            mean(SEVERE, "hour", 61.0), "yellow", HOURLY, False, {"category-contradicted"}, id="severe claimed, not so"
        ),
        pytest.param(
            mean("approaching_limit", "day", 10.0),
            "white",
            "white_record",
            False,
            {"category-contradicted"},
            id="a white claim may be contradicted too",
        ),
        pytest.param(
            mean(DAILY, "day", None), "white", "white_record", False, {"category-contradicted"}, id="no value"
        ),
        pytest.param(
            mean(DAILY, "day", 61.2, outlet={"mn": "M", "medium": "water"}),
            "white",
            "white_record",
            False,
            {"category-contradicted"},
            id="a gas claim at a water outlet",
        ),
        pytest.param(
            anomaly("monitoring_equipment_stopped", marking=marked("maintenance")),
            "red",
            "monitoring_equipment_stopped",
            False,
            set(),
            id="the operator's own marking is no approval to stop",
        ),
    ],
)
def test_the_facts_decide_not_the_claim(
    event: AnomalyEvent, level: str, rule: str, stated: bool, doubted: set[str]
) -> None:
    outcome = graded(event)
    assert (outcome.level, outcome.grading.rule, outcome.grading.stated) == (level, rule, stated)
    assert doubts(event) == doubted


@pytest.mark.parametrize(
    ("event", "doubt"),
    [
        (mean(DAILY, "day", 61.2, flag=None), "flag-missing"),
        (mean(DAILY, "day", 61.2, flag="T"), "flag-over-range"),
        (mean(DAILY, "day", 61.2, valid_count=17, expected_count=24), "valid-share-low"),
        (mean(DAILY, "day", 61.2, pollutant={"code": "a99999"}), "pollutant-unknown"),
        (mean(DAILY, "day", 61.2, enterprise={"code": CODE[:-1] + "A"}), "credit-code-check"),
        (mean(DAILY, "day", 50.0), "not-above-limit"),
        (mean("water_hourly_mean_exceedance", "hour", 7.0, pollutant=PH), "not-above-limit"),
        (anomaly("data_missing", hours=5).model_copy(update={"subject": "another"}), "subject-differs"),
        (mean(DAILY, "day", 61.2, marking=marked("holiday")), "marking-unknown"),
        (mean(DAILY, "day", 61.2, marking=marked("start_up", " ")), "marking-without-reason"),
        (mean(DAILY, "day", 61.2, marking=marked("start_up")), "marking-to-review"),
        (mean(DAILY, "day", 61.2, flag="M"), "marking-to-review"),
        (mean(DAILY, "day", 61.2, flag="Q"), "flag-unknown"),
        (mean(DAILY, "day", 61.2, flag="Q"), "marking-to-review"),
        (mean(DAILY, "day", 61.2, flag="Q", marking=marked("holiday")), "marking-to-review"),
        (mean(DAILY, "day", 61.2, -5.0), "limit-senseless"),
        (mean(DAILY, "day", 61.2, 0.0), "limit-to-review"),
        (mean(DAILY, "day", 61.2, valid_count=25, expected_count=24), "more-valid-than-expected"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_unlikely_is_said(event: AnomalyEvent, doubt: str) -> None:
    assert doubt in doubts(event)
    assert doubt not in doubts(mean(DAILY, "day", 61.2, pollutant={"code": "a21026"}))


@pytest.mark.parametrize("kind", ["start_up", "shut_down", "calibration", "fault", "maintenance"])
def test_a_valid_marking_removes_the_evidence_and_one_without_reason_does_not(kind: str) -> None:
    assert graded(mean(DAILY, "day", 61.2, marking=marked(kind))).grading.rule == "marked_abnormal"
    assert graded(mean(DAILY, "day", 61.2, marking=marked(kind, ""))).grading.rule == DAILY
    assert graded(mean(DAILY, "day", 61.2, marking=marked("holiday"))).grading.rule == DAILY


def test_without_a_medium_the_pollutants_code_tells() -> None:
    event = mean(DAILY, "day", 61.2, outlet={"mn": "M"}, pollutant={"code": "w01018"})
    assert graded(event).grading.rule == "white_record"
    assert graded(mean(DAILY, "day", 61.2, outlet={"mn": "M"}, pollutant={"code": "a21026"})).grading.rule == DAILY


def test_a_grade_shows_the_facts_that_decided_and_no_others() -> None:
    event = mean(DAILY, "day", 61.2, evidence=[{"kind": "curve"}], valid_count=24, expected_count=24)
    assert graded(event).grading.facts == {
        "category": DAILY,
        "medium": "gas",
        "period": "day",
        "observed": 61.2,
        "limit": 50.0,
        "exceeds": True,
        "flag": "N",
        "marked": False,
        "valid_share": 1.0,
        "valid": True,
    }


def test_a_record_shows_every_known_fact() -> None:
    facts = graded(mean(DAILY, "day", 10.0)).grading.facts
    assert {"ratio", "window_hours", "excused"} <= facts.keys()
    assert facts["ratio"] == 0.2


def test_the_reason_is_a_sentence_with_the_figures() -> None:
    reason = graded(
        mean(HOURLY, "hour", 120.0, unit="mg/m3", pollutant={"code": "a21026", "name": "二氧化硫"})
    ).grading.reason
    assert reason.zh == (
        "废气小时均值严重超标：有效小时均值为限值的 2.40 倍，达到 2 倍（二氧化硫实测 120 mg/m3，限值 50 mg/m3）。"
    )
    assert reason.en.startswith("Exhaust-gas hourly mean far above the limit: the valid hourly mean is 2.40 times")


def test_why_no_stricter_rule_applied_is_kept() -> None:
    considered = graded(mean(HOURLY, "hour", 61.0)).grading.considered
    assert [one["rule"] for one in considered] == [
        SEVERE,
        "gas_hourly_mean_repeated_exceedance",
        "yellow_repeated",
        "yellow_unanswered",
        "yellow_report_untrue",
    ]
    assert considered[0]["en"] == "ratio must be at least 2 and is 1.22"
    assert considered[0]["zh"] == "要求“实测值与限值之比”不低于 2，实际为 1.22"
    assert considered[2]["en"] == "yellow_7d must be at least 3 and is 1"
    assert (considered[0]["name"]["zh"], considered[0]["stated"]) == ("废气小时均值严重超标", False)
    [daily] = graded(mean(DAILY, "day", None)).grading.considered[:1]
    assert daily["stated"] is True
    assert (daily["rule"], daily["level"], daily["en"]) == (DAILY, "red", "unknown: exceeds")


@pytest.mark.parametrize(
    ("event", "rule", "zh", "en"),
    [
        (
            mean("water_hourly_mean_exceedance", "hour", 61.0),
            "water_hourly_mean_severe_exceedance",
            "要求“实测值与限值之比”不低于 2，实际为 1.22",
            "ratio must be at least 2 and is 1.22",
        ),
        (
            mean("water_hourly_mean_exceedance", "hour", 9.5, None, pollutant=PH),
            "water_hourly_mean_severe_exceedance",
            "要求“实测值”低于 5，实际为 9.5；或要求“实测值”高于 10，实际为 9.5",
            "observed must be below 5 and is 9.5; or observed must be above 10 and is 9.5",
        ),
        (
            mean("valid_data_rate_low", "month", 0.95, None, unit="1"),
            "valid_data_rate_low",
            "要求未给出“单位”，实际为 1；或要求“单位”为 %，实际为 1",
            "unit must not be given and is 1; or unit must be % and is 1",
        ),
        (
            mean(HOURLY, "minute", 10.0),
            HOURLY,
            "要求“数据周期”为 小时均值，实际为 分钟值",
            "period must be hour and is minute",
        ),
        (
            mean(DAILY, "day", 61.2, outlet={"mn": "M", "medium": "water"}),
            DAILY,
            "介质为废水，不适用",
            "not for the medium water",
        ),
    ],
)
def test_a_condition_with_branches_is_told_by_the_one_that_counts(
    event: AnomalyEvent, rule: str, zh: str, en: str
) -> None:
    shown = next(one for one in graded(event).grading.considered if one["rule"] == rule)
    assert (shown["zh"], shown["en"]) == (zh, en)


def test_a_ratio_beyond_numbers_is_unknown_and_the_exceedance_stands() -> None:
    outcome = graded(mean(HOURLY, "hour", 1e308, 1e-10))
    assert outcome.grading.rule == HOURLY
    assert from_json(to_json(outcome.grading))["facts"]["observed"] == 1e308


# --- properties -----------------------------------------------------------------------------------------------------

numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.floats(0, 130)
counts = st.none() | st.integers(0, 30)
pollutants = st.none() | st.sampled_from(["a21026", "w01018", "w01001", "a34013", "zz"]).map(
    lambda code: {"code": code}
)
media = st.sampled_from(["gas", "water", "other", None]).map(lambda medium: {"mn": "M", "medium": medium})
markings = st.none() | st.builds(
    marked, st.sampled_from(["start_up", "calibration", "fault", "holiday"]), st.sampled_from(["有记录", "", None])
)
details: dict[str, st.SearchStrategy[Any]] = {
    "hours": st.none() | st.floats(0, 800),
    "outlet": media,
    "pollutant": pollutants,
    "period": st.sampled_from([None, "realtime", "minute", "hour", "day", "month", "quarter", "year"]),
    "observed": numbers,
    "limit": numbers,
    "unit": st.sampled_from([None, "%", "mg/m3"]),
    "flag": st.sampled_from([None, "N", "F", "M", "S", "D", "C", "T", "B", "?"]),
    "marking": markings,
    "valid_count": counts,
    "expected_count": counts,
}
anomalies = st.builds(anomaly, st.sampled_from(sorted(BOOK.categories)), **details)


@given(anomalies)
def test_every_event_gets_a_grade_that_explains_itself(event: AnomalyEvent) -> None:
    outcome = graded(event)
    rule = outcome.grading.rule
    assert outcome.level is (BOOK.by_code[rule].level if rule in BOOK.by_code else Level.WHITE)
    assert outcome.grading.reason.zh.endswith("。")
    assert "{" not in outcome.grading.reason.zh + outcome.grading.reason.en
    assert all(Level(one["level"]).rank > outcome.level.rank for one in outcome.grading.considered)
    assert not any(sign in one["zh"] for one in outcome.grading.considered for sign in ("条件不成立", "&&", "policy."))
    assert from_json(to_json(outcome.grading, inf_nan_mode="constants"), allow_inf_nan=False)["rule"] == rule


@given(anomalies)
def test_the_same_event_gets_the_same_grade(event: AnomalyEvent) -> None:
    again = AnomalyEvent.model_validate_json(event.model_dump_json())
    assert graded(event) == graded(again)


@given(anomalies)
def test_data_that_is_no_evidence_never_makes_an_exceedance(event: AnomalyEvent) -> None:
    grading = graded(event).grading
    if grading.rule in EXCEEDANCES:
        assert grading.facts["valid"]
        assert grading.facts["flag"] in {"N", "T"}
        assert not grading.facts["marked"]


@given(anomalies)
def test_only_a_grade_below_or_beside_the_claim_contradicts_it(event: AnomalyEvent) -> None:
    outcome = graded(event)
    claimed = BOOK.by_code[event.data.category]
    contradicted = outcome.grading.rule != claimed.code and outcome.level.rank <= claimed.level.rank
    assert ("category-contradicted" in doubts(event)) == contradicted


@given(
    st.sampled_from([HOURLY, DAILY, SEVERE]), st.sampled_from(["hour", "day"]), st.lists(st.floats(0, 500), min_size=2)
)
def test_a_higher_value_is_never_graded_lower(category: str, period: str, values: list[float]) -> None:
    levels = [graded(mean(category, period, value)).level.rank for value in sorted(values)]
    assert levels == sorted(levels)
