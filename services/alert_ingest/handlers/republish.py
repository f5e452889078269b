"""Emitting a grade again whose event is lost: composed from the alert's row, under an identifier of its own."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.alert import Alert
from services.alert_ingest.handlers.regrading import StoredAlert
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import Level
from shared.contract.messages import Event
from shared.messaging.unit_of_work import UnitOfWork

_ALERTS, _FORMER = tables.alerts.c, tables.former_gradings.c


async def republish(work: UnitOfWork, books: RuleBooks, alert_ids: Collection[UUID]) -> int:
    """Emit the grades in force of these alerts again, as of when they were issued; answer how many.

    A dismissed alert asks for nothing. A regraded alert's event is for consumers that have not acted on it: it ends
    what an earlier grade asked for.
    """
    asked = _ALERTS.alert_id.in_(alert_ids)
    codes = await work.connection.scalars(select(_ALERTS.enterprise_code).where(asked))
    await intake_store.lock_enterprises(work.connection, codes.all())
    rows = await work.connection.execute(select(tables.alerts).where(asked, _ALERTS.dismissed_at.is_(None)))
    events = [await _event_of(work.connection, books, row) for row in rows.all()]
    work.emit(*events)
    return len(events)


async def _event_of(connection: AsyncConnection, books: RuleBooks, row: Row[Any]) -> Event:
    stored = await StoredAlert.of(connection, books, row)
    alert = Alert(stored.assessment, stored.graded, row.received_at, row.issued_at)
    if row.revision == 1:
        return alert.to_event()
    superseded = select(_FORMER.level, _FORMER.cause).where(
        _FORMER.alert_id == row.alert_id, _FORMER.revision == row.revision - 1
    )
    former = (await connection.execute(superseded)).one()
    return alert.to_regraded_event(previous=Level(former.level), revision=row.revision, cause=former.cause)
