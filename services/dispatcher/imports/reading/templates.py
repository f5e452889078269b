"""Templates to fill in and import: Chinese headings, a remark that explains them, an example. Pure."""

import csv
import io
from typing import Literal

from services.dispatcher.imports.reading.columns import Kind
from services.dispatcher.imports.reading.sheets import REMARK

Format = Literal["xlsx", "csv"]
_TEXT = "@"  # so that a spreadsheet keeps long codes and leading zeros as they are typed


def template(kind: Kind, form: Format) -> bytes:
    """A template: row 1 the headings, row 2 a remark, which importing skips, row 3 an example to write over."""
    return _workbook(kind) if form == "xlsx" else _csv(kind)


def _lines(kind: Kind) -> list[list[str]]:
    remarks = [column.about for column in kind.columns]
    return [
        [column.zh for column in kind.columns],
        [f"{REMARK} {remarks[0]}", *remarks[1:]],
        [column.example for column in kind.columns],
    ]


def _csv(kind: Kind) -> bytes:
    """UTF-8 with its mark, by which Excel knows it."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(_lines(kind))
    return written.getvalue().encode("utf-8-sig")


def _workbook(kind: Kind) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415  it takes long to load, and templates are asked for rarely
    from openpyxl.comments import Comment  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = kind.zh
    sheet.freeze_panes = "A2"
    for line in _lines(kind):
        sheet.append(line)
    for number, column in enumerate(kind.columns, 1):
        dimension = sheet.column_dimensions[get_column_letter(number)]
        dimension.width, dimension.number_format = 24, _TEXT
        sheet.cell(1, number).font = Font(bold=True)
        if column.about:
            sheet.cell(1, number).comment = Comment(column.about, "Tricolor")
        for row in (2, 3):
            sheet.cell(row, number).number_format = _TEXT
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()
