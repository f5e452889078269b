"""Cells whose value the workbook does not have, or that a spreadsheet made something else of: errors, never blanks."""

import io
import re
import zipfile
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from services.dispatcher.imports.reading.kinds import KINDS
from services.dispatcher.imports.reading.records import Reading, read_rows
from services.dispatcher.imports.reading.sheets import CorruptCell, NumberText, SheetRefused, read
from tests.unit.dispatcher.imports.reading.test_sheets import repacked, saved, workbook

SHEET = "xl/worksheets/sheet1.xml"
HEADINGS = ["编码", "名称", "分类"]


def with_cell(place: str, xml: str, *rows: list[Any]) -> bytes:
    """A workbook in which the cell at `place` is written as `xml`, as other programs write it."""
    content = workbook(*rows)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(SHEET).decode()
    changed = re.sub(rf'<c r="{place}".*?(?:</c>|/>)', xml, text, count=1)
    assert changed != text
    return repacked(content, SHEET, changed.encode())


def enterprises(content: bytes) -> Reading:
    return read_rows(KINDS["enterprises"], read(content))


ROWS = (HEADINGS, ["E1", "某厂", "正面清单"], ["E2", "某某厂", "重点监管对象"])


@pytest.mark.parametrize(
    "xml",
    [
        '<c r="C2"><f>VLOOKUP(A2,X!A:B,2,0)</f></c>',
        '<c r="C2"><f>VLOOKUP(A2,X!A:B,2,0)</f><v></v></c>',
        '<c r="C2"><f>VLOOKUP(A2,X!A:B,2,0)</f><v/></c>',
        '<c r="C2" t="n"><f t="shared" si="0"/><v/></c>',
        '<c r="C2" s="0"><f t="array" ref="C2">A2</f></c>',
    ],
)
def test_a_formula_without_a_stored_result_is_an_error_of_its_row(xml: str) -> None:
    reading = enterprises(with_cell("C2", xml, *ROWS))
    (fault,) = reading.errors
    assert (fault.row, fault.column) == (2, "分类")
    assert "公式" in fault.zh
    assert [draft.row for draft in reading.drafts] == [3]


def test_what_openpyxl_itself_writes_has_no_results() -> None:
    (fault,) = enterprises(workbook(HEADINGS, ["E1", '=CONCATENATE("某","厂")', ""])).errors
    assert (fault.row, fault.column) == (2, "名称")


def test_a_row_of_formulas_only_is_no_blank_row() -> None:
    reading = enterprises(workbook(HEADINGS, ["=Sheet2!A1", "=Sheet2!B1", "=Sheet2!C1"]))
    assert {fault.row for fault in reading.errors} == {2}
    assert len(reading.errors) == 3


@pytest.mark.parametrize(
    ("xml", "kept"),
    [
        ('<c r="C2" t="str"><f>IF(1,"","x")</f><v></v></c>', []),  # its result is an empty text
        ('<c r="C2" t="str"><f>B9</f><v>正面清单</v></c>', ["positive_list"]),
    ],
)
def test_a_formula_with_a_result_is_its_result(xml: str, kept: list[str]) -> None:
    reading = enterprises(with_cell("C2", xml, *ROWS))
    assert not reading.errors
    assert reading.drafts[0].fields["classification"] == kept


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#SPILL!", "#CALC!"])
def test_an_error_is_an_error_wherever_it_stands(error: str) -> None:
    for place, column in (("A2", "编码"), ("C2", "分类")):
        reading = enterprises(with_cell(place, f'<c r="{place}" t="e"><f>NA()</f><v>{error}</v></c>', *ROWS))
        (fault,) = reading.errors
        assert (fault.row, fault.column, fault.value) == (2, column, error)


def test_what_a_merged_cell_covers_is_an_error_and_not_blank() -> None:
    book = Workbook()
    for row in (*ROWS, ["E3", "三厂", "正面清单"]):
        book.worksheets[0].append(row)
    book.worksheets[0].merge_cells("C2:C4")
    reading = enterprises(saved(book))
    assert [(fault.row, fault.column) for fault in reading.errors] == [(3, "分类"), (4, "分类")]
    assert "合并" in reading.errors[0].zh
    assert [draft.row for draft in reading.drafts] == [2]


def merged_to_the_last_row(content: bytes, first: int, last: int = 1_048_576) -> bytes:
    """The workbook as openpyxl saves one whose last merged cell is that long, for which it takes a minute."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(SHEET).decode()
    rows = "".join(f'<row r="{number}"></row>' for number in range(first + 1, last + 1))
    changed = text.replace("</sheetData>", f"{rows}</sheetData>").replace(f":C{first}", f":C{last}")
    assert f'ref="A{first}:C{last}"' in changed
    return repacked(content, SHEET, changed.encode())


def test_a_merged_title_above_nothing_troubles_nobody() -> None:
    book = Workbook()
    for row in (HEADINGS, ["# 说明", "", ""], *ROWS[1:]):
        book.worksheets[0].append(row)
    book.worksheets[0].merge_cells("A2:C2")
    book.worksheets[0].merge_cells("A9:C9")
    reading = enterprises(merged_to_the_last_row(saved(book), 9))
    assert not reading.errors
    assert len(reading.drafts) == 2


def test_a_number_shown_with_zeros_is_the_code_that_is_shown() -> None:
    book = Workbook()
    for row in (HEADINGS, [42, "某厂", ""]):
        book.worksheets[0].append(row)
    book.worksheets[0]["A2"].number_format = "000000"
    (draft,) = enterprises(saved(book)).drafts
    assert draft.fields["code"] == "000042"


def test_a_number_among_codes_that_begin_with_zero_may_have_lost_its_own() -> None:
    reading = enterprises(workbook(HEADINGS, ["0042", "某厂", ""], [43, "二厂", ""], [10043, "三厂", ""]))
    (fault,) = reading.errors
    assert (fault.row, fault.column, fault.value) == (3, "编码", "43")
    assert "开头的 0" in fault.zh
    assert [draft.fields["code"] for draft in reading.drafts] == ["0042", "10043"]


@pytest.mark.parametrize("text", ["9.14403E+17", "9.14403e+17", "9.1E17", "9E+17"])
def test_scientific_notation_is_no_code(text: str) -> None:
    (row,) = read(f"编码,名称\n{text},某厂\n".encode()).rows
    assert isinstance(row.cell(0), CorruptCell)


@pytest.mark.parametrize("text", ["9E17", "DA001E2", "1.5", "E+17"])
def test_codes_that_look_a_little_like_it_stay(text: str) -> None:
    (row,) = read(f"编码,名称\n{text},某厂\n".encode()).rows
    assert row.cell(0) == text


@pytest.mark.parametrize("value", [datetime(2026, 1, 2), date(2026, 1, 2)])  # noqa: DTZ001  a sheet has no zone
def test_a_code_that_became_a_date_is_an_error_and_a_day_is_not(value: date) -> None:
    (fault,) = enterprises(workbook(HEADINGS, [value, "某厂", ""])).errors
    assert (fault.column, fault.value) == ("编码", "2026-01-02")
    rota = read_rows(KINDS["rota"], read(workbook(["日期", "执法所", "人员"], [value, "xinan", "xinan-01"])))
    assert not rota.errors
    assert rota.drafts[0].fields["day"] == date(2026, 1, 2)


def test_a_date_as_a_number_is_an_error_and_not_a_day_of_1970() -> None:
    rota = read_rows(KINDS["rota"], read(workbook(["日期", "执法所", "人员"], [46024, "xinan", "xinan-01"])))
    (fault,) = rota.errors
    assert (fault.column, fault.value) == ("日期", "46024")
    assert "日期" in fault.zh


def test_a_sheet_that_defines_entities_is_refused() -> None:
    content = workbook(*ROWS)
    with pytest.raises(SheetRefused):
        read(repacked(content, SHEET, b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'))


def test_a_number_is_known_as_one() -> None:
    (row,) = read(workbook(["编码"], [7])).rows
    assert isinstance(row.cell(0), NumberText)
