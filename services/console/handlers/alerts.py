"""Merging the grades of alerts, and their dismissals, into the rows of alerts."""

from collections.abc import Sequence
from typing import Any

from services.console.domain.alert_record import AlertRecord
from services.console.store import records
from services.console.store.enterprises import Known, known_enterprises
from services.console.store.matters import key_of, matters_of
from services.console.store.targets import LIVE, Target
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.events import AlertDismissed, AlertGraded
from shared.messaging.inbox import Received


class AlertEvents:
    """Merges events into `target`: the read model, or what a rebuild makes beside it."""

    def __init__(self, target: Target = LIVE) -> None:
        self._target = target

    async def handle(self, work: ReadModelWork, events: Sequence[Received[Any]]) -> None:
        """Bring the alerts that these events are about to what all say together."""
        ids = {event.data.alert_id for event in events}
        before = {one.alert_id: one for one in await records.alerts_by_id(work.connection, self._target, ids)}
        merged = dict(before)
        for event in events:
            data: AlertGraded | AlertDismissed = event.data
            alert = merged.get(data.alert_id) or AlertRecord(
                alert_id=data.alert_id, enterprise_code=data.enterprise.code
            )
            alert = alert.with_grade(data) if isinstance(data, AlertGraded) else alert.with_dismissal(data)
            merged[data.alert_id] = alert
        known = await known_enterprises(work.connection, {one.enterprise_code for one in merged.values()})
        placed = [_placed(alert, known.get(alert.enterprise_code, Known())) for alert in merged.values()]
        numbers = await matters_of(work.connection, [alert for alert in placed if alert.level is not None])
        after = [alert.model_copy(update={"matter_id": numbers.get(key_of(alert))}) for alert in placed]
        changed = [alert for alert in after if alert != before.get(alert.alert_id)]
        await records.keep_alerts(work.connection, self._target, changed)
        if self._target is LIVE:
            for alert in changed:
                work.changed_alert(before.get(alert.alert_id), alert)


def _placed(alert: AlertRecord, enterprise: Known) -> AlertRecord:
    """The alert at the station in charge, and under the name that master data have where its event had none."""
    name = alert.enterprise_name or enterprise.name
    return alert.dated().model_copy(update={"station": enterprise.station, "enterprise_name": name})
