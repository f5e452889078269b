"""Telling again of a grade whose event is lost: composed anew from the alert's row, under an identifier of its own."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.alert import Alert, Cause
from services.alert_ingest.handlers.regrading import Standing
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.cloudevents import Outgoing
from shared.contract.events import Level

_ALERTS, _FORMER = tables.alerts.c, tables.former_gradings.c


async def tell_again(
    connection: AsyncConnection, books: RuleBooks, alert_ids: Collection[UUID], topic: str
) -> Sequence[Outgoing]:
    """The grades in force of these alerts, as they were told when they were issued. A dismissed alert asks for nothing.

    A regraded alert's is for readers that have not acted on it: they end what an earlier grade asked for.
    """
    asked = _ALERTS.alert_id.in_(alert_ids)
    codes = await connection.scalars(select(_ALERTS.enterprise_code).where(asked))
    await intake_store.lock_enterprises(connection, codes.all())
    rows = await connection.execute(select(tables.alerts).where(asked, _ALERTS.dismissed_at.is_(None)))
    return [await _told(connection, books, row, topic) for row in rows.all()]


async def _told(connection: AsyncConnection, books: RuleBooks, row: Row[tuple[object, ...]], topic: str) -> Outgoing:
    standing = await Standing.of(connection, books, row)
    alert = Alert(standing.assessed, standing.graded, row.received_at, row.issued_at)
    if row.revision == 1:
        return alert.told(topic)
    superseded = select(_FORMER.level, _FORMER.cause).where(
        _FORMER.alert_id == row.alert_id, _FORMER.revision == row.revision - 1
    )
    former = (await connection.execute(superseded)).one()
    cause: Cause = former.cause
    return alert.told_again(topic, previous=Level(former.level), revision=row.revision, cause=cause)
