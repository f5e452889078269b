"""JSON that is written as our own services write it is read at once, and as it would be read with care."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.cloudevents import Refused, parse_json
from shared.contract.plain_json import plain_object

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), _VALUES))
def test_what_is_read_at_once_is_what_would_be_read_with_care(value: dict[str, object]) -> None:
    try:
        body = orjson.dumps(value)
    except TypeError:  # an integer of more than 64 bits, or a lone surrogate: we write neither
        return
    read = plain_object(body)
    assert read is None or read == parse_json(body)


@given(st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), st.floats(0, 1e9)))
def test_what_we_write_is_read_at_once(value: dict[str, object]) -> None:
    assert plain_object(orjson.dumps({"data": value})) == {"data": value}


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":1e999}',
        b'{"a":NaN}',
        b'{"a":123456789012345678901234567890}',
        b'{"a":"\\u0000"}',
        b'{"a":"\\ud800"}',
        b'{"a": 1}',
        b"[]",
        b"",
        b'{"a":' + b"[" * 200 + b"]" * 200 + b"}",
    ],
)
def test_whatever_may_be_wrong_or_is_written_otherwise_is_read_with_care(body: bytes) -> None:
    assert plain_object(body) is None


def test_what_is_refused_stays_refused() -> None:
    with pytest.raises(Refused):
        parse_json(b'{"a":1,"a":2}')
