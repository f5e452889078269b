"""Parameters in paths, queries and cursors that several routes take."""

from typing import Annotated

from fastapi import Path, Query

RecordCode = Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Filter = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]


def position(part: str) -> int:
    """Read a row's number from a cursor. Raises ValueError for one that no table reaches."""
    if not 0 <= (number := int(part)) < 2**63:
        raise ValueError(f"{part} is no position")
    return number


def code(part: str) -> str:
    """Read a record's code from a cursor. Raises ValueError for one that no table holds."""
    if "\x00" in part:
        raise ValueError("no code contains the character NUL")
    return part
