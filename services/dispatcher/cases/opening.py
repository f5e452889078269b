"""Opening a case: the row, the alert that asks for it, and its first step."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import select, text

from services.dispatcher import tables
from services.dispatcher.cases.places import Place, named_in, places_of
from services.dispatcher.cases.steps import StepDetails, record
from services.dispatcher.cases.store import Case, lock
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.lifecycle import CaseStep
from services.dispatcher.notices.wording.phrases import anomaly_of
from shared.contract.cloudevents import written
from shared.contract.events import AlertGraded, CaseKind
from shared.contract.words import OFF_SITE_FIRST
from shared.storage.recordsets import recordset
from shared.time.identifiers import identifier


async def alert_of(work: CaseUnitOfWork, case: Case) -> AlertGraded:
    """The alert that a case was opened for, as it was graded then."""
    alerts = tables.case_alerts.c
    stored = await work.connection.scalar(
        select(alerts.alert).where(alerts.case_id == case.case_id, alerts.alert_id == case.alert_id)
    )
    return AlertGraded.model_validate_json(to_json(stored))


@dataclass(frozen=True)
class Opening:
    """The case of `kind` that a grade of an alert asks for; its clock runs from `issued_at`.

    `reopening` counts how often it was asked for anew, and `reason` says why it is; `policy_version` by which dispatch
    policy, where one decided.
    """

    alert: AlertGraded
    kind: CaseKind
    station: str | None
    issued_at: datetime
    alert_revision: int
    raised_by: UUID | None = None
    reopening: int = 0
    reason: str | None = None
    policy_version: str | None = None

    @property
    def first_step(self) -> CaseStep:
        return lifecycle.opening(self.kind, self.reopening)

    @property
    def off_site_first(self) -> bool:
        return self.kind is CaseKind.ON_SITE and self.alert.response == OFF_SITE_FIRST

    @property
    def details(self) -> StepDetails:
        """What is kept of the first step."""
        return StepDetails(reason=self.reason, policy_version=self.policy_version)


async def insert_all(work: CaseUnitOfWork, openings: Sequence[Opening]) -> list[tuple[Case, Opening]]:
    """Store the cases that there are not yet, with their alerts, and return them in the order given.

    Nobody else sees them before the commit: they are as locked, where the caller has locked their enterprises. Each
    still has to take its first step, which tells of it.
    """
    opened = await _insert(work, openings)
    places = await places_of(work, [opening.alert for _, opening in opened]) if opened else {}
    return [(_case(case_id, opening, places[named_in(opening.alert)]), opening) for case_id, opening in opened]


async def _insert(work: CaseUnitOfWork, openings: Sequence[Opening]) -> list[tuple[UUID, Opening]]:
    numbered = {identifier(work.now): opening for opening in openings}
    rows = [_row(case_id, opening) for case_id, opening in numbered.items()]
    stored = await work.connection.scalars(_INSERT, {"cases": written(rows), "now": work.now})
    new = set(stored)
    opened = [(case_id, opening) for case_id, opening in numbered.items() if case_id in new]
    if not opened:
        return []
    alerts = [
        {
            "case_id": case_id,
            "alert_id": opening.alert.alert_id,
            "enterprise_code": opening.alert.enterprise.code,
            "alert": opening.alert,
        }
        for case_id, opening in opened
    ]
    await work.connection.execute(_INSERT_ALERTS, {"alerts": written(alerts)})
    return opened


def _case(case_id: UUID, opening: Opening, place: Place) -> Case:
    """The case as it is read when it was stored, without reading it."""
    alert, kind = opening.alert, opening.kind
    return Case(
        case_id=case_id,
        enterprise_code=alert.enterprise.code,
        alert_id=alert.alert_id,
        alert_revision=opening.alert_revision,
        kind=kind,
        level=alert.level,
        state=opening.first_step.state,
        station=opening.station,
        issued_at=opening.issued_at,
        due_at=None,
        due_text=None,
        provisional=None,
        raised_by=opening.raised_by,
        revision=0,
        held_above=False,
        state_before=None,
        merged_into=None,
        off_site_first=opening.off_site_first,
        reopening=opening.reopening,
        arrived_at=None,
        planned_end=None,
        enterprise_name=place.enterprise_name,
        alert_ids=[alert.alert_id],
        anomaly=anomaly_of(alert, place.outlet),
        address=place.address,
        contact=place.contact,
        position=place.position,
    )


def _row(case_id: UUID, opening: Opening) -> dict[str, Any]:
    alert, kind = opening.alert, opening.kind
    return {
        "case_id": case_id,
        "enterprise_code": alert.enterprise.code,
        "alert_id": alert.alert_id,
        "alert_revision": opening.alert_revision,
        "kind": kind.value,
        "level": alert.level.value,
        "state": opening.first_step.state.value,
        "station": opening.station,
        "category": alert.category,
        "issued_at": opening.issued_at,
        "raised_by": opening.raised_by,
        "reopening": opening.reopening,
        "off_site_first": opening.off_site_first,
    }


_INSERT = text(f"""
    insert into dispatch.cases (case_id, enterprise_code, alert_id, alert_revision, kind, level, state, station,
                                category, issued_at, opened_at, raised_by, revision, reopening, off_site_first)
    select case_id, enterprise_code, alert_id, alert_revision, kind, level, state, station,
           category, issued_at, :now, raised_by, 0, reopening, off_site_first
      from {recordset("cases")} as new (
             case_id uuid, enterprise_code text, alert_id uuid, alert_revision int, kind text, level text, state text,
             station text, category text, issued_at timestamptz, raised_by uuid, reopening int, off_site_first boolean)
    on conflict do nothing
    returning case_id
""")
_INSERT_ALERTS = text(f"""
    insert into dispatch.case_alerts (case_id, alert_id, enterprise_code, alert)
    select case_id, alert_id, enterprise_code, alert
      from {recordset("alerts")} as new (case_id uuid, alert_id uuid, enterprise_code text, alert jsonb)
""")


async def open_case(work: CaseUnitOfWork, opening: Opening) -> Case | None:
    """Open a case; None when there is one already."""
    opened = await _insert(work, [opening])
    if not opened:
        return None
    case = await lock(work, opened[0][0])
    assert case is not None  # noqa: S101  inserted above
    await record(work, case, [opening.first_step], opening.details)
    return case
