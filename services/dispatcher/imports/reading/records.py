"""Making records of the rows of a sheet, or errors that name row, column and value. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from services.dispatcher.imports.reading.columns import Column, Kind, UnparsableCell, folded
from services.dispatcher.imports.reading.sheets import Cell, CorruptCell, DateText, NumberText, Row, Sheet

Key = tuple[str, ...]

_LONGEST_VALUE = 100
_LED_BY_ZERO = re.compile(r"0\d+", re.ASCII)
_MEANINGS = {
    "missing": ("必填", "is required"),
    "string_pattern_mismatch": ("为空或含有控制字符", "is blank or holds control characters"),
    "string_too_long": ("不得超过 {max_length} 个字符", "is longer than {max_length} characters"),
    "float_parsing": ("须为数字", "must be a number"),
    "finite_number": ("须为数字", "must be a number"),
    "greater_than_equal": ("不得小于 {ge}", "must be {ge} or more"),
    "less_than_equal": ("不得大于 {le}", "must be {le} or less"),
    "too_long": ("不得超过 {max_length} 项", "must be at most {max_length} items"),
    "literal_error": ("不是可填的值", "must be one of {expected}"),
    "slash": ("不得含有斜杠 /", "must hold no slash"),
    "channel_address": ("除应用内、企业端外，每个渠道须有地址", "every channel but in_app and vendor needs an address"),
    "station_of_role": ("所长须填执法所，其他角色不填", "a station_chief has a station, the other roles have none"),
    "phone": ("不是电话号码", "is no telephone number"),
    "short_code": ("至少 {least} 个字符", "must be at least {least} characters"),
    "half_position": ("经度和纬度须同时填写或同时留空", "longitude and latitude come together or not at all"),
}


class RowError(BaseModel):
    """What is wrong with a cell: `row` as in the sheet (the headings are row 1), `column` by its heading there."""

    row: int
    column: str | None
    value: str | None
    zh: str
    en: str


@dataclass(frozen=True)
class Draft:
    """A row that fits its model: every field, with the model's defaults for what the sheet does not state."""

    row: int
    key: Key
    fields: dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What a sheet says. `stated` are the fields that it has a column for, each with the heading it has there."""

    kind: Kind
    rows: int
    stated: Mapping[str, str]
    drafts: tuple[Draft, ...]
    errors: tuple[RowError, ...]

    def error(self, draft: Draft, field: str, zh: str, en: str) -> RowError:
        value = draft.fields.get(field)
        return RowError(row=draft.row, column=self.stated.get(field), value=_shortened(value), zh=zh, en=en)


def read_rows(kind: Kind, sheet: Sheet) -> Reading:
    """Read every row, each on its own. Where the headings do not fit, no row is read."""
    stated, errors = _headings(kind, sheet)
    if errors:
        return Reading(kind, len(sheet.rows), {}, (), tuple(errors))
    placed = {column.field: (index, column) for index, column in stated.items()}
    headings = {column.field: sheet.headings[index] for index, column in stated.items()}
    zeros = {field: _led_by_zero(sheet, index) for field, (index, _) in placed.items()}
    drafts: list[Draft] = []
    first: dict[tuple[str, Any], int] = {}
    for row in sheet.rows:
        faults, given = _cells(row, placed, sheet.headings, zeros)
        draft = None if faults else _validated(kind, row, placed, given, sheet.headings, faults)
        if draft is not None:
            faults.extend(_repeated(kind, draft, first, headings))
        errors.extend(faults)
        if draft is not None and not faults:
            drafts.append(draft)
    return Reading(kind, len(sheet.rows), headings, tuple(drafts), tuple(errors))


def _headings(kind: Kind, sheet: Sheet) -> tuple[dict[int, Column], list[RowError]]:
    """The column at each index, and what does not fit."""
    known = {heading: column for column in kind.columns for heading in column.headings}
    stated: dict[int, Column] = {}
    errors: list[RowError] = []

    def refuse(heading: str, zh: str, en: str) -> None:
        errors.append(RowError(row=1, column=heading, value=_shortened(heading), zh=zh, en=en))

    for index, heading in enumerate(sheet.headings):
        column = known.get(folded(heading))
        if column is None:
            names = "、".join(one.zh for one in kind.columns)
            refuse(heading, f"未知的列，可用的列：{names}", "unknown column")
        elif column in stated.values():
            refuse(heading, "列重复", "the column is there twice")
        else:
            stated[index] = column
    fields = {column.field for column in stated.values()}
    for column in kind.columns:
        if column.required and column.field not in fields:
            refuse(column.zh, "缺少必填的列", f"the column {column.field} is missing")
    for group in kind.together:
        if 0 < len(fields.intersection(group)) < len(group):
            missing = next(field for field in group if field not in fields)
            refuse(kind.column(missing).zh, "须与另一列同时出现", f"{' and '.join(group)} come together or not at all")
    return stated, errors


def _cells(
    row: Row, placed: Mapping[str, tuple[int, Column]], headings: Sequence[str], zeros: Mapping[str, int]
) -> tuple[list[RowError], dict[str, Any]]:
    """The cells that are not blank, parsed; a blank one takes the model's default."""
    faults, given = [], {}
    for field, (index, column) in placed.items():
        cell = row.cell(index)
        try:
            spoilt = _spoilt(cell, column, zeros[field])
            if spoilt is not None:
                faults.append(_fault(row, headings[index], spoilt.text, spoilt.zh, spoilt.en))
            elif isinstance(cell, str) and cell:
                given[field] = column.parse(cell)
        except UnparsableCell as error:
            faults.append(_fault(row, headings[index], str(cell), error.zh, error.en))
    if len(row.cells) > len(headings):
        faults.append(_fault(row, None, None, "单元格多于列标题", "there are more cells than headings"))
    return faults, given


def _led_by_zero(sheet: Sheet, index: int) -> int:
    """The length of the longest code of digits in a column that begins with a zero, as typed; 0 without one."""
    cells = (row.cell(index) for row in sheet.rows)
    texts = (cell for cell in cells if isinstance(cell, str) and not isinstance(cell, NumberText))
    return max((len(text) for text in texts if _LED_BY_ZERO.fullmatch(text)), default=0)


def _spoilt(cell: Cell, column: Column, zeros: int) -> CorruptCell | None:
    """What became of a cell that does not hold any more what somebody typed into it.

    `zeros` is how long the column's codes are that begin with a zero.
    """
    match cell:
        case CorruptCell():
            return cell
        case DateText() if not column.dated:
            return CorruptCell(
                cell,
                "被表格软件改成了日期，请将单元格设为文本后重新填写",
                "made a date by a spreadsheet; make the cell text",
            )
        case NumberText() if cell.isdigit() and len(cell) < zeros:
            return CorruptCell(
                cell,
                "是数字，可能丢失了开头的 0（同列有以 0 开头的编码），请将单元格设为文本后重新填写",
                "a number that may have lost zeros at its beginning, as others here have; make the cell text",
            )
    return None


def _validated(
    kind: Kind,
    row: Row,
    placed: Mapping[str, tuple[int, Column]],
    given: dict[str, Any],
    headings: Sequence[str],
    faults: list[RowError],
) -> Draft | None:
    try:
        fields = kind.model.model_validate(given).model_dump()
    except ValidationError as error:
        for detail in error.errors():
            zh, en = _meaning(detail)
            named = str(detail["loc"][0]) if detail["loc"] else ""
            index = placed[named][0] if named in placed else None
            text = None if index is None else str(row.cell(index))
            faults.append(_fault(row, None if index is None else headings[index], text, zh, en))
        return None
    return Draft(row.number, tuple(fields[part] for part in kind.key), fields)


def _meaning(detail: ErrorDetails) -> tuple[str, str]:
    zh, en = _MEANINGS.get(detail["type"], ("不符合要求", detail["msg"]))
    context = detail.get("ctx", {})
    return zh.format(**context), en if detail["type"] not in _MEANINGS else en.format(**context)


def _repeated(
    kind: Kind, draft: Draft, first: dict[tuple[str, Any], int], headings: Mapping[str, str]
) -> Iterable[RowError]:
    """Errors for a key, or a unique value, that an earlier row has."""
    values = [(kind.key[-1], ("", draft.key))]
    values += [(field, (field, draft.fields[field])) for field in kind.unique if draft.fields[field] is not None]
    for field, value in values:
        earlier = first.setdefault(value, draft.row)
        if earlier != draft.row:
            yield RowError(
                row=draft.row,
                column=headings[field],
                value=_shortened(draft.fields[field]),
                zh=f"与第 {earlier} 行重复",
                en=f"row {earlier} has it already",
            )


def _fault(row: Row, column: str | None, value: str | None, zh: str, en: str) -> RowError:
    return RowError(row=row.number, column=column, value=_shortened(value), zh=zh, en=en)


def _shortened(value: Any) -> str | None:
    return None if value is None else str(value)[:_LONGEST_VALUE]
