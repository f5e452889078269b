"""Tables that people take away: no cell is computed by whoever opens it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.exports import ALERTS, CASES, headings, preface, safe, written
from shared.contract.events import Bilingual


@pytest.mark.parametrize("text", ["=1+1", "+86 755", "-1", "@SUM(A1)", "\t=1", "\r=HYPERLINK()", " =1"])
def test_what_would_be_a_formula_is_text(text: str) -> None:
    assert str(safe(text)).startswith("'")


@given(st.text())
def test_no_text_begins_a_formula(text: str) -> None:
    cell = str(safe(text))
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
    assert not any(sign < " " and sign != "\n" for sign in cell)


@given(st.one_of(st.none(), st.integers(), st.floats(allow_nan=False)))
def test_numbers_stay_numbers(value: float | None) -> None:
    assert safe(value) == value


def test_a_table_says_what_was_asked_by_whom_and_when() -> None:
    now = datetime(2026, 11, 29, 1, 30, tzinfo=UTC)
    lines = preface(
        Bilingual(zh="案件清单", en="Cases"), [("level", "red"), ("q", "=cmd")], "leader li", now, 5, "zh-CN"
    )
    assert ["筛选条件", "level=red; q==cmd"] in lines
    assert ["导出人", "leader li"] in lines
    assert ["导出时间", "2026-11-29 09:30:00+08:00"] in lines


def test_instants_are_written_with_their_offset() -> None:
    assert written(datetime(2026, 3, 9, 16, tzinfo=UTC)) == "2026-03-10 00:00:00+08:00"
    assert written(None) is None


def test_headings_are_in_the_readers_language() -> None:
    for columns in (CASES, ALERTS):
        assert len({*headings(columns, "zh-CN")}) == len(columns) == len({*headings(columns, "en")})
