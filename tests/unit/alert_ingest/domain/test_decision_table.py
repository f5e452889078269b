"""Every rule of the book: a case in which it decides, and one just short of it with what decides instead."""

from typing import NamedTuple

import pytest

from services.alert_ingest.domain.grading import grade
from shared.contract.events import AnomalyEvent
from tests.unit.alert_ingest.domain.anomalies import BOOK, PH, anomaly, marked, mean

RECORD = BOOK.fallback.code


class Case(NamedTuple):
    rule: str
    fires: AnomalyEvent
    just_not: AnomalyEvent
    instead: str


SO2 = {"code": "a21026", "name": "二氧化硫"}
LEAD = {"code": "a20044", "name": "铅"}
CALIBRATION = marked("calibration")


def _exceedances(medium: str) -> list[Case]:
    daily, hourly = f"{medium}_daily_mean_exceedance", f"{medium}_hourly_mean_exceedance"
    severe, repeated = f"{medium}_hourly_mean_severe_exceedance", f"{medium}_hourly_mean_repeated_exceedance"
    return [
        Case(daily, mean(daily, "day", 50.1), mean(daily, "day", 50.0), "approaching_limit"),
        Case(daily, mean(daily, "day", 61.2), mean(daily, "hour", 61.2), RECORD),
        Case(daily, mean(daily, "day", 61.2, flag="T"), mean(daily, "day", 61.2, flag="S"), "equipment_fault_unmarked"),
        Case(
            daily,
            mean(daily, "day", 61.2, valid_count=75, expected_count=100),
            mean(daily, "day", 61.2, valid_count=74, expected_count=100),
            RECORD,
        ),
        Case(severe, mean(hourly, "hour", 100.0), mean(hourly, "hour", 99.9), hourly),
        Case(severe, mean(severe, "hour", 100.0), mean(severe, "hour", 99.9), hourly),
        Case(repeated, mean(repeated, "hour", 50.1), mean(repeated, "hour", 50.0), "approaching_limit"),
        Case(repeated, mean(repeated, "hour", 120.0), mean(hourly, "hour", 50.1), hourly),
        Case(hourly, mean(hourly, "hour", 50.1), mean(hourly, "hour", 50.0), "approaching_limit"),
        Case(
            hourly,
            mean("approaching_limit", "hour", 51.0, outlet={"mn": "M", "medium": medium}),
            mean("approaching_limit", "hour", 49.0, outlet={"mn": "M", "medium": medium}),
            "approaching_limit",
        ),
    ]


def _evidence() -> list[Case]:
    """An exceedance of the wrong period, or by data that is no evidence, is none."""
    hourly = [
        f"{medium}_hourly_mean_{kind}exceedance" for medium in ("gas", "water") for kind in ("", "severe_", "repeated_")
    ]
    daily = ["gas_daily_mean_exceedance", "water_daily_mean_exceedance", "incinerator_daily_mean_exceedance"]
    periods = [("hour", "day", hourly), ("day", "hour", daily), ("minute", "month", ["minute_spike"])]
    cases = []
    for period, other, codes in periods:
        for code in codes:
            observed = 120.0 if "severe" in code else 61.0
            pollutant = SO2 if "incinerator" in code else None
            fires = mean(code, period, observed, pollutant=pollutant)
            cases += [
                Case(code, fires, mean(code, other, observed, pollutant=pollutant), RECORD),
                Case(code, fires, mean(code, period, observed, pollutant=pollutant, flag="C"), "marked_abnormal"),
            ]
    total = "permitted_total_exceedance"
    return [
        *cases,
        Case(total, mean(total, "month", 61.0), mean(total, "month", 61.0, flag="C"), "marked_abnormal"),
        Case(
            "approaching_limit",
            mean("approaching_limit", "hour", 45.0),
            mean("approaching_limit", "hour", 45.0, valid_count=74, expected_count=100),
            RECORD,
        ),
    ]


def _claims() -> list[Case]:
    """Rules whose evidence is the platform's claim: another claim, whatever its facts, does not bring them about."""
    reds = [
        "false_marking",
        "analyser_parameter_changed",
        "sampling_interference",
        "monitoring_equipment_stopped",
        "bypass_discharge",
        "treatment_facility_idle",
    ]
    others = [*reds[1:], reds[0]]
    return [Case(red, anomaly(red, marking=CALIBRATION), anomaly(o), o) for red, o in zip(reds, others, strict=True)]


def _excusable() -> list[Case]:
    """Claims that a marking with its reason, or the flag that says so, answers."""
    codes = [
        "incinerator_furnace_temperature_low",
        "data_step_change",
        "flow_inconsistent",
        "voc_working_condition_abnormal",
        "door_or_power_alarm",
    ]
    return [
        Case(
            code,
            anomaly(code, marking=marked("calibration", " ")),
            anomaly(code, marking=CALIBRATION),
            "marked_abnormal",
        )
        for code in codes
    ] + [Case(code, anomaly(code, flag="N"), anomaly(code, flag="M"), "marked_abnormal") for code in codes]


def _hours(code: str, threshold: float, instead: str, *, flag: str = "N") -> list[Case]:
    return [
        Case(
            code, anomaly(code, hours=threshold, flag=flag), anomaly(code, hours=threshold - 0.01, flag=flag), instead
        ),
        Case(code, anomaly(code, hours=threshold, flag=flag), anomaly(code, flag=flag), RECORD),
        Case(
            code,
            anomaly(code, hours=threshold, flag=flag),
            anomaly(code, hours=threshold, flag=flag, marking=CALIBRATION),
            "marked_abnormal",
        ),
    ]


CASES = [
    *_exceedances("gas"),
    *_exceedances("water"),
    Case(
        "water_daily_mean_exceedance",
        mean("water_daily_mean_exceedance", "day", 9.1, None, pollutant=PH),
        mean("water_daily_mean_exceedance", "day", 9.0, None, pollutant=PH),
        RECORD,
    ),
    Case(
        "water_hourly_mean_exceedance",
        mean("water_hourly_mean_exceedance", "hour", 5.9, None, pollutant=PH),
        mean("water_hourly_mean_exceedance", "hour", 6.0, None, pollutant=PH),
        RECORD,
    ),
    *(
        Case(
            "water_hourly_mean_severe_exceedance",
            mean("water_hourly_mean_exceedance", "hour", severe, 1.0, pollutant=PH),
            mean("water_hourly_mean_exceedance", "hour", not_severe, 1.0, pollutant=PH),
            "water_hourly_mean_exceedance",
        )
        for severe, not_severe in [(10.1, 10.0), (4.9, 5.0)]
    ),
    Case(
        "incinerator_daily_mean_exceedance",
        mean("incinerator_daily_mean_exceedance", "day", 50.1, pollutant=SO2),
        mean("incinerator_daily_mean_exceedance", "day", 50.0, pollutant=SO2),
        "approaching_limit",
    ),
    Case(
        "incinerator_daily_mean_exceedance",
        mean("incinerator_daily_mean_exceedance", "day", 50.1, pollutant=SO2),
        mean("incinerator_daily_mean_exceedance", "day", 50.1, pollutant=LEAD),
        "gas_daily_mean_exceedance",
    ),
    Case(
        "permitted_total_exceedance",
        mean("permitted_total_exceedance", "month", 50.1),
        mean("permitted_total_exceedance", "month", 50.0),
        RECORD,
    ),
    Case(
        "valid_data_rate_low",
        mean("valid_data_rate_low", "month", 89.9, None, unit="%"),
        mean("valid_data_rate_low", "month", 90.0, None, unit="%"),
        RECORD,
    ),
    Case(
        "valid_data_rate_low",
        mean("valid_data_rate_low", "month", 94.9, 95.0, unit="%"),
        mean("valid_data_rate_low", "month", 85.0, 85.0, unit="%"),
        RECORD,
    ),
    Case(
        "valid_data_rate_low",
        mean("valid_data_rate_low", "month", 89.9, None),
        mean("valid_data_rate_low", "month", 0.95, None, unit="1"),  # not the policy's per cent
        RECORD,
    ),
    *_evidence(),
    *_claims(),
    *_excusable(),
    *_hours("data_constant_prolonged", 24, "data_constant"),
    *_hours("data_missing_prolonged", 24, "data_missing"),
    *_hours("data_constant", 4, RECORD),
    *_hours("data_missing", 4, "short_data_gap"),
    *_hours("data_zero_or_negative", 2, RECORD),
    *_hours("equipment_fault_unmarked", 2, RECORD, flag="D"),
    Case(
        "data_constant_prolonged",
        anomaly("data_constant", hours=24),
        anomaly("data_constant", hours=23.9),
        "data_constant",
    ),
    Case(
        "equipment_fault_unmarked",
        anomaly("equipment_fault_unmarked", hours=2, flag="S"),
        anomaly("equipment_fault_unmarked", hours=2, flag="B"),
        RECORD,
    ),
    Case("data_out_of_range", mean("data_out_of_range", "hour", 50.1), mean("data_out_of_range", "hour", 50.0), RECORD),
    Case(
        "data_out_of_range",
        anomaly("data_out_of_range", flag="T"),
        anomaly("data_out_of_range", flag="T", marking=CALIBRATION),
        "marked_abnormal",
    ),
    Case("calibration_overdue", anomaly("calibration_overdue"), anomaly("calibration_due"), "calibration_due"),
    Case("calibration_due", anomaly("calibration_due"), anomaly("calibration_overdue"), "calibration_overdue"),
    Case("communication_retry", anomaly("communication_retry"), anomaly("data_missing", hours=1), "short_data_gap"),
    Case(
        "voc_working_condition_reminder",
        anomaly("voc_working_condition_reminder"),
        anomaly("voc_working_condition_abnormal"),
        "voc_working_condition_abnormal",
    ),
    Case(
        "marked_abnormal",
        anomaly("marked_abnormal", marking=CALIBRATION),
        anomaly("marked_abnormal", marking=marked("calibration", None)),
        RECORD,
    ),
    Case("marked_abnormal", anomaly("marked_abnormal", flag="C"), anomaly("marked_abnormal", flag="B"), RECORD),
    # A claim of many families whose only fact is a long window: hours of nothing in particular are no anomaly.
    Case(
        "marked_abnormal", anomaly("marked_abnormal", hours=30, flag="F"), anomaly("marked_abnormal", hours=30), RECORD
    ),
    Case(  # over range and above the limit: the exceedance is named, whatever was claimed
        "gas_hourly_mean_exceedance",
        mean("marked_abnormal", "hour", 50.1, flag="T"),
        mean("marked_abnormal", "hour", 50.0, flag="T"),
        "data_out_of_range",
    ),
    Case("marked_abnormal", anomaly("marked_abnormal", hours=1, flag="F"), anomaly("marked_abnormal", hours=1), RECORD),
    Case(
        "marked_abnormal",
        mean("marked_abnormal", "minute", 61.2, flag="M"),
        mean("marked_abnormal", "minute", 61.2),
        "minute_spike",
    ),
    Case("approaching_limit", mean("approaching_limit", "hour", 40.0), mean("approaching_limit", "hour", 39.9), RECORD),
    Case(
        "approaching_limit", mean("approaching_limit", "day", 50.0), mean("approaching_limit", "minute", 50.0), RECORD
    ),
    Case("minute_spike", mean("minute_spike", "minute", 50.1), mean("minute_spike", "minute", 50.0), RECORD),
    Case(
        "minute_spike", mean("minute_spike", "realtime", 50.1), mean("minute_spike", "minute", 50.1, flag="B"), RECORD
    ),
    Case("short_data_gap", anomaly("short_data_gap", hours=3.9), anomaly("short_data_gap", hours=4), "data_missing"),
    Case(
        "short_data_gap",
        anomaly("short_data_gap", hours=3.99, marking=CALIBRATION),
        anomaly("short_data_gap", hours=4, marking=CALIBRATION),
        "marked_abnormal",
    ),
    Case(
        RECORD,
        mean("gas_daily_mean_exceedance", "day", 39.9),
        mean("gas_daily_mean_exceedance", "day", 40.0),
        "approaching_limit",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{case.rule}" for number, case in enumerate(CASES)])
def test_a_rule_decides_up_to_its_edge_and_not_beyond(case: Case) -> None:
    assert grade(case.fires, BOOK).grading.rule == case.rule
    assert grade(case.just_not, BOOK).grading.rule == case.instead != case.rule


def test_the_table_has_every_rule() -> None:
    assert {case.rule for case in CASES} == {*BOOK.categories, RECORD}
