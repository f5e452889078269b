"""An event that is read at once is the event that the contract's models read, and what is not plain is left to them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from services.alert_ingest.domain.parsing import content_of
from services.alert_ingest.domain.plain_events import read
from shared.contract.cloudevents import parse_json
from shared.contract.events import AnomalyEvent
from tests.unit.alert_ingest.domain.test_parsing import EVENT, changed

PLAIN = EVENT | {"data": EVENT["data"] | {"valid_count": 20, "expected_count": 24}}
SPARSE = {name: EVENT[name] for name in ("specversion", "id", "source", "type", "time")} | {
    "data": {"category": "data_missing", "enterprise": {"code": "9144"}, "outlet": {"code": "DA001"}}
}


def same(body: bytes) -> None:
    """What `read` makes of it is what the models make of it."""
    plain = read(body)
    if plain is None:
        return
    event = AnomalyEvent.model_validate_json(body)
    assert plain.event == event
    assert (plain.event.model_dump_json(), plain.event.model_extra) == (event.model_dump_json(), event.model_extra)
    assert plain.content == content_of(parse_json(body))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(PLAIN, id="everything"),
        pytest.param(SPARSE, id="only what must be"),
        pytest.param(PLAIN | {"traceparent": "00-1"}, id="an extension"),
        pytest.param(changed(colour="blue", more={"of": [1, {"it": None}]}), id="unknown fields"),
        pytest.param(changed(note='he said "no": twice'), id="a quote before a colon"),
        pytest.param(changed(evidence=[]), id="no evidence"),
        pytest.param(changed(observed=0, limit=-0.0), id="zeros"),
    ],
)
def test_a_plain_event_is_read_at_once(event: dict[str, Any]) -> None:
    body = to_json(event)
    assert read(body) is not None
    same(body)


@pytest.mark.parametrize(
    "event",
    [
        changed(enterprise={"code": "91440300ma5example"}),
        changed(outlet={"mn": " A1 "}),
        changed(outlet={"mn": "Ａ1"}),
        changed(outlet={"name": "no code"}),
        changed(flag=" N"),
        changed(category=""),
        changed(unit=" "),
        changed(unit="\u001c"),
        changed(unit="\u3000"),
        changed(note="\x00"),
        changed(pollutant={}),
        changed(evidence=[{}]),
        changed(evidence=None),
        changed(valid_count=18.0),
        changed(observed="61.2"),
        changed(observed=True),
        changed(window={"start": "2026-11-22T00:00:00"}),
        changed(window={"start": "2026-11-22"}),
        changed(window={"start": 1_700_000_000}),
        changed(window={"start": "2026-11-22T01:00:00Z", "end": "2026-11-22T00:00:00Z"}),
        changed(window=None) | {"time": None},
        EVENT | {"specversion": None},
        EVENT | {"datacontenttype": None},
        EVENT | {"type": "cn.tricolor.platform.heartbeat.v1"},
        EVENT | {"extension": {"of": "a kind"}},
        [EVENT],
    ],
)
def test_what_is_not_plain_is_left_to_the_models(event: Any) -> None:
    assert read(to_json(event)) is None


WHOLE = to_json(PLAIN)


@pytest.mark.parametrize(
    "body",
    [
        WHOLE.replace(b'"limit":50.0', b'"limit":50.0,"limit":60.0'),
        WHOLE.replace(b'"limit":50.0', b'"limit" :50.0,"limit":60.0'),
        WHOLE.replace(b'"limit":50.0', b'"limit"\n:50.0,"limit"\t:60.0'),
        WHOLE.replace(b'"limit":50.0', b'"limit":50.0,"\\u006cimit":60.0'),
        WHOLE.replace(b'"limit":50.0', b'"limit":50.0,"limit":60.0,"remark":"\\u0022:"'),
        WHOLE.replace(b'"id"', b'"id":"other","id"'),
        WHOLE.replace(b'"limit":50.0', b'"limit":50.0,"far":1e999'),
        WHOLE.replace(b'"limit":50.0', b'"limit":50.0,"far":-1e999,"near":null').replace(b'"marking":null,', b""),
        WHOLE.replace(b'"limit":50.0', b'"limit":50.0,"many":' + b"9" * 400),
        WHOLE.replace(b'"limit":50.0', b'"limit":50.0,"many":123456789012345678901'),
        WHOLE.replace(b'"limit":50.0', b'"limit":NaN'),
        WHOLE[:-1],
        b"",
        b"\xff",
        b"null",
    ],
)
def test_what_is_ambiguous_or_cannot_be_kept_is_looked_at_twice(body: bytes) -> None:
    assert body != WHOLE
    assert read(body) is None


written_otherwise = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
    st.sampled_from(["", " ", "\u3000", "a21026 ", "N", "hour", "gas", "A1/2", "é", '":', "null", "\\u0000", "\x7f"]),
    st.sampled_from(
        [f"2026-11-2{digit}T0{digit}:00:0{digit}{rest}" for digit in range(3) for rest in ("Z", "+08:00", ".5Z", "")]
    ),
    st.lists(st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=1), max_size=2),
    st.dictionaries(st.sampled_from(["code", "mn", "name", "start", "end", "kind", "reason"]), st.text(max_size=3)),
)
_DATA, _ENVELOPE = sorted(EVENT["data"]), sorted(EVENT.keys() - {"data"})


@given(
    st.dictionaries(st.sampled_from([*_DATA, "colour", "more"]), written_otherwise, max_size=3),
    st.dictionaries(st.sampled_from([*_ENVELOPE, "extension"]), written_otherwise, max_size=1),
    st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :")]),
)
def test_however_an_event_is_written_it_reads_the_same(
    data: dict[str, Any], envelope: dict[str, Any], separators: tuple[str, str]
) -> None:
    event = changed(**data) | envelope
    same(to_json(event))
    body = to_json(event).decode()
    same(body.replace(",", separators[0]).replace(":", separators[1]).encode())
    assert read(to_json(from_json(body))) == read(body.encode())
