"""Alerts that are written plainly are read as the model of the contract reads them; all others are left to it."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contract.events import AlertGraded
from shared.contract.plain_alerts import plain_alert

ALERT: dict[str, Any] = {
    "alert_id": "0189f7a0-0000-7000-8000-000000000001",
    "level": "red",
    "category": "gas_daily_mean_exceedance",
    "category_name": {"zh": "日均值超标", "en": "daily mean above the limit"},
    "response": "on_site",
    "enterprise": {"code": "91440306MA5000001W", "name": "某厂"},
    "outlet": {"mn": "A4403060001", "code": "DA001", "name": "排放口", "medium": "gas"},
    "district": "440306",
    "pollutant": {"code": "a21026", "name": "二氧化硫"},
    "window": {"start": "2026-03-02T00:00:00+08:00", "end": "2026-03-03T00:00:00+08:00"},
    "observed": 61.2,
    "limit": 50,
    "unit": "mg/m3",
    "received_at": "2026-03-03T00:05:00+08:00",
    "issued_at": "2026-03-03T00:05:00.123456Z",
    "grading": {
        "rule": "r-1",
        "rule_book_version": "2026-11-28.1",
        "stated": True,
        "facts": {"ratio": 1.22, "flag": "N", "more": [1, {"a": None}]},
        "reason": {"zh": "超标", "en": "above"},
        "source": None,
        "considered": [{"rule": "r-2", "level": "red"}],
        "causes": ["0189f7a0-0000-7000-8000-000000000002"],
        "unmarked_level": "red",
    },
    "doubts": [{"code": "c", "zh": "疑", "en": "doubt"}],
    "marking": {"kind": "fault", "reason": "故障"},
    "flag": "N",
    "counted_on": None,
}
_PATHS = [
    (name, *inner)
    for name, value in ALERT.items()
    for inner in ((), *((key,) for key in (value if isinstance(value, dict) else ())))
]
_ODD = [
    *("", " ", "\t", " x ", "x ", "a b", "gas", "red", "RED", "1", "61.2", "true", "2026-03-03", "2026-03-03T00:05:00"),
    *(
        "2026-03-03T00:05+08:00",
        "20260303T000500Z",
        "2026-03-02T00:00:00-05:00",
        "ｄａ００１",
        "da001",
        "='x'",
        "x" * 65,
    ),
    *(
        "0189f7a0000070008000000000000001",
        0,
        1,
        -1,
        1.5,
        10**20,
        True,
        False,
        None,
        [],
        {},
        [1],
        {"code": "x"},
        {"zh": "x"},
    ),
]


def read_by_the_model(data: dict[str, Any]) -> AlertGraded | None:
    try:
        return AlertGraded.model_validate(data)
    except ValidationError:
        return None


def test_what_the_intake_writes_is_plain() -> None:
    alert = plain_alert(ALERT)
    assert alert is not None
    assert alert == AlertGraded.model_validate(ALERT)
    assert alert.model_dump_json() == AlertGraded.model_validate(ALERT).model_dump_json()
    assert alert.model_fields_set == AlertGraded.model_validate(ALERT).model_fields_set


@given(st.lists(st.tuples(st.sampled_from(_PATHS), st.sampled_from(_ODD)), max_size=3), st.sampled_from(_PATHS))
def test_whatever_is_read_is_what_the_model_reads(changes: list[tuple[tuple[str, ...], Any]], absent: Any) -> None:
    data = deepcopy(ALERT)
    for (*way, last), value in changes:
        part = data
        for name in way:
            part = part[name] if isinstance(part.get(name), dict) else {}
        part[last] = value
    for written in (data, {name: value for name, value in data.items() if name != absent[0]}):
        alert = plain_alert(written)
        assert alert is None or alert.model_dump_json() == getattr(read_by_the_model(written), "model_dump_json", str)()


@pytest.mark.parametrize(
    "change",
    [
        {"outlet": {"name": "without a number"}},
        {"window": {"start": "2026-03-03T00:00:00+08:00", "end": "2026-03-02T00:00:00+08:00"}},
        {"enterprise": {"code": " 91440306MA5000001W "}},
        {"alert_id": "x"},
        {"unknown": 1, "level": "pink"},
    ],
)
def test_what_is_not_plain_is_left_to_the_model(change: dict[str, Any]) -> None:
    assert plain_alert({**ALERT, **change}) is None
