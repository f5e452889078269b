"""Emitting a grade again whose event is lost: composed from the stored alert, under an identifier of its own."""

from collections.abc import Collection
from uuid import UUID

from services.alert_ingest.store import graded_alerts
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store.alerts import enterprises_of, former_gradings
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import Level
from shared.messaging.unit_of_work import UnitOfWork


async def republish(work: UnitOfWork, books: RuleBooks, alert_ids: Collection[UUID]) -> int:
    """Emit the grades in force of these alerts again, as of when they were issued; answer how many.

    A dismissed alert asks for nothing. A regraded alert's event is for consumers that have not acted on it: it ends
    what an earlier grade asked for.
    """
    await intake_store.lock_enterprises(work.connection, await enterprises_of(work.connection, alert_ids))
    alerts = await graded_alerts.alerts_in_force(work.connection, books, alert_ids)
    for alert in alerts:
        if alert.revision == 1:
            work.emit(alert.issued.to_event())
        else:
            *_, former = await former_gradings(work.connection, alert.alert_id)
            previous, cause = Level(former.level), former.cause
            work.emit(alert.issued.to_regraded_event(previous=previous, revision=alert.revision, cause=cause))
    return len(alerts)
