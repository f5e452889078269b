"""The answer to an import or its dry run: counts, errors, changes. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from services.dispatcher.domain.replanning import Kept
from services.dispatcher.imports.reading.changes import RecordChange, StoredRecords, changes, contradictions, digest
from services.dispatcher.imports.reading.columns import HIDDEN, Kind
from services.dispatcher.imports.reading.records import Reading, RowError

SHOWN = 200
"""How many errors and changes an answer lists; their totals count all."""
_HEADINGS = 1


class RowCounts(BaseModel):
    """How many rows of the sheet do what. `refused` rows have an error."""

    new: int
    changed: int
    unchanged: int
    refused: int


class Errors(BaseModel):
    """The first errors by row, and how many there are."""

    total: int
    items: list[RowError]


class Removed(BaseModel):
    """The keys of the first records that go because the sheet replaces its weeks and does not name them; how many."""

    total: int
    items: list[list[str]]


class ChangedRecord(BaseModel):
    """A record that is new, or the fields of it that change: `[before, after]`."""

    row: int
    key: list[str]
    change: Literal["new", "changed"]
    fields: dict[str, tuple[Any, Any]]


class ImportAnswer(BaseModel):
    """`digest` is of the file and of what is stored of it: sent as `If-Match`, it applies what the dry run showed.

    What applying it did besides: cases that changed teams (`replanned`), accepted ones that stayed (`kept`), planned
    inspections that joined the visit of an open case (`linked`).
    """

    kind: str
    dry_run: bool
    file_name: str | None
    file_sha256: str
    rows: int
    counts: RowCounts
    errors: Errors
    changes: list[ChangedRecord]
    digest: str
    removed: Removed = Removed(total=0, items=[])
    replanned: list[UUID] = []
    kept: list[Kept] = []
    linked: int = 0


@dataclass(frozen=True)
class TriedImport:
    """The answer to an import, and every change that it counts."""

    answer: ImportAnswer
    changes: Sequence[RecordChange]


def judge(
    reading: Reading,
    present: StoredRecords,
    further: Sequence[RowError],
    *,
    file_name: str | None,
    file_sha256: str,
    dry_run: bool,
) -> TriedImport:
    """Sort the rows of a sheet into changes and errors; `further` are errors that only the caller's own rules find."""
    errors = sorted([*reading.errors, *contradictions(reading, present), *further], key=lambda error: error.row)
    faulty = {error.row for error in errors}
    made = [change for change in changes(reading, present) if change.row not in faulty]
    new = sum(change.before is None for change in made)
    refused = reading.rows if _HEADINGS in faulty else len(faulty)
    counts = RowCounts(new=new, changed=len(made) - new, unchanged=reading.rows - refused - len(made), refused=refused)
    gone = sorted(present.records.keys() - {draft.key for draft in reading.drafts})
    answer = ImportAnswer(
        kind=reading.kind.name,
        dry_run=dry_run,
        file_name=file_name,
        file_sha256=file_sha256,
        rows=reading.rows,
        counts=counts,
        errors=Errors(total=len(errors), items=errors[:SHOWN]),
        changes=[_shown(change, reading.kind) for change in made[:SHOWN]],
        digest=digest(reading.kind, file_sha256, present),
        removed=Removed(total=len(gone), items=[[str(part) for part in key] for key in gone[:SHOWN]]),
    )
    return TriedImport(answer, made)


def _shown(change: RecordChange, kind: Kind) -> ChangedRecord:
    before = change.before or {}
    secret = {column.field for column in kind.columns if column.secret}
    fields = {
        name: (before.get(name), HIDDEN if name in secret and after is not None else after)
        for name, after in change.after.items()
        if before.get(name) != after
    }
    return ChangedRecord(
        row=change.row,
        key=[str(part) for part in change.key],
        change="new" if change.before is None else "changed",
        fields=fields,
    )
