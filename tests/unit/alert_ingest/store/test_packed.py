"""What is found in a packed grade is what reading all of it shows."""

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from services.alert_ingest.store.packed import version_of
from shared.storage.packing import Packer

texts = st.text(max_size=40) | st.sampled_from(['"', '\\"', '"rule_book_version":"x"', "2026-11-28.2", "版本一"])


@given(texts, texts)
def test_the_version_is_found_whatever_it_and_the_rule_are_called(rule: str, version: str) -> None:
    grade = [{"rule": rule, "rule_book_version": version, "stated": False}, []]
    (packed,) = Packer().pack([to_json(grade)])
    assert version_of(packed) == version
