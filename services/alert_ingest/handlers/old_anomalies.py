"""Confirming an alert of an old anomaly: from then on it asks for what its level asks for. One person suffices."""

from uuid import UUID

from services.alert_ingest.domain.alert import StoredAlert
from services.alert_ingest.handlers import regrading
from services.alert_ingest.store import decisions as decision_store
from services.alert_ingest.store import graded_alerts
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store.alerts import enterprises_of
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.refusals import Conflict, NotFound
from shared.messaging.proposals.people import Matter, Person
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import shown


async def confirm(work: UnitOfWork, books: RuleBooks, alert_id: UUID, reason: str, by: Person) -> StoredAlert:
    """Issue a held alert as it is graded by what is known now, which is never lower than it was; answer it.

    It becomes part of what happened before later ones. Raises NotFound, and Conflict where it is not held.
    """
    codes = await enterprises_of(work.connection, [alert_id])
    station = (await decision_store.stations_of(work.connection, codes)).get(codes[0]) if codes else None
    if not codes or not Matter(station, codes[0]).is_proposed_by(by):
        raise NotFound("alert", alert_id)
    await intake_store.lock_enterprises(work.connection, codes)
    stored = await graded_alerts.locked_alert(work.connection, books, alert_id)
    if not stored.held or stored.dismissed:
        raise Conflict("not-held", "the alert does not wait to be confirmed", title="Not confirmed")
    reach = await books.history_reach(work.connection)
    _, revisions = await regrading.grade_all(work, books, [], [stored], reach)
    grade = await regrading.regrade(work.connection, stored)
    if grade.level.rank < stored.level.rank:
        grade = stored.grade
    confirmed = stored.revised(grade, "confirmed", work.now)
    decision = {"kind": "confirm", "reason": reason, "confirmed_by": by.name, "at": shown(work.now)}
    await regrading.apply_revisions(work, [confirmed], decision)
    await regrading.apply_revisions(work, [one for one in revisions if one.alert.alert_id != alert_id])
    return await graded_alerts.locked_alert(work.connection, books, alert_id)
