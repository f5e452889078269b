"""What is known of cases, apart from their clocks: the marks that milestones run between, and the auditor compares."""

from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables
from services.deadline_watch.domain import milestones
from services.deadline_watch.domain.rules_in_force import RulesInForce
from shared.contract.events import CaseEvent, CaseMark, CaseType

_MARKS = {
    CaseType.ASSIGNED: CaseMark.ASSIGNED,
    CaseType.REASSIGNED: CaseMark.ASSIGNED,
    CaseType.ACCEPTED: CaseMark.ACCEPTED,
    CaseType.ARRIVED: CaseMark.ARRIVED,
    CaseType.SELF_REPORTED: CaseMark.ANSWERED,
    CaseType.FEEDBACK_SUBMITTED: CaseMark.ANSWERED,
    CaseType.APPROVED: CaseMark.REVIEWED,
    CaseType.INTERIM_ACCEPTED: CaseMark.REVIEWED,
    CaseType.RETURNED: CaseMark.REVIEWED,
}


async def record(
    connection: AsyncConnection, type_: CaseType, case: CaseEvent, rules: RulesInForce, now: datetime
) -> None:
    """Store the mark that a case has made, and start the milestones that run from it.

    Of marks of one kind the latest stands, so that messages end the same in whatever order they come.
    """
    mark = _MARKS.get(type_)
    column = "closed" if type_ is CaseType.CLOSED else mark
    await _save(connection, case, {} if column is None else {f"{column}_at": case.at}, now)
    policy = rules.policy_at(case.issued_at)
    started = [
        {
            "case_id": case.case_id,
            "kind": case.kind,
            "milestone": key,
            "started_at": case.at,
            "enterprise_code": case.enterprise_code,
            "due_at": milestones.due(milestone, case.at, policy, rules.calendar),
            "policy_version": policy.version,
            "calendar_version": rules.calendar.version,
        }
        for key, milestone in policy.milestones.items()
        if case.kind in milestone.kinds and mark is milestone.begins
    ]
    if started:
        await connection.execute(insert(tables.milestones).on_conflict_do_nothing(), started)


async def _save(connection: AsyncConnection, case: CaseEvent, marks: dict[str, datetime], now: datetime) -> None:
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
