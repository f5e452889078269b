"""What is packed is read again byte for byte, for ever; what was damaged is told from it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.storage import packing
from shared.storage.packing import Packer, UnpackingError, is_packed, unpacked

EVENT = (
    b'{"specversion":"1.0","id":"01a225ab-d135-7741-b226-b6e649b86498","source":"/tricolor/alert_ingest",'
    b'"type":"cn.tricolor.alert.graded.v1"}'
)
PACKED_ONCE = "012088dd0000b3c103117f6537af9cd814239a3aedaecd0b02fc16f04e4fae7416"
"""How an earlier release packed EVENT: what is kept for years was packed by releases that are gone."""


def packed(value: bytes) -> bytes:
    (one,) = Packer().pack([value])
    return one


@given(st.binary(max_size=2_000))
def test_anything_is_read_again_as_it_was(value: bytes) -> None:
    assert unpacked(packed(value)) == value


def test_events_shrink_to_a_fraction() -> None:
    for path in Path("tests/golden/contract-v1/alert.graded").glob("*.json"):
        event = path.read_bytes()
        assert unpacked(packed(event)) == event
        assert len(packed(event)) * 3 < len(event)


def test_what_was_packed_by_an_earlier_release_is_read() -> None:
    assert unpacked(bytes.fromhex(PACKED_ONCE)) == EVENT


def test_the_dictionary_never_changes() -> None:
    dictionary = Path(packing.__file__).with_name("packing-1.dict").read_bytes()
    assert hashlib.sha256(dictionary).hexdigest() == "bf249c39f650fa136a4fda6263b53e8dc8dd0983129e7f7bf4d921d8048d0fa7"


def test_what_looks_packed_and_is_not_is_packed() -> None:
    looks_packed = b"\x01" + b"no frame"
    assert is_packed(looks_packed)
    assert unpacked(packed(looks_packed)) == looks_packed


def test_what_was_never_packed_is_read_as_it_is() -> None:
    assert [unpacked(one) for one in (b"", b"{}", b"x", EVENT)] == [b"", b"{}", b"x", EVENT]


@pytest.mark.parametrize("damage", [lambda b: b[:-1], lambda b: b + b"x", lambda b: b[:1], lambda b: b"\x01no frame"])
def test_what_was_cut_off_or_written_over_is_not_unpacked(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(UnpackingError):
        unpacked(damage(packed(EVENT)))
