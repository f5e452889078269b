"""The statement that stores new alerts.

Whoever calls it holds the locks of the enterprises concerned (`intake.lock_enterprises`).
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.alert import Alert
from services.alert_ingest.domain.parsing import Received
from services.alert_ingest.store.grades import Raced, event_of
from shared.contract.cloudevents import written

_COLUMNS = {
    "alert_id": "uuid",
    "enterprise_code": "text",
    "outlet": "text",
    "category": "text",
    "pollutant": "text",
    "occurred_at": "timestamptz",
    "level": "text",
    "grading": "jsonb",
    "doubts": "jsonb",
    "event": "jsonb",
    "received_at": "timestamptz",
    "issued_at": "timestamptz",
    "source": "text",
    "own_rule": "text",
    "own_level": "text",
    "exceeding": "boolean",
    "classification": "text[]",
    "deciding_event": "jsonb",
    "graded_level": "text",
    "identity": "bytea",
    "held_since": "timestamptz",
    "counted_on": "uuid",
}
# Arrays of arrays have to be of one length, so that these are written as PostgreSQL writes them.
_AS_TEXT = {"jsonb", "text[]"}
_NAMES = ", ".join(_COLUMNS)
_VALUES = ", ".join(f"{name}::{kind}" if kind in _AS_TEXT else name for name, kind in _COLUMNS.items())
_ARRAYS = ", ".join(f"cast(:{name} as {'text' if kind in _AS_TEXT else kind}[])" for name, kind in _COLUMNS.items())
_OPEN = text(f"""
    insert into ingest.alerts ({_NAMES})
    select {_VALUES} from unnest({_ARRAYS}) as new ({_NAMES})
     order by outlet, category, pollutant, occurred_at, enterprise_code
    on conflict do nothing
""")


async def open_alerts(connection: AsyncConnection, opened: Sequence[tuple[Alert, Received]]) -> None:
    """Store new alerts, each with the event that opened it. Raises Raced where one is there already."""
    if not opened:
        return
    columns = zip(*(_row(alert, received) for alert, received in opened), strict=True)
    inserted = await connection.execute(_OPEN, dict(zip(_COLUMNS, map(list, columns), strict=True)))
    if inserted.rowcount < len(opened):
        raise Raced


def _row(alert: Alert, received: Received) -> tuple[Any, ...]:
    """The columns of a new alert, opened by `received`."""
    occurrence, assessment, grade = received.occurrence, alert.assessment, alert.grade
    entry = assessment.entry
    return (
        alert.alert_id,
        occurrence.enterprise_code,
        occurrence.outlet,
        occurrence.category,
        occurrence.pollutant,
        occurrence.occurred_at,
        grade.level,
        written(grade.grading).decode(),
        written(grade.doubts).decode() if grade.doubts else "[]",
        received.body.decode(),
        alert.received_at,
        alert.issued_at,
        received.event.source,
        entry.rule,
        entry.level,
        entry.exceeding,
        _array(assessment.classification),
        None if assessment.event is received.event else orjson.dumps(event_of(assessment)).decode(),
        grade.level,
        occurrence.identity,
        alert.issued_at if alert.held else None,
        alert.counted_on,
    )


def _array(words: frozenset[str]) -> str:
    """The words as PostgreSQL writes an array of texts."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in sorted(words))
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"
