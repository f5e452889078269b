"""The check character of the unified social credit code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alert_ingest.domain.credit_code import check_character, is_valid

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
stems = st.text(ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", ["91440300708461136T", "91110000802100433B"])
def test_codes_in_use_are_valid(code: str) -> None:
    assert is_valid(code)


@pytest.mark.parametrize(
    "code", ["", "91440300708461136", "91440300708461136TT", "91440300MA5EXAMPLE", "9144030070846113６T"]
)
def test_what_is_no_code_is_not(code: str) -> None:
    assert not is_valid(code)


@given(stems, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(stem: str, place: int, character: str) -> None:
    code = stem + check_character(stem)
    mistaken = code[:place] + character + code[place + 1 :]
    assert is_valid(mistaken) == (mistaken == code)
