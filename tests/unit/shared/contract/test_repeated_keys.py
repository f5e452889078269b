"""A key that stands twice: JSON's readers take one of its values in silence; here it is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json, to_json

from shared.contract.cloudevents import Refused, parse_json
from shared.contract.repeated_keys import elements_of, has_each_key_once, repeated_key

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b'{"observed":10,"observed":161.2}', "observed"),
        (b'{"data":{"a":[{"b":1,"c":2,"b":1}]}}', "b"),
        (b'{"a":1,"\\u0061":2}', "a"),
        (b'{"a":{"x":1},"b":{"x":1}}', None),
        (b'[{"a":1},{"a":1}]', None),
        (b'{"a":' + b"9" * 10_000 + b"}", None),
        (b"{", None),
        (b"\xff", None),
        (b"[" * 100_000, None),
    ],
)
def test_the_first_key_that_stands_twice_is_named(text: bytes, key: str | None) -> None:
    assert repeated_key(text) == key


def test_an_event_with_two_measured_values_is_refused() -> None:
    with pytest.raises(Refused, match="the key 'observed' stands twice in one object") as refusal:
        parse_json(b'{"data":{"observed":10,"observed":161.2}}')
    assert refusal.value.code == "not-json"


@given(JSON)
def test_what_is_written_from_an_object_has_no_key_twice(value: object) -> None:
    assert repeated_key(to_json(value)) is None


KEYS = st.text(alphabet='ab":\\\\ ', max_size=3)


@given(st.lists(st.tuples(KEYS, JSON | KEYS), max_size=5), st.sampled_from(["", " "]))
def test_a_quick_look_overlooks_no_key_that_stands_twice(pairs: list[tuple[str, object]], space: str) -> None:
    written = (f"{to_json(key).decode()}{space}:{to_json(value).decode()}" for key, value in pairs)
    text = f"{{{','.join(written)}}}".encode()
    if has_each_key_once(text, from_json(text)):
        assert repeated_key(text) is None


def test_a_quick_look_is_enough_for_nearly_all() -> None:
    text = b'{"a":1,"b\\\\" : {"c\\"":[{"d":"e: \\": f"}]}}'
    assert has_each_key_once(text, from_json(text))


@given(st.lists(JSON, max_size=5), st.sampled_from(["", " ", "\n\t"]))
def test_the_elements_of_an_array_are_cut_where_they_end(array: list[object], space: str) -> None:
    texts = [*(to_json(one).decode() for one in array), '{"k":"[,]","k":[{}]}']
    text = f"{space}[{space}{f'{space},{space}'.join(texts)}{space}]{space}".encode()
    cut = elements_of(text)
    assert [from_json(one) for one in cut] == from_json(text)
    assert [repeated_key(one) for one in cut] == [None] * len(array) + ["k"]


def test_what_is_no_array_has_no_elements() -> None:
    assert elements_of(b'{"a":1,"a":2}') == []
    with pytest.raises(ValueError, match="EOF"):
        elements_of(b"[")
