"""Cells whose value a workbook does not have: formulas without a stored result, and what a merged cell covers.

A program that writes formulas without computing them leaves these cells blank for whoever reads values only, and a
blank cell empties a field.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import IO
from xml.etree.ElementTree import Element, iterparse

_MARKS = re.compile(rb"<(\w+:)?(f|mergeCell)[\s>/]")
_PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass
class OpenCells:
    """By row, the columns (from 1) of formulas without a result; and the ranges that are merged."""

    formulas: dict[int, set[int]] = field(default_factory=dict)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)

    def covered(self, row: int) -> Iterable[range]:
        """The columns of `row` that merged cells cover, but for those that hold the value."""
        for left, top, right, bottom in self.merged:
            if top <= row <= bottom:
                yield range(left + (row == top), right + 1)


def open_cells(part: IO[bytes]) -> OpenCells:
    """Find them in the XML of a worksheet, which may be large and has none as a rule."""
    from openpyxl.utils import range_boundaries  # noqa: PLC0415  it takes long to load, and few sheets come

    found = OpenCells()
    text = part.read()
    if b"<!DOCTYPE" in text:
        raise ValueError("no worksheet defines entities")
    if not _MARKS.search(text):
        return found
    part.seek(0)
    for _, element in iterparse(part, events=("end",)):  # noqa: S314  without entities, and bounded by what it unpacks to
        match element.tag.rpartition("}")[2]:
            case "c":
                _note_formula(element, found)
            case "mergeCell":
                left, top, right, bottom = (int(one or 0) for one in range_boundaries(element.get("ref", "A1")))
                found.merged.append((left, top, right, bottom))
            case "row":
                element.clear()
    return found


def _note_formula(cell: Element, found: OpenCells) -> None:
    parts = {child.tag.rpartition("}")[2]: child for child in cell}
    if "f" not in parts:
        return
    value = parts.get("v")
    if value is not None and (value.text or cell.get("t") == "str"):
        return  # it has a result, be it an empty text
    place = _PLACE.fullmatch(cell.get("r", ""))
    if place is not None:
        column, row = place.groups()
        found.formulas.setdefault(int(row), set()).add(_number(column))


def _number(letters: Sequence[str]) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
