"""The printed file of a case as sections of blocks, the same for the page and for the paper. Pure."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel


class Paragraph(BaseModel):
    """Words, with their own line breaks; `small` for what explains rather than says."""

    kind: Literal["paragraph"] = "paragraph"
    text: str
    small: bool = False


class Heading(BaseModel):
    kind: Literal["heading"] = "heading"
    text: str


class Pairs(BaseModel):
    """Names and values, a line each."""

    kind: Literal["pairs"] = "pairs"
    rows: list[tuple[str, str]]


class Grid(BaseModel):
    """A table; `widths` are shares of the line, `code` columns are set in small monospaced type."""

    kind: Literal["grid"] = "grid"
    header: list[str]
    rows: list[list[str]]
    widths: list[float]
    code: list[int] = []


class Picture(BaseModel):
    """A photograph or a signature of the case, by its path in the bundle."""

    path: str
    caption: str


class Pictures(BaseModel):
    kind: Literal["pictures"] = "pictures"
    pictures: list[Picture]
    across: int = 2


class Signature(BaseModel):
    """A line to sign on, with the signature where one was given on the screen, and when."""

    label: str
    path: str | None = None
    at: str = ""


class Signatures(BaseModel):
    kind: Literal["signatures"] = "signatures"
    lines: list[Signature]


Block = Paragraph | Heading | Pairs | Grid | Pictures | Signatures


class Section(BaseModel):
    """A document of the file, which begins on a page of its own."""

    title: str
    subtitle: str = ""
    blocks: list[Block]


class Document(BaseModel):
    """The whole file: what stands on its cover, and its documents in order."""

    title: str
    number: str
    cover: list[tuple[str, str]]
    seal: str
    sections: list[Section]


def pairs(*rows: tuple[str, str | None]) -> Pairs:
    """The rows that have a value."""
    return Pairs(rows=[(name, value) for name, value in rows if value])


def grid(
    header: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str | None]], code: Sequence[int] = ()
) -> Grid:
    """A table, with a dash where there is nothing to say."""
    written = [[cell or "—" for cell in row] for row in rows]
    return Grid(header=list(header), widths=list(widths), rows=written, code=list(code))
