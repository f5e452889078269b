"""Comparing a sheet with what is stored: its changes, its contradictions, and a digest of both. Pure."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json

from services.dispatcher.imports.reading.columns import Kind
from services.dispatcher.imports.reading.records import Key, Reading, RowError

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class RecordChange:
    """A record that is `before` (None: not there) and will be `after`."""

    row: int
    key: Key
    before: Fields | None
    after: Fields


@dataclass(frozen=True)
class StoredRecords:
    """What is stored now of the records that a sheet touches.

    `known` are the keys that exist, by kind, of those referred to; `holders` says which record has a unique value, by
    field and value.
    """

    records: Mapping[Key, Fields]
    known: Mapping[str, frozenset[str]]
    holders: Mapping[str, Mapping[str, Key]]


def contradictions(reading: Reading, present: StoredRecords) -> list[RowError]:
    """Errors of rows that refer to records that are not there, or take a unique value from another record."""
    errors: list[RowError] = []
    keys = {draft.key for draft in reading.drafts}
    for draft in reading.drafts:
        for column in reading.kind.columns:
            value = draft.fields[column.field]
            if column.refers and value is not None and value not in present.known[column.refers]:
                en = f"is no record of {column.refers}; register it first"
                errors.append(reading.error(draft, column.field, "尚未登记，请先登记", en))
        for field in reading.kind.unique:
            holder = present.holders[field].get(draft.fields[field])
            # A holder in the same sheet states its own value there, which no other row repeats.
            if holder is not None and holder != draft.key and (holder not in keys or field not in reading.stated):
                name = " ".join(holder)
                errors.append(reading.error(draft, field, f"已属于 {name}", f"belongs to {name}"))
    return errors


def changes(reading: Reading, present: StoredRecords) -> list[RecordChange]:
    """The records that the sheet changes, in its order.

    Of a record that is there, only the fields that the sheet has a column for: a sheet of names and stations leaves
    the classification alone. A blank cell in a column states that there is nothing.
    """
    made: list[RecordChange] = []
    for draft in reading.drafts:
        before = present.records.get(draft.key)
        said = {field: draft.fields[field] for field in (reading.stated if before is not None else draft.fields)}
        after = {**(before or {}), **said, **reading.kind.always}
        if after != before:
            made.append(RecordChange(draft.row, draft.key, before, after))
    return made


def digest(kind: Kind, file_sha256: str, present: StoredRecords) -> str:
    """A digest of the file and of everything stored that the answer to it depends on."""
    state = to_json(
        [
            kind.name,
            file_sha256,
            sorted([list(key), sorted(fields.items())] for key, fields in present.records.items()),
            {name: sorted(keys) for name, keys in sorted(present.known.items())},
            {field: sorted(holders.items()) for field, holders in sorted(present.holders.items())},
        ]
    )
    return hashlib.sha256(state).hexdigest()
