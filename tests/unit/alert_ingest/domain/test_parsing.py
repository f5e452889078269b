"""What is usable, what is refused and why, and when two events are the same."""

from base64 import b64encode
from codecs import BOM_UTF8
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from services.alert_ingest.domain.parsing import Received, heartbeat, receive
from shared.contract.cloudevents import Refused, structured_form
from shared.time.instants import SHANGHAI

NOW = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "5d1c",
    "source": "/platforms/sz-auto-monitoring",
    "type": "cn.tricolor.anomaly.detected.v1",
    "subject": "91440300MA5EXAMPLE",
    "time": "2026-11-23T09:05:00+08:00",
    "datacontenttype": "application/json",
    "data": {
        "category": "gas_daily_mean_exceedance",
        "enterprise": {"code": "91440300MA5EXAMPLE", "name": "深圳某某电子有限公司"},
        "outlet": {"mn": "A440306000001", "code": "DA001", "name": "锅炉废气排放口", "medium": "gas"},
        "district": "440306",
        "pollutant": {"code": "a21026", "name": "二氧化硫"},
        "period": "day",
        "window": {"start": "2026-11-22T00:00:00+08:00", "end": "2026-11-23T00:00:00+08:00"},
        "observed": 61.2,
        "limit": 50.0,
        "unit": "mg/m3",
        "flag": "N",
        "marking": None,
        "evidence": [{"kind": "curve", "href": "https://platform.example/curves/1"}],
        "note": "",
    },
}


def read(event: dict[str, Any] | bytes) -> Received:
    body = event if isinstance(event, bytes) else to_json(event)
    return receive(
        body,
        now=NOW,
        categories={"gas_daily_mean_exceedance", "data_missing"},
        future_tolerance=timedelta(minutes=10),
        limit=256 * 1024,
    )


def changed(**data: Any) -> dict[str, Any]:
    return EVENT | {"data": EVENT["data"] | data}


def test_the_contracts_example_is_usable() -> None:
    received = read(EVENT)
    assert received.identity == ("/platforms/sz-auto-monitoring", "5d1c")
    assert received.occurrence.outlet == "A440306000001"
    assert received.occurrence.occurred_at == datetime(2026, 11, 22, tzinfo=SHANGHAI)


def test_unknown_fields_are_kept_and_ignored() -> None:
    received = read(changed(future_field={"x": 1}) | {"traceparent": "00-ab"})
    assert from_json(received.body)["data"]["future_field"] == {"x": 1}


def test_an_outlet_without_mn_is_known_within_its_enterprise() -> None:
    assert read(changed(outlet={"code": "DA001"})).occurrence.outlet == "91440300MA5EXAMPLE/DA001"


def test_without_a_window_the_events_time_tells_when() -> None:
    received = read(changed(window=None))
    assert received.occurrence.occurred_at == datetime(2026, 11, 23, 9, 5, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        pytest.param(b"\x00", "not-json", id="bytes"),
        pytest.param(b"[" * 10_000, "not-json", id="deep nesting"),
        pytest.param(b'{"specversion":"1.0","x":1e999}', "not-json", id="infinite number"),
        pytest.param(b'{"specversion":"1.0","x":"\\u0000"}', "not-json", id="NUL"),
        pytest.param(b'{"specversion":"1.0","x":"\\ud800"}', "not-json", id="lone surrogate"),
        pytest.param(b"[]", "not-cloudevents", id="an array"),
        pytest.param(EVENT | {"specversion": "0.3"}, "invalid-event", id="old CloudEvents"),
        pytest.param(EVENT | {"id": ""}, "invalid-event", id="empty id"),
        pytest.param(EVENT | {"type": "cn.tricolor.anomaly.detected.v2"}, "unknown-type", id="other version"),
        pytest.param(changed(category="noise"), "unknown-category", id="category"),
        pytest.param(changed(observed="61.2"), "invalid-event", id="number as text"),
        pytest.param(changed(observed=True), "invalid-event", id="number as boolean"),
        pytest.param(changed(window={"start": "2026-11-22T00:00:00"}), "invalid-event", id="naive time"),
        pytest.param(changed(window={"start": 1764000000}), "invalid-event", id="time as number"),
        pytest.param(
            changed(window={"start": "2026-11-22T01:00:00Z", "end": "2026-11-22T00:00:00Z"}),
            "invalid-event",
            id="window backwards",
        ),
        pytest.param(changed(outlet={"name": "排放口"}), "invalid-event", id="outlet without identity"),
        pytest.param(changed(enterprise={}), "invalid-event", id="enterprise without code"),
        pytest.param(changed(period="decade"), "invalid-event", id="unknown period"),
        pytest.param({**changed(window=None), "time": None}, "invalid-event", id="no instant at all"),
        pytest.param(EVENT | {"time": "2026-11-23T09:15:01+08:00"}, "time-in-future", id="future"),
        pytest.param(changed(note="x" * 300_000), "too-large", id="too large"),
    ],
)
def test_what_is_refused_says_why(event: dict[str, Any] | bytes, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(event)
    assert refusal.value.code == code
    assert refusal.value.detail


def test_a_time_at_the_tolerance_is_taken() -> None:
    read(EVENT | {"time": "2026-11-23T09:15:00+08:00"})


def test_binary_mode_is_the_same_event() -> None:
    attributes = [
        (f"ce_{name}", str(EVENT[name]).encode()) for name in ("specversion", "id", "source", "type", "subject", "time")
    ]
    binary = read(structured_form(to_json(EVENT["data"]), [*attributes, ("content-type", b"application/json")]))
    structured = read(EVENT)
    assert binary.identity == structured.identity
    assert binary.content_hash == structured.content_hash


TRACE = ("ce_traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
IN_BASE64 = {name: value for name, value in EVENT.items() if name != "data"} | {
    "data_base64": b64encode(to_json(EVENT["data"])).decode()
}


@pytest.mark.parametrize(
    ("event", "headers"),
    [
        pytest.param(EVENT, [TRACE], id="structured beside a trace"),
        pytest.param(
            EVENT,
            [("ce_specversion", b"1.0"), ("Content-Type", b"application/cloudevents+json; charset=utf-8")],
            id="the content type decides",
        ),
        pytest.param(EVENT, [("content-type", b" Application/CloudEvents+JSON")], id="in any case"),
        pytest.param(EVENT, [("content-type", b"application/json"), TRACE], id="structured, said to be plain JSON"),
        pytest.param(EVENT, [("content-type", None)], id="a content type without value"),
        pytest.param(BOM_UTF8 + to_json(EVENT), [], id="byte order mark"),
        pytest.param(IN_BASE64, [], id="base64"),
        pytest.param(BOM_UTF8 + to_json(IN_BASE64), [TRACE], id="base64 after a byte order mark"),
    ],
)
def test_structured_mode_in_any_form_is_the_same_event(
    event: dict[str, Any] | bytes, headers: list[tuple[str, bytes | None]]
) -> None:
    body = event if isinstance(event, bytes) else to_json(event)
    received = read(structured_form(body, headers))
    assert (received.identity, received.content_hash) == (read(EVENT).identity, read(EVENT).content_hash)


def test_binary_mode_may_begin_with_a_byte_order_mark() -> None:
    headers = [(f"ce-{name}", str(EVENT[name]).encode()) for name in ("specversion", "id", "source", "type", "subject")]
    body = BOM_UTF8 + to_json(EVENT["data"])
    assert read(structured_form(body, headers)).event.data == read(EVENT).event.data


def test_words_inside_the_data_are_no_data_in_base64() -> None:
    event = changed(future_field={"data_base64": "of no concern"})
    assert structured_form(to_json(event), []) == to_json(event)


@pytest.mark.parametrize(
    ("event", "code"),
    [
        pytest.param(IN_BASE64 | {"data": EVENT["data"]}, "not-cloudevents", id="data twice"),
        pytest.param(IN_BASE64 | {"data_base64": "not base64!"}, "not-cloudevents", id="not base64"),
        pytest.param(IN_BASE64 | {"data_base64": 17}, "not-cloudevents", id="a number"),
        pytest.param(IN_BASE64 | {"data_base64": "/w=="}, "not-json", id="not JSON inside"),
    ],
)
def test_data_in_base64_that_cannot_be_read_are_refused(event: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        structured_form(to_json(event), [])
    assert refusal.value.code == code


def test_the_order_of_fields_does_not_make_another_event_but_a_value_does() -> None:
    reordered = dict(reversed(list(EVENT.items()))) | {"data": dict(reversed(list(EVENT["data"].items())))}
    assert read(reordered).content_hash == read(EVENT).content_hash
    assert read(changed(observed=61.3)).content_hash != read(EVENT).content_hash


def test_a_platform_whose_clock_is_far_ahead_has_not_been_heard_until_then() -> None:
    """Else it would never again be silent: the latest instant would lie years ahead."""
    beat = {"specversion": "1.0", "id": "h1", "source": "/platforms/a", "type": "cn.tricolor.platform.heartbeat.v1"}
    with pytest.raises(Refused) as refusal:
        heartbeat(
            to_json(beat | {"time": "2099-01-01T00:00:00+08:00"}),
            now=NOW,
            future_tolerance=timedelta(minutes=10),
        )
    assert refusal.value.code == "time-in-future"


def test_a_heartbeat_says_no_more_than_who_and_when() -> None:
    beat = {"source": "/platforms/a", "type": "cn.tricolor.platform.heartbeat.v1", "time": "2026-11-22T00:00:00+08:00"}
    heard = heartbeat(to_json(beat), now=NOW, future_tolerance=timedelta(days=400))
    assert heard is not None
    assert (heard.source, heard.id) == ("/platforms/a", "")
    with pytest.raises(Refused):
        heartbeat(to_json({"type": beat["type"], "time": beat["time"]}), now=NOW, future_tolerance=timedelta(days=1))


def test_the_same_id_of_another_platform_is_another_event() -> None:
    assert read(EVENT | {"source": "/platforms/another"}).identity != read(EVENT).identity
