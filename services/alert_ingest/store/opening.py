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
from shared.storage.arrays import array

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
_LISTS = {"grading", "doubts", "event", "deciding_event"}
"""Large, or with many quotes: these and bytes are left to the driver."""
_MAY_BE_NULL = {"deciding_event", "held_since", "counted_on"}
_NAMES = ", ".join(_COLUMNS)
_VALUES = ", ".join(
    f"nullif({name}, '')::{kind}" if name in _MAY_BE_NULL else name if kind in {"text", "bytea"} else f"{name}::{kind}"
    for name, kind in _COLUMNS.items()
)
_ARRAYS = ", ".join(
    f"cast(:{name} as bytea[])"
    if kind == "bytea"
    else f"cast(:{name} as text[])"
    if name in _LISTS
    else f"cast(cast(:{name} as text) as text[])"
    for name, kind in _COLUMNS.items()
)
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
    values = {
        name: list(column) if kind == "bytea" or name in _LISTS else array(column)
        for (name, kind), column in zip(_COLUMNS.items(), columns, strict=True)
    }
    inserted = await connection.execute(_OPEN, values)
    if inserted.rowcount < len(opened):
        raise Raced


def _row(alert: Alert, received: Received) -> tuple[Any, ...]:
    """The columns of a new alert, opened by `received`."""
    occurrence, assessment, grade = received.occurrence, alert.assessment, alert.grade
    entry = assessment.entry
    return (
        alert.alert_id.hex,
        occurrence.enterprise_code,
        occurrence.outlet,
        occurrence.category,
        occurrence.pollutant,
        occurrence.occurred_at.isoformat(),
        grade.level,
        written(grade.grading).decode(),
        written(grade.doubts).decode() if grade.doubts else "[]",
        received.body.decode(),
        alert.received_at.isoformat(),
        alert.issued_at.isoformat(),
        received.event.source,
        entry.rule,
        entry.level,
        "t" if entry.exceeding else "f",
        array(sorted(assessment.classification)),
        "" if assessment.event is received.event else orjson.dumps(event_of(assessment)).decode(),
        grade.level,
        occurrence.identity,
        alert.issued_at.isoformat() if alert.held else "",
        "" if alert.counted_on is None else alert.counted_on.hex,
    )
