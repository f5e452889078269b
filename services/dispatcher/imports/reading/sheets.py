"""Sheets (表格): a CSV or XLSX file as headings and rows of text. Pure: bytes in, text out.

What a spreadsheet did to a value is undone where that is certain (440306.0 is 440306) and shown as spoilt where the
value is lost (18 digits kept as a number, #REF!).
"""

import codecs
import csv
import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import IO, Any
from xml.parsers.expat import ParserCreate

from services.dispatcher.imports.reading.open_cells import OpenCells, open_cells

MAX_BYTES = 10 * 1024 * 1024
"""What a receiver takes at most; reading is bounded by what that unpacks to."""
MAX_ROWS = 20_000
MAX_COLUMNS = 64
REMARK = "#"
"""A row whose first cell begins with it is a remark, and skipped: so a template can explain itself."""

_MAX_UNPACKED = 64 * 1024 * 1024
_MAX_PARTS = 1_000
_EXCEL_ROWS = 1_048_576
_EXACT = 10**15  # a spreadsheet keeps 15 digits of a number
_XLSX, _XLS = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # Excel's "Unicode text"
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[Ee]\+\d{1,3}|[+-]?\d\.\d+[Ee]\d{1,3}")
_LATER_ERRORS = {"#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!", "#GETTING_DATA"}
_ERRORS = _LATER_ERRORS | {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"}
_ZEROS = re.compile("0{2,15}")
"""A number format that shows zeros at the beginning."""


class SheetRefused(ValueError):  # noqa: N818  it names the file
    """The file as a whole cannot be read as a sheet; `zh` and `en` say why."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class CorruptCell:
    """A cell that does not hold any more what somebody typed into it."""

    text: str
    zh: str
    en: str


class NumberText(str):
    """A number as its text. Where it was a code, zeros at its beginning are lost."""

    __slots__ = ()


class DateText(str):
    """A date or time as its text. Where it was a code such as 1-2, a spreadsheet made it one."""

    __slots__ = ()


Cell = str | CorruptCell
"""Text as somebody typed it, or what a spreadsheet took it for."""

_UNCOMPUTED = CorruptCell(
    "", "公式没有保存结果，请在表格软件中打开并保存，或改为数值", "a formula without a stored result"
)
_COVERED = CorruptCell(
    "", "位于合并单元格内，请取消合并并逐格填写", "covered by a merged cell; unmerge it and fill in each"
)


@dataclass(frozen=True)
class Row:
    """`number` is the row's in the sheet, the headings being row 1. Cells missing at the end are blank."""

    number: int
    cells: tuple[Cell, ...]

    def cell(self, index: int) -> Cell:
        return self.cells[index] if index < len(self.cells) else ""


@dataclass(frozen=True)
class Sheet:
    """The headings of a sheet, and the rows below them that are neither blank nor remarks."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]


def read(content: bytes) -> Sheet:
    """Read the first sheet of an XLSX workbook, or a CSV in UTF-8, GB18030 or UTF-16. Raises SheetRefused."""
    if content.startswith(_XLS):
        raise SheetRefused("旧版 .xls 或加密文件，请另存为 .xlsx。", "An old .xls or encrypted file; save it as .xlsx.")
    lines = _workbook_rows(content) if content.startswith(_XLSX) else _csv_rows(content)
    return _sheet(lines)


def _sheet(lines: Iterable[Sequence[Cell]]) -> Sheet:
    numbered = iter(enumerate(lines, 1))
    _, first = next(numbered, (1, ()))
    headings = tuple(cell if isinstance(cell, str) else cell.text for cell in _trimmed(first))
    if not headings:
        raise SheetRefused("第 1 行须为列标题。", "Row 1 must hold the column headings.")
    if len(headings) > MAX_COLUMNS:
        raise SheetRefused(f"超过 {MAX_COLUMNS} 列。", f"There are more than {MAX_COLUMNS} columns.")
    rows: list[Row] = []
    for number, line in numbered:
        cells = _trimmed(line)
        if not cells or (isinstance(cells[0], str) and cells[0].startswith(REMARK)):
            continue
        if len(rows) == MAX_ROWS:
            raise SheetRefused(f"超过 {MAX_ROWS} 行，请分批导入。", f"More than {MAX_ROWS} rows; import them in parts.")
        rows.append(Row(number, cells))
    return Sheet(headings, tuple(rows))


def _trimmed(line: Sequence[Cell]) -> tuple[Cell, ...]:
    width = len(line)
    while width and line[width - 1] == "":
        width -= 1
    return tuple(line[:width])


def _csv_rows(content: bytes) -> Iterator[list[Cell]]:
    text = _decoded(content)
    heading, _, _ = text.partition("\n")
    delimiter = "\t" if "\t" in heading and "," not in heading else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for line in reader:
            yield [_written(cell) for cell in line]
    except csv.Error as error:
        raise SheetRefused(
            f"CSV 第 {reader.line_num} 行有误：引号未配对或单元格过长。", f"CSV line {reader.line_num}: {error}."
        ) from error


def _decoded(content: bytes) -> str:
    encodings = ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SheetRefused(
        "既不是 XLSX，也不是 UTF-8 或 GB18030 编码的 CSV。", "Neither XLSX, nor CSV in UTF-8 or GB18030."
    )


def _workbook_rows(content: bytes) -> Iterator[list[Cell]]:
    from openpyxl import load_workbook  # noqa: PLC0415  it takes long to load, and few sheets come

    try:
        _require_modest(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        with closing(book):
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # not every program writes how large a sheet is
            unknown = _open_cells(content, sheet)
            lines = sheet.iter_rows(max_row=_EXCEL_ROWS, max_col=MAX_COLUMNS + 1)
            for number, line in enumerate(lines, 1):
                # A sheet may end with a million blank rows, which nobody is to wait for.
                blank = all(cell.value is None for cell in line) and number not in unknown.formulas
                yield [] if blank else _line(line, number, unknown)
    except SheetRefused:
        raise
    except Exception as error:  # a broken workbook surfaces as anything: KeyError, ParseError, zlib.error, …
        raise SheetRefused(
            "XLSX 文件已损坏或不是工作簿，请用 Excel 或 WPS 重新保存。",
            "The XLSX file is damaged or no workbook; save it again with Excel or WPS.",
        ) from error


def _open_cells(content: bytes, sheet: Any) -> OpenCells:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        # openpyxl resolved which part the first sheet is; it reads neither formulas beside values nor what is merged.
        path = sheet._worksheet_path
        return open_cells(io.BytesIO(archive.read(path)))


def _line(line: Sequence[Any], number: int, unknown: OpenCells) -> list[Cell]:
    """The cells of a row that is not blank; those whose value the workbook does not have say so."""
    cells = [_kept(cell) for cell in line]
    formulas = [column - 1 for column in unknown.formulas.get(number, ())]
    for index in formulas:
        if index < len(cells):
            cells[index] = _UNCOMPUTED
    for covered in unknown.covered(number):
        for column in covered:
            if column <= len(cells) and cells[column - 1] == "":
                cells[column - 1] = _COVERED
    return cells


def _require_modest(content: bytes) -> None:
    """Before anything is unpacked: no more is ever read of a part than the directory of the archive declares."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        _require_bounded(parts)
        for part in parts:
            if part.filename.endswith((".xml", ".rels", ".vml")):
                with archive.open(part) as text:
                    _require_no_entities(text)


def _require_no_entities(text: IO[bytes]) -> None:
    """No part of a workbook defines entities; one that does unfolds to more than it says. Raises SheetRefused."""
    reading, parser = True, ParserCreate()

    def doctype(*_: object) -> None:
        raise SheetRefused("XLSX 文件含有实体定义，不予读取。", "The XLSX file defines entities.")

    def root(*_: object) -> None:
        nonlocal reading
        reading = False  # definitions stand before it

    parser.StartDoctypeDeclHandler, parser.StartElementHandler = doctype, root
    while reading and (chunk := text.read(4096)):
        parser.Parse(chunk)


def _require_bounded(parts: Sequence[zipfile.ZipInfo]) -> None:
    if len(parts) > _MAX_PARTS or sum(part.file_size for part in parts) > _MAX_UNPACKED:
        raise SheetRefused(
            f"XLSX 解压后超过 {_MAX_UNPACKED} 字节。", f"Unpacked, the XLSX file is larger than {_MAX_UNPACKED} bytes."
        )


def _written(text: str) -> Cell:
    """A cell that is text already."""
    text = text.strip()
    if text in _ERRORS:
        return CorruptCell(text, "单元格公式出错", "the cell's formula failed")
    if _UNSEEN.search(text):
        return CorruptCell(_UNSEEN.sub("�", text), "含有换行或不可见字符", "holds a line break or an unseen character")
    if _SCIENTIFIC.fullmatch(text):
        return CorruptCell(
            text, "数字已被表格软件改写，请将单元格设为文本", "rewritten by a spreadsheet; make the cell text"
        )
    return text


def _kept(cell: Any) -> Cell:
    """A cell as a workbook keeps it."""
    match cell.value:
        case None:
            return ""
        case bool():
            return "true" if cell.value else "false"
        case int() | float():
            shown = _number(cell.value)
            if isinstance(shown, CorruptCell):
                return shown
            zeros = _ZEROS.fullmatch(cell.number_format)
            return NumberText(shown.zfill(len(zeros[0])) if zeros else shown)
        case datetime() | date() | time():
            return DateText(_moment(cell.value))
        case _:
            return _written(str(cell.value))


def _moment(value: datetime | date | time) -> str:
    """ISO 8601, no finer than it needs: a day at midnight is a day."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
    if isinstance(value, time):
        return value.isoformat(timespec="seconds" if value.second else "minutes")
    return value.isoformat()


def _number(value: float) -> Cell:
    if not math.isfinite(value) or abs(value) >= _EXACT:
        return CorruptCell(
            f"{value:.15g}",
            "超过 15 位的数字已被表格软件取整，请将单元格设为文本后重新填写",
            "a number of more than 15 digits was rounded by the spreadsheet; make the cell text and write it again",
        )
    return str(int(value)) if value == int(value) else f"{value:.15g}"
