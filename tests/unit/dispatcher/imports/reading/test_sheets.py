"""Files become headings and rows of text, whatever program wrote them; what cannot be trusted says so."""

import csv
import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from services.dispatcher.imports.reading.sheets import MAX_COLUMNS, MAX_ROWS, Cell, CorruptCell, SheetRefused, read

TABLE = "编码,名称,街道\r\nxinan,新安所,新安；西乡\r\n"


def workbook(*rows: list[Any]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    return saved(book)


def saved(book: Workbook) -> bytes:
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def repacked(content: bytes, part: str, text: bytes) -> bytes:
    """The workbook with one part of its archive replaced."""
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, text if name == part else old.read(name))
    return written.getvalue()


def only(value: Any) -> Cell:
    """A value as it is read from a workbook."""
    (row,) = read(workbook(["值"], [value])).rows
    return row.cell(0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_a_csv_is_read_in_the_encodings_that_excel_writes(encoding: str, newline: str) -> None:
    sheet = read(TABLE.replace("\r\n", newline).encode(encoding))
    assert sheet.headings == ("编码", "名称", "街道")
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ("xinan", "新安所", "新安；西乡"))]


def test_unicode_text_of_excel_is_separated_by_tabs() -> None:
    assert read("编码\t名称\nxinan\t新安,所\n".encode("utf-16")).rows[0].cells == ("xinan", "新安,所")


def test_a_workbook_is_read_as_a_csv_is() -> None:
    lines = list(csv.reader(io.StringIO(TABLE)))
    assert read(workbook(*lines)) == read(TABLE.encode())


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (440306, "440306"),
        (440306.0, "440306"),
        (-3, "-3"),
        (113.883, "113.883"),
        (0.1 + 0.2, "0.3"),
        (True, "true"),
        (False, "false"),
        (date(2026, 3, 2), "2026-03-02"),
        (datetime(2026, 3, 2), "2026-03-02"),  # noqa: DTZ001  a sheet knows no offsets
        (datetime(2026, 3, 2, 8, 30), "2026-03-02 08:30"),  # noqa: DTZ001
        (datetime(2026, 3, 2, 8, 30, 5), "2026-03-02 08:30:05"),  # noqa: DTZ001
        (time(8, 30), "08:30"),
        ("  新安所\u3000", "新安所"),
        ("007", "007"),
    ],
)
def test_what_a_spreadsheet_keeps_is_read_as_it_was_meant(value: Any, cell: str) -> None:
    assert only(value) == cell


@pytest.mark.parametrize(
    "value", [914403001234567890, 9.14403001234568e17, "#REF!", "#N/A", "新安\n西乡", "xi\u200bnan", "9.14403E+17"]
)
def test_what_a_spreadsheet_spoilt_is_not_guessed(value: Any) -> None:
    cell = only(value)
    assert isinstance(cell, CorruptCell)
    assert cell.zh
    assert cell.en


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_whole_numbers_are_exact(number: int) -> None:
    assert only(number) == only(str(number)) == str(number)


def test_a_formula_is_read_as_the_value_it_had() -> None:
    content = workbook(["值"], ["=1+1"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read("xl/worksheets/sheet1.xml")
    computed = part.replace(b"<v></v>", b"<v>2</v>").replace(b"<v />", b"<v>2</v>").replace(b"<v/>", b"<v>2</v>")
    assert computed != part
    assert read(repacked(content, "xl/worksheets/sheet1.xml", computed)).rows[0].cells == ("2",)


def test_blank_rows_and_remarks_are_skipped_but_counted() -> None:
    sheet = read("编码,名称\n# 说明,必填\n\n  ,\nxinan,新安所\n".encode())
    assert [(row.number, row.cells) for row in sheet.rows] == [(5, ("xinan", "新安所"))]
    assert sheet == read(workbook(["编码", "名称"], ["# 说明", "必填"], [], [" ", None], ["xinan", "新安所"]))


def test_cells_missing_at_the_end_are_blank() -> None:
    (row,) = read(b"a,b,c\n1\n").rows
    assert [row.cell(index) for index in range(3)] == ["1", "", ""]


def test_only_the_first_sheet_is_read() -> None:
    book = Workbook()
    book.worksheets[0].append(["编码"])
    book.create_sheet("说明").append(["别的"])
    assert read(saved(book)).headings == ("编码",)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\r\n\r\nxinan", id="no headings"),
        pytest.param(b"\xff\xff\xff", id="no encoding"),
        pytest.param(b'code\n"xinan', id="an open quote"),
        pytest.param(b"code\n" + b"x" * 200_000, id="an endless cell"),
        pytest.param(b"code\n" + b"x\n" * (MAX_ROWS + 1), id="too many rows"),
        pytest.param(b"," * MAX_COLUMNS + b"code", id="too many columns"),
        pytest.param(b"\xd0\xcf\x11\xe0rest", id="an old workbook"),
        pytest.param(b"PK\x03\x04rest", id="half an archive"),
        pytest.param(workbook(["编码"])[:-100], id="a cut workbook"),
        pytest.param(repacked(workbook(["编码"]), "xl/workbook.xml", b"<workbook/>"), id="a workbook without sheets"),
        pytest.param(repacked(workbook(["编码"]), "xl/worksheets/sheet1.xml", b"<oh"), id="a sheet that is no XML"),
        pytest.param(workbook(["x"] * (MAX_COLUMNS + 1)), id="a workbook too wide"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_in_both_languages(content: bytes) -> None:
    with pytest.raises(SheetRefused) as refusal:
        read(content)
    assert refusal.value.zh
    assert refusal.value.en


def test_the_most_rows_there_may_be_are_read() -> None:
    assert len(read(b"code\n" + b"x\n" * MAX_ROWS).rows) == MAX_ROWS


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(workbook(["编码"]), "xl/worksheets/sheet1.xml", b" " * (65 * 1024 * 1024))
    assert len(bomb) < 200_000
    with pytest.raises(SheetRefused, match="Unpacked"):
        read(bomb)


def test_an_archive_of_countless_parts_is_refused() -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for number in range(1_001):
            archive.writestr(f"{number}", b"")
    with pytest.raises(SheetRefused, match="Unpacked"):
        read(written.getvalue())


def test_entities_that_multiply_are_refused() -> None:
    entities = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    laughs = b'<!DOCTYPE x [<!ENTITY e0 "ha">' + entities + b"]><x>&e9;</x>"
    with pytest.raises(SheetRefused):
        read(repacked(workbook(["编码"]), "xl/worksheets/sheet1.xml", laughs))


def test_a_row_that_claims_to_lie_beyond_every_sheet_is_not_waited_for() -> None:
    far = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>code</t></is></c></row>'
        b'<row r="999999999999"><c r="A999999999999"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert read(repacked(workbook(["编码"]), "xl/worksheets/sheet1.xml", far)).rows == ()


@given(st.binary(max_size=200))
def test_any_bytes_are_a_sheet_or_refused(content: bytes) -> None:
    try:
        sheet = read(content)
    except SheetRefused:
        return
    assert sheet.headings


@given(
    st.lists(
        st.lists(st.text("ab,\"；新 '\t", max_size=6), min_size=3, max_size=3).filter(
            lambda cells: any(cell.strip() for cell in cells)
        ),
        max_size=5,
    ),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
def test_every_cell_written_is_read_back_at_its_row(lines: list[list[str]], encoding: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written).writerows([["a", "b", "c"], *lines])
    sheet = read(written.getvalue().encode(encoding))
    assert [row.number for row in sheet.rows] == list(range(2, len(lines) + 2))
    for row, line in zip(sheet.rows, lines, strict=True):
        for index, text in enumerate(line):
            cell = row.cell(index)
            assert (cell if isinstance(cell, str) else cell.text.replace("�", "\t")) == text.strip()
