"""The columns of a kind of import, and how the text of a cell is parsed. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel

from services.dispatcher.domain.registrations import MasterKind

NOBODY = "无人"
"""In a rota, in place of an officer: nobody is on duty on the day."""
HIDDEN = "••••"
"""Stands for what is secret and there."""
KindName = Literal[MasterKind, "rota", "inspections", "entry_codes"]

_SEPARATORS = re.compile("[;；、]")
_YES = frozenset({"是", "有", "true", "yes", "y", "1", "√"})
_NO = frozenset({"否", "无", "false", "no", "n", "0", "×"})


class UnparsableCell(ValueError):  # noqa: N818  it names the cell
    """A cell that its column cannot parse; `zh` and `en` say what it may hold."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


@dataclass(frozen=True)
class Column:
    """A column of a sheet. Its headings are `zh`, the name of its `field`, and `others`; `about` explains it.

    `parse` makes the value for the model, or raises UnparsableCell. Values must be keys of the kind `refers` names.
    `dated` columns hold days: a date anywhere else is what a spreadsheet made of a code. What a `secret` one holds is
    shown to nobody.
    """

    field: str
    zh: str
    about: str
    example: str = ""
    parse: Callable[[str], Any] = str
    required: bool = False
    refers: MasterKind | None = None
    others: Sequence[str] = ()
    dated: bool = False
    secret: bool = False

    @property
    def headings(self) -> frozenset[str]:
        return frozenset(folded(name) for name in (self.zh, self.field, *self.others))


@dataclass(frozen=True)
class Kind:
    """A kind of record that sheets bring. Adding one is adding an entry to a table of kinds.

    `key` names the fields that name a record. `together` lists fields that a sheet states all or none of, `unique`
    those whose value no two records share. `always` is what every imported record has besides. `most` is how many rows
    a sheet may have, where that is fewer than any sheet's.
    """

    name: KindName
    zh: str
    model: type[BaseModel]
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    together: tuple[tuple[str, ...], ...] = ()
    unique: tuple[str, ...] = ()
    always: Mapping[str, Any] = field(default_factory=dict)
    most: int | None = None

    def column(self, name: str) -> Column:
        """Raises KeyError where there is none of that field."""
        return {column.field: column for column in self.columns}[name]

    @property
    def stored(self) -> tuple[str, ...]:
        """Everything that is stored of a record, its key first."""
        others = (column.field for column in self.columns if column.field not in self.key)
        return (*self.key, *others, *self.always)


def folded(heading: str) -> str:
    """A heading as it is compared: without case, blanks, and the star for "required"."""
    return "".join(heading.split()).casefold().rstrip("*＊")


def yes_or_no(text: str) -> bool:
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise UnparsableCell("须填写“是”或“否”", "must be yes or no (是, 否)")


def many(parse: Callable[[str], Any] = str) -> Callable[[str], list[Any]]:
    """Several values in one cell, separated by ; or ； or 、."""

    def split(text: str) -> list[Any]:
        return [parse(part) for part in map(str.strip, _SEPARATORS.split(text)) if part]

    return split


def worded(words: Mapping[str, str]) -> Callable[[str], str]:
    """A Chinese word for a code of the record; any other text is left for the model to judge."""
    return lambda text: words.get(text.replace(" ", ""), text)
