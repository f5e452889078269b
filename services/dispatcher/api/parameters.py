"""Parameters in paths, queries and cursors that several routes take."""

from typing import Annotated, Any

from fastapi import Body, Header, Path, Query

from shared.contract.codes import Normalised
from shared.web.problems import documented

RecordCode = Annotated[str, Path(max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
EnterprisePath = Annotated[RecordCode, Normalised]
OutletPath = Annotated[RecordCode, Normalised]
Filter = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]
EnterpriseFilter = Annotated[Filter, Normalised]

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="the `etag` of what the caller saw, in quotes; a PUT of what is there needs it",
    ),
]
MergePatch = Annotated[
    dict[str, Any],
    Body(
        media_type="application/merge-patch+json",
        description="JSON Merge Patch (RFC 7396): fields to set; null takes a value away, what is left out stays",
    ),
]
CONDITIONAL: dict[int | str, dict[str, Any]] = {
    412: documented("It has changed since; `record` is what it is now", "ChangedSince"),
    428: documented("It is there already: a PUT needs `If-Match`", "NeedsIfMatch"),
}
"""What a route answers that replaces a record."""


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
