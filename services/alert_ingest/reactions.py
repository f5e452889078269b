"""What alert_ingest does on hearing of a case: it remembers which case answers an alert."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from shared.cloudevents import CloudEvent, Outgoing
from shared.events import CaseEvent, CaseKind, CaseType
from shared.inbox import told


async def react(connection: AsyncConnection, event: CloudEvent, now: datetime) -> Sequence[Outgoing]:
    """Link alerts to the case that was opened for them; a verification is a second case beside the first."""
    del now
    if event.type == CaseType.OPENED:
        case = told(CaseEvent, event)
        if case.kind is not CaseKind.VERIFICATION:
            await connection.execute(
                update(tables.alerts).where(tables.alerts.c.alert_id.in_(case.alert_ids)).values(case_id=case.case_id)
            )
    return ()
