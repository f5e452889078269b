"""Searching in Chinese by characters and pairs: what holds the question is found, whatever its width or case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.terms import asked, asked_terms, normalised, terms_of, together, words_of

NAMED = words_of(
    ("深圳市宝安区沙井街道华强电子（集团）有限公司", "91440300MA5EXAMPLE", "DA001", "锅炉废气排放口", "二氧化硫")
)


def found(question: str, words: str = NAMED) -> bool:
    """What the index and the check after it say together."""
    parts = asked(question)
    return {*asked_terms(parts)} <= {*terms_of(words)} and all(part in words for part in parts)


@pytest.mark.parametrize(
    "question",
    [
        "华强电子",
        "华强 二氧化硫",
        "集团",
        "硫",
        "ma5example",
        "ＤＡ００１",
        "da0",
        "沙井街道",
        "（集团）有限",
        "排放口　华强",
    ],
)
def test_found(question: str) -> None:
    assert found(question)


@pytest.mark.parametrize("question", ["强华", "华电", "二氧化碳", "91440301", "公司有限", "华强 氨氮"])
def test_not_found(question: str) -> None:
    assert not found(question)


def test_what_asks_for_nothing() -> None:
    assert asked(" （）-— ") == []


def test_terms_hold_no_space_and_no_sign_of_a_pattern() -> None:
    assert normalised("a_b%c\\d\x00e") == "a b c d e"
    assert all(" " not in term and 1 <= len(term) <= 2 for term in terms_of(NAMED))


def test_a_name_that_was_given_up_is_still_found_by() -> None:
    words = together(words_of(("旧名电子厂", "E1")), words_of(("新名电子厂", "E1")))
    assert found("旧名", words)
    assert found("新名 e1", words)
    assert words.count("e1") == 1


@given(st.text(min_size=1, max_size=30), st.data())
def test_every_part_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    words = words_of((text,))
    start = data.draw(st.integers(0, len(words)))
    part = words[start : data.draw(st.integers(start, len(words)))]
    assert found(part, words)
