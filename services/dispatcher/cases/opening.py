"""Opening a case: the row, the alert that asks for it, and its first step."""

from datetime import datetime
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from services.dispatcher import tables
from services.dispatcher.cases.steps import StepDetails, record
from services.dispatcher.cases.store import Case, lock
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from shared.contract.events import AlertGraded, CaseKind
from shared.contract.words import OFF_SITE_FIRST
from shared.time.identifiers import identifier


async def alert_of(work: CaseUnitOfWork, case: Case) -> AlertGraded:
    """The alert that a case was opened for, as it was graded then."""
    alerts = tables.case_alerts.c
    stored = await work.connection.scalar(
        select(alerts.alert).where(alerts.case_id == case.case_id, alerts.alert_id == case.alert_id)
    )
    return AlertGraded.model_validate_json(to_json(stored))


async def open_case(
    work: CaseUnitOfWork,
    alert: AlertGraded,
    kind: CaseKind,
    *,
    station: str | None,
    issued_at: datetime,
    alert_revision: int,
    raised_by: UUID | None = None,
    reopening: int = 0,
    reason: str | None = None,
    policy_version: str | None = None,
) -> Case | None:
    """Open the case of `kind` for this grade of `alert`; None when there is one already.

    Its clock runs from `issued_at`. `reopening` counts how often it was asked for anew, and `reason` says why it is;
    `policy_version` by which dispatch policy, where one decided.
    """
    first = lifecycle.opening(kind, reopening)
    case_id = identifier(work.now)
    opened = await work.connection.execute(
        upsert(tables.cases)
        .values(
            case_id=case_id,
            enterprise_code=alert.enterprise.code,
            alert_id=alert.alert_id,
            alert_revision=alert_revision,
            kind=kind,
            level=alert.level,
            state=first.state,
            station=station,
            category=alert.category,
            issued_at=issued_at,
            opened_at=work.now,
            raised_by=raised_by,
            revision=0,
            reopening=reopening,
            off_site_first=kind is CaseKind.ON_SITE and alert.response == OFF_SITE_FIRST,
        )
        .on_conflict_do_nothing()
    )
    if not opened.rowcount:
        return None
    await work.connection.execute(
        insert(tables.case_alerts).values(
            case_id=case_id,
            alert_id=alert.alert_id,
            enterprise_code=alert.enterprise.code,
            alert=alert.model_dump(mode="json"),
        )
    )
    case = await lock(work, case_id)
    assert case is not None  # noqa: S101  inserted above
    await record(work, case, [first], StepDetails(reason=reason, policy_version=policy_version))
    return case
