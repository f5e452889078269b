"""How lists are printed: a block for each thing, readable at 80 columns in Chinese or English; or JSON for programs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.text import Text

_INDENT = "    "
_DETAIL_CELLS = 300
"""How much is shown of what a sender wrote: the whole is a command away."""


@dataclass(frozen=True)
class Block:
    """A thing of a list: what it is known by, and what is said of it, a line a subject."""

    heading: Sequence[str]
    lines: Sequence[str] = ()


def show(title: str, blocks: Iterable[Block], *, none: str) -> None:
    """Print a list with its title, or say that there is `none`. A character that takes two columns counts as two."""
    console = Console(highlight=False)
    listed = list(blocks)
    console.print(Text(title, style="bold") if listed else Text(none))
    for block in listed:
        console.print(Text(printable("  ".join(block.heading)), overflow="fold"))
        for line in block.lines:
            for part in Text(printable(line)).wrap(console, console.width - len(_INDENT), overflow="fold"):
                console.print(Text(_INDENT + part.plain.rstrip(), overflow="fold"))


def columns(rows: Sequence[Sequence[str]]) -> Iterator[Block]:
    """Rows of a few short words, one under the other, where Chinese characters take two columns."""
    widths = [max(Text(cell).cell_len for cell in column) for column in zip(*rows, strict=True)]
    for row in rows:
        padded = (cell + " " * (width - Text(cell).cell_len) for cell, width in zip(row, widths, strict=True))
        yield Block(["  ".join(padded).rstrip()])


def print_json(value: Any) -> None:
    """Print what a program reads; nothing else stands on standard output then."""
    typer.echo(to_json(value, indent=2).decode())


def age(seconds: float) -> str:
    return str(timedelta(seconds=int(seconds)))


def printable(text: str) -> str:
    """Of what a sender can write, what a terminal may be given: in one line, and not without end."""
    line = Text("".join(character if character.isprintable() else " " for character in text))
    line.truncate(_DETAIL_CELLS, overflow="ellipsis")
    return line.plain
