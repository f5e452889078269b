"""What is heard of cases, apart from their clocks: the marks that milestones run between, and the auditor compares."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain import milestones
from services.deadline_watch.domain.rules_in_force import Regime
from shared.contract.events import CaseEvent, CaseType

_MARKS = {
    CaseType.ASSIGNED: "assigned_at",
    CaseType.REASSIGNED: "assigned_at",
    CaseType.ACCEPTED: "accepted_at",
    CaseType.ARRIVED: "arrived_at",
    CaseType.SELF_REPORTED: "answered_at",
    CaseType.FEEDBACK_SUBMITTED: "answered_at",
    CaseType.APPROVED: "reviewed_at",
    CaseType.RETURNED: "reviewed_at",
    CaseType.CLOSED: "closed_at",
}


async def heard(connection: AsyncConnection, type_: CaseType, case: CaseEvent, regime: Regime, now: datetime) -> None:
    """Keep the mark that the case has made, and begin the milestones that begin with it.

    Of marks of one kind the latest stands, so that messages end the same in whatever order they come.
    """
    mark = _MARKS.get(type_)
    await _keep(connection, case, {} if mark is None else {mark: case.at}, now)
    policy = regime.policy_at(case.issued_at)
    begun = [
        {
            "case_id": case.case_id,
            "kind": case.kind,
            "milestone": name,
            "started_at": case.at,
            "enterprise_code": case.enterprise_code,
            "due_at": milestones.due(milestone, case.at, policy, regime.calendar),
            "policy_version": policy.version,
            "calendar_version": regime.calendar.version,
        }
        for name, milestone in policy.milestones.items()
        if case.kind in milestone.kinds and mark == f"{milestone.begins}_at"
    ]
    if begun:
        await connection.execute(insert(tables.milestones).on_conflict_do_nothing(), begun)


async def _keep(connection: AsyncConnection, case: CaseEvent, marks: dict[str, datetime], now: datetime) -> None:
    table = tables.cases
    new = insert(table).values(
        case_id=case.case_id,
        kind=case.kind,
        enterprise_code=case.enterprise_code,
        alert_id=case.alert_id,
        level=case.level,
        station=case.station,
        heard_at=now,
        **marks,
    )
    changed = {name: func.greatest(table.c[name], new.excluded[name]) for name in marks}
    await connection.execute(
        new.on_conflict_do_update(index_elements=["case_id", "kind"], set_={"station": new.excluded.station} | changed)
    )
