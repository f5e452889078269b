"""The statement that stores new alerts.

Whoever calls it holds the locks of the enterprises concerned (`intake.lock_enterprises`).
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json, to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.alert import Alert
from services.alert_ingest.domain.parsing import Received
from services.alert_ingest.store.grades import Raced, columns_of_grade, event_of


async def open_alerts(connection: AsyncConnection, opened: Sequence[tuple[Alert, Received]]) -> None:
    """Store new alerts, each with the event that opened it. Raises Raced where one is there already."""
    inserted = await connection.execute(
        text("""
            insert into ingest.alerts (alert_id, enterprise_code, outlet, category, pollutant, occurred_at,
                                       level, grading, doubts, event, received_at, issued_at, source, own_rule,
                                       own_level, exceeding, classification, deciding_event, graded_level,
                                       identity, held_since, counted_on)
            select alert_id, enterprise_code, outlet, category, pollutant, occurred_at,
                   level, grading, doubts, event, received_at, issued_at, source, own_rule,
                   own_level, exceeding, classification, nullif(deciding_event, 'null'), graded_level,
                   decode(identity, 'hex'), held_since, counted_on
              from jsonb_to_recordset(cast(:rows as jsonb)) as new (
                     alert_id uuid, enterprise_code text, outlet text, category text, pollutant text,
                     occurred_at timestamptz, level text, grading jsonb, doubts jsonb, event jsonb,
                     received_at timestamptz, issued_at timestamptz, source text, own_rule text,
                     own_level text, exceeding boolean, classification text[], deciding_event jsonb, graded_level text,
                     identity text, held_since timestamptz, counted_on uuid)
             order by outlet, category, pollutant, occurred_at, enterprise_code
            on conflict do nothing
        """),
        {"rows": to_json([_columns_of(alert, received) for alert, received in opened]).decode()},
    )
    if inserted.rowcount < len(opened):
        raise Raced


def _columns_of(alert: Alert, received: Received) -> dict[str, Any]:
    """The columns of a new alert, opened by `received`."""
    occurrence, assessment = received.occurrence, alert.assessment
    return columns_of_grade(alert) | {
        "alert_id": alert.alert_id,
        "enterprise_code": occurrence.enterprise_code,
        "outlet": occurrence.outlet,
        "category": occurrence.category,
        "pollutant": occurrence.pollutant,
        "occurred_at": occurrence.occurred_at,
        "event": from_json(received.body),
        "received_at": alert.received_at,
        "source": received.event.source,
        "classification": sorted(assessment.classification),
        "deciding_event": None if assessment.event is received.event else event_of(assessment),
        "graded_level": alert.grade.level,
        "identity": occurrence.identity.hex(),
        "held_since": alert.issued_at if alert.held else None,
        "counted_on": alert.counted_on,
    }
