"""The event and the grading of an alert as its row has them: as JSON, or packed to a tenth of that.

They are packed once no process of the release before reads them (`Settings.packed_alerts`). A regraded alert's grading
is JSON again; there are few.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple, Self

from pydantic_core import from_json, to_json
from sqlalchemy import Row

from services.alert_ingest.domain.parsing import Received
from shared.storage.packing import Packer, unpacked

_VERSION = re.compile(rb'"rule_book_version":("(?:[^"\\]|\\.)*")')


class Bodies(NamedTuple):
    """Events of platforms by their identity as they are stored: as they came, or by the `packer` once for both tables
    that have them.
    """

    stored: dict[tuple[str, str], bytes]
    packer: Packer | None

    @classmethod
    def of(cls, events: Sequence[Received], packer: Packer | None) -> Self:
        bodies = [received.body for received in events]
        stored = bodies if packer is None else packer.pack(bodies)
        return cls(dict(zip([received.identity for received in events], stored, strict=True)), packer)


def event_of(row: Row[Any]) -> bytes:
    """The platform's event that opened the alert, as JSON."""
    return to_json(row.event) if row.packed_event is None else unpacked(row.packed_event)


def deciding_event_of(row: Row[Any]) -> bytes:
    """The event that decides the alert: the one that opened it, or the repeat that shows more."""
    return event_of(row) if row.deciding_event is None else to_json(row.deciding_event)


def grade_of(row: Row[Any]) -> tuple[Any, list[Any]]:
    """The grading of an alert, or a former one, and its doubts, as they are read from JSON.

    Packed are those that it was issued with; what came to be doubted later stands beside them.
    """
    if row.packed_grade is None:
        return row.grading, row.doubts
    grading, doubts = from_json(unpacked(row.packed_grade))
    return grading, [*doubts, *row.doubts]


def version_of(packed_grade: bytes) -> str:
    """The version of the rule book in a packed grade: found, as reading all of it takes four times as long."""
    found = _VERSION.search(unpacked(packed_grade))
    return str(from_json(found[1])) if found else ""


def read(row: Row[Any]) -> dict[str, Any]:
    """The columns of a row that has been read, with event, grading and doubts as JSON."""
    grading, doubts = grade_of(row)
    columns = row._asdict() | {"grading": grading, "doubts": doubts}
    return columns | {"event": from_json(event_of(row))} if "packed_event" in columns else columns
