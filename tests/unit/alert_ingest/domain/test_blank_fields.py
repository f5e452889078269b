"""Platforms that fill every field of their form: what is null or blank counts as absent, and 18.0 is 18."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from shared.contract.cloudevents import Refused, id_of, structured_form
from shared.contract.events import AnomalyData, AnomalyEvent
from tests.unit.alert_ingest.domain.test_parsing import EVENT, changed, read

BLANKS: list[Any] = [None, "", "  ", "\u3000"]
OPTIONAL = [name for name, field in AnomalyData.model_fields.items() if not field.is_required()]


@pytest.mark.parametrize("name", OPTIONAL)
@pytest.mark.parametrize("blank", BLANKS)
def test_every_optional_field_may_be_blank(name: str, blank: Any) -> None:
    without = EVENT | {"data": {key: value for key, value in EVENT["data"].items() if key != name}}
    assert read(changed(**{name: blank})).event.data == read(without).event.data


@pytest.mark.parametrize(
    ("name", "nested"),
    [
        ("pollutant", {"code": ""}),
        ("pollutant", {"code": None, "name": " "}),
        ("pollutant", {}),
        ("marking", {"kind": "", "reason": None}),
        ("window", {"start": "", "end": ""}),
        ("window", {"start": None}),
        ("evidence", []),
        ("evidence", [None]),
        ("evidence", [{}]),
    ],
)
def test_what_says_nothing_inside_is_blank_too(name: str, nested: Any) -> None:
    assert read(changed(**{name: nested})).event.data == read(changed(**{name: None})).event.data


def test_the_blanks_within_are_absent() -> None:
    data = read(
        changed(
            enterprise={"code": EVENT["data"]["enterprise"]["code"], "name": ""},
            outlet={"mn": "", "code": "DA001", "medium": "", "name": None},
            window={"start": EVENT["data"]["window"]["start"], "end": ""},
        )
    ).event.data
    assert (data.enterprise.name, data.outlet.mn, data.outlet.medium) == (None, None, None)
    assert data.window is not None
    assert data.window.end is None


def test_the_envelopes_blanks_are_absent() -> None:
    event = read(EVENT | {"subject": "", "time": "", "datacontenttype": None}).event
    assert (event.subject, event.time) == (None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"category": ""},
        {"enterprise": {"code": " "}},
        {"outlet": {"mn": "", "code": None}},
        {"pollutant": {"code": "", "name": "二氧化硫"}},  # two of these would be taken for one anomaly
        {"marking": {"kind": "", "reason": "校准"}},  # whether it removes evidence hangs on the kind
        {"window": {"start": "", "end": "2026-11-23T00:00:00+08:00"}},
        {"valid_count": 18.5},
        {"valid_count": "18"},
        {"valid_count": True},
        {"expected_count": -1.0},
    ],
)
def test_what_is_needed_or_half_said_is_still_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="data"):
        read(changed(**changes))


@given(st.integers(0, 10**6))
def test_integers_may_come_with_a_point(count: int) -> None:
    body = to_json(changed(valid_count=float(count), expected_count=count))
    assert b".0" in body
    data = AnomalyEvent.model_validate_json(body).data
    assert (data.valid_count, data.expected_count) == (count, count)
    assert type(data.valid_count) is int


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (to_json(EVENT), "5d1c"),
        (to_json({"id": "only"}), "only"),
        (to_json(EVENT | {"type": 7}), "5d1c"),
        (to_json(EVENT | {"id": 7}), None),
        (to_json(EVENT | {"id": "a\x00"}), None),
        (b'{"id": "x", "data": {"observed": NaN}}', "x"),
        (b"[1]", None),
        (b"{", None),
    ],
)
def test_the_id_is_told_wherever_there_is_one(body: bytes, expected: str | None) -> None:
    assert id_of(body) == expected


def test_in_binary_mode_the_id_stands_beside_a_body_that_is_not_json() -> None:
    with pytest.raises(Refused) as refused:
        structured_form(b"{", [("ce-specversion", b"1.0"), ("ce-id", b"5d1c")])
    assert refused.value.members["id"] == "5d1c"
