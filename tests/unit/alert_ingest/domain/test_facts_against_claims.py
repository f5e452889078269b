"""The facts decide in both directions: a claim that its own facts contradict falls to what they show."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alert_ingest.domain.grading import Grade, grade
from services.alert_ingest.domain.history import Counted
from shared.contract.events import AnomalyEvent, Level
from tests.unit.alert_ingest.domain.anomalies import BOOK, CODE, anomaly, marked, mean
from tests.unit.alert_ingest.domain.test_grading import anomalies

FURNACE = "incinerator_furnace_temperature_low"
KEPT = "furnace_temperature_record"


def cold(observed: float | None, limit: float | None = 850.0, period: str | None = "minute") -> AnomalyEvent:
    return anomaly(FURNACE, hours=1 / 12, period=period, observed=observed, limit=limit)


def graded(event: AnomalyEvent, **counts: float) -> Grade:
    if not counts:
        return grade(event, BOOK)
    history = {name: Counted(counts.get(name, 0.0)) for name in BOOK.history}
    return grade(event, BOOK, history=history)


def doubts(outcome: Grade) -> dict[str, str]:
    return {doubt.code: doubt.en for doubt in outcome.doubts}


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        pytest.param(cold(900.0), "white_record", id="a furnace at 900 against 850"),
        pytest.param(cold(850.0), "white_record", id="exactly at the limit"),
        pytest.param(cold(900.0, None), "white_record", id="900, against the policy's 850"),
        pytest.param(cold(900.0, period="day"), "white_record", id="the day's report contradicts itself"),
        pytest.param(cold(800.0), KEPT, id="once is not more than five times"),
        pytest.param(cold(800.0, None), KEPT, id="once, against the policy's limit"),
        pytest.param(cold(800.0, period=None), KEPT, id="one value without a period"),
        pytest.param(mean("permitted_total_exceedance", "hour", 61.0), "white_record", id="no total is of an hour"),
        pytest.param(mean("permitted_total_exceedance", "day", 61.0), "white_record", id="nor of a day"),
        pytest.param(
            anomaly("data_zero_or_negative", hours=3, observed=12.0), "white_record", id="neither zero nor negative"
        ),
        *(
            pytest.param(
                anomaly(category, hours=hours, valid_count=24, expected_count=24),
                "white_record",
                id=f"all of {category}",
            )
            for category, hours in [("data_missing_prolonged", 30), ("data_missing", 5), ("short_data_gap", 1)]
        ),
        pytest.param(anomaly("data_constant_prolonged", hours=2), "white_record", id="constant for two hours only"),
        pytest.param(anomaly("data_constant_prolonged", hours=5), "data_constant", id="constant for five"),
        pytest.param(
            anomaly("calibration_overdue", observed=5.0, limit=7.0), "white_record", id="calibrated five days ago"
        ),
        pytest.param(mean("valid_data_rate_low", "month", 95.0, None, unit="%"), "white_record", id="95 per cent"),
        pytest.param(mean("data_out_of_range", "hour", 50.0), "white_record", id="inside the range"),
        pytest.param(anomaly("equipment_fault_unmarked", hours=3), "white_record", id="no fault is flagged"),
    ],
)
def test_a_contradicted_claim_falls_and_the_doubt_says_what_contradicts_it(event: AnomalyEvent, rule: str) -> None:
    outcome = graded(event)
    assert outcome.grading.rule == rule
    assert "category-contradicted" in doubts(outcome)


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        pytest.param(cold(None, None, None), FURNACE, id="the platform's claim of a furnace too cold"),
        pytest.param(cold(800.0, period="day"), FURNACE, id="the day's report"),
        pytest.param(anomaly("calibration_due", observed=8.0, limit=7.0), "calibration_overdue", id="overdue, not due"),
        *(
            pytest.param(mean("permitted_total_exceedance", period, 61.0), "permitted_total_exceedance", id=period)
            for period in ("month", "quarter", "year")
        ),
        pytest.param(anomaly("data_zero_or_negative", hours=3, observed=0.0), "data_zero_or_negative", id="zero"),
        pytest.param(anomaly("data_zero_or_negative", hours=3, observed=-2.0), "data_zero_or_negative", id="below it"),
        pytest.param(
            anomaly("data_missing", hours=5, valid_count=20, expected_count=24), "data_missing", id="some of it missing"
        ),
    ],
)
def test_what_the_facts_show_is_graded(event: AnomalyEvent, rule: str) -> None:
    assert graded(event).grading.rule == rule


def test_a_furnace_too_cold_for_the_sixth_time_in_a_day_is_red() -> None:
    fifth = graded(cold(800.0), furnace_means_of_day=5.0)
    assert (fifth.level, fifth.grading.rule) == (Level.WHITE, KEPT)
    assert "当日第 5 次" in fifth.grading.reason.zh
    sixth = graded(cold(800.0), furnace_means_of_day=6.0)
    assert (sixth.level, sixth.grading.rule) == (Level.RED, FURNACE)
    assert graded(cold(900.0), furnace_means_of_day=6.0).level is Level.WHITE


def test_the_doubt_names_the_value_and_the_limit() -> None:
    text = doubts(graded(cold(900.0)))["category-contradicted"]
    assert "900" in text
    assert "850" in text


@given(
    st.floats(0, 2_000),
    st.none() | st.floats(0, 2_000),
    st.sampled_from([None, "minute", "hour", "day"]),
    st.integers(0, 20),
)
def test_no_furnace_at_its_limit_or_above_is_ever_red(
    observed: float, limit: float | None, period: str | None, times: int
) -> None:
    outcome = graded(cold(observed, limit, period), furnace_means_of_day=float(times))
    is_cold = observed < (850.0 if limit is None or limit <= 0 else limit)  # a limit that cannot be one is none
    assert (outcome.level is Level.RED) == (is_cold and (period == "day" or times > 5))


@given(anomalies)
def test_a_marking_or_flag_that_takes_a_grade_down_is_to_be_reviewed(event: AnomalyEvent) -> None:
    if event.data.limit is not None and event.data.limit <= 0:  # what that takes down is a promise of its own, below
        event = event.model_copy(update={"data": event.data.model_copy(update={"limit": None})})
    outcome = grade(event, BOOK)
    clean = event.model_copy(
        update={
            "data": event.data.model_copy(
                update={"marking": None, "flag": "N" if event.data.flag in {"F", "M", "C", "?"} else event.data.flag}
            )
        }
    )
    without = grade(clean, BOOK).level
    lowered = without.rank > outcome.level.rank
    assert outcome.grading.unmarked_level == (without if lowered else None)
    assert ("marking-to-review" in doubts(outcome)) == lowered


@pytest.mark.parametrize("limit", [0.0, -0.0, -5.0, -1e300])
@pytest.mark.parametrize(
    ("category", "period"),
    [
        ("gas_daily_mean_exceedance", "day"),
        ("gas_hourly_mean_severe_exceedance", "hour"),
        ("gas_hourly_mean_repeated_exceedance", "hour"),
        ("permitted_total_exceedance", "month"),
    ],
)
def test_a_limit_that_cannot_be_one_shows_no_exceedance_and_asks_a_person(
    category: str, period: str, limit: float
) -> None:
    outcome = grade(mean(category, period, 122.0, limit), BOOK)
    assert (outcome.level, outcome.grading.rule) == (Level.WHITE, "white_record")
    assert outcome.grading.unmarked_level in {Level.YELLOW, Level.RED}
    assert {"limit-senseless", "limit-to-review"} <= doubts(outcome).keys()
    assert "limit" not in outcome.grading.facts


@given(anomalies)
def test_no_senseless_limit_ever_makes_an_exceedance(event: AnomalyEvent) -> None:
    limit, pollutant = event.data.limit, event.data.pollutant
    if limit is None or limit > 0 or (pollutant is not None and pollutant.code == "w01001"):
        return
    outcome = grade(event, BOOK)
    assert "exceedance" not in outcome.grading.rule
    without = grade(event.model_copy(update={"data": event.data.model_copy(update={"limit": None})}), BOOK)
    assert (outcome.level, outcome.grading.rule) == (without.level, without.grading.rule)
    assert ("limit-senseless" in doubts(outcome)) == (not event.data.category.startswith("voc_"))


def test_a_temperature_or_a_pressure_of_working_conditions_may_have_a_limit_below_zero() -> None:
    outcome = grade(anomaly("voc_working_condition_abnormal", observed=-3.0, limit=-5.0, unit="Pa"), BOOK)
    assert (outcome.level, doubts(outcome)) == (Level.YELLOW, {})
    ph = grade(mean("water_hourly_mean_exceedance", "hour", 9.5, 0.0, pollutant={"code": "w01001"}), BOOK)
    assert (ph.level, doubts(ph)) == (Level.YELLOW, {})


def test_a_furnace_with_a_limit_that_cannot_be_one_is_measured_by_the_policys() -> None:
    assert graded(cold(800.0, 0.0), furnace_means_of_day=6.0).level is Level.RED
    assert graded(cold(900.0, 0.0), furnace_means_of_day=6.0).level is Level.WHITE


@pytest.mark.parametrize("marking", [marked("start_up"), marked("fault")])
def test_what_would_be_red_without_its_marking_says_so(marking: dict[str, Any]) -> None:
    outcome = grade(mean("gas_daily_mean_exceedance", "day", 61.2, marking=marking), BOOK)
    assert (outcome.level, outcome.grading.unmarked_level) == (Level.WHITE, Level.RED)


def test_an_outlet_may_have_a_share_of_valid_data_of_its_own() -> None:
    event = mean("gas_daily_mean_exceedance", "day", 61.2, valid_count=20, expected_count=24)
    permit = mean("gas_daily_mean_exceedance", "day", 61.2, valid_count=20, expected_count=24, outlet={"code": "da1"})
    assert grade(event, BOOK).level is Level.RED
    stricter = BOOK.but(valid_shares={"a440306000001": 0.9, f"{CODE}/DA1": 0.9})
    for one in (event, permit):
        outcome = grade(one, stricter)
        assert outcome.level is Level.WHITE
        assert "valid-share-low" in doubts(outcome)
    assert (
        grade(mean("gas_daily_mean_exceedance", "day", 61.2, outlet={"mn": "M", "medium": "gas"}), stricter).level
        is Level.RED
    )


@given(anomalies)
def test_an_unknown_marking_is_never_silently_without_effect(event: AnomalyEvent) -> None:
    known = {"start_up", "shut_down", "calibration", "fault", "maintenance"}
    given_kind = event.data.marking and event.data.marking.kind
    assert ("marking-unknown" in doubts(grade(event, BOOK))) == (given_kind is not None and given_kind not in known)
