"""What is known of cases, apart from their clocks: the marks that milestones run between, and the auditor compares."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch.domain.known_deadlines import KnownDeadlines
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
# Of marks of one kind the latest stands, so that messages end the same in whatever order they come.
_SAVE = text("""
    insert into watch.cases (case_id, kind, enterprise_code, alert_id, level, station, assigned_at, accepted_at,
                             arrived_at, answered_at, reviewed_at, closed_at, heard_at)
    select case_id, kind, enterprise_code, alert_id, level, station, assigned_at, accepted_at,
           arrived_at, answered_at, reviewed_at, closed_at, :now
      from jsonb_to_recordset(cast(:cases as jsonb)) as new (
             case_id uuid, kind text, enterprise_code text, alert_id uuid, level text, station text,
             assigned_at timestamptz, accepted_at timestamptz, arrived_at timestamptz, answered_at timestamptz,
             reviewed_at timestamptz, closed_at timestamptz)
     order by case_id, kind
    on conflict (case_id, kind) do update
       set station = excluded.station,
           assigned_at = greatest(cases.assigned_at, excluded.assigned_at),
           accepted_at = greatest(cases.accepted_at, excluded.accepted_at),
           arrived_at = greatest(cases.arrived_at, excluded.arrived_at),
           answered_at = greatest(cases.answered_at, excluded.answered_at),
           reviewed_at = greatest(cases.reviewed_at, excluded.reviewed_at),
           closed_at = greatest(cases.closed_at, excluded.closed_at)
""")
_START_MILESTONES = text("""
    insert into watch.milestones (case_id, kind, milestone, started_at, enterprise_code, due_at, policy_version,
                                  calendar_version)
    select case_id, kind, milestone, started_at, enterprise_code, due_at, policy_version, calendar_version
      from jsonb_to_recordset(cast(:milestones as jsonb)) as new (
             case_id uuid, kind text, milestone text, started_at timestamptz, enterprise_code text,
             due_at timestamptz, policy_version text, calendar_version text)
     order by case_id, kind, milestone, started_at
    on conflict do nothing
""")


async def record(
    connection: AsyncConnection,
    events: Sequence[tuple[CaseType, CaseEvent]],
    rules: RulesInForce,
    known: KnownDeadlines,
    now: datetime,
) -> None:
    """Store the marks that cases have made, and start the milestones that run from them."""
    rows: dict[tuple[Any, Any], dict[str, Any]] = {}
    started = []
    for type_, case in events:
        row = rows.setdefault((case.case_id, case.kind), _row(case))
        row["station"] = case.station
        mark = _MARKS.get(type_)
        column = "closed_at" if type_ is CaseType.CLOSED else mark and f"{mark}_at"
        if column is not None:
            before = row.get(column)
            row[column] = case.at if before is None else max(before, case.at)
        if mark is not None:
            started += _milestones(mark, case, rules, known)
    await connection.execute(_SAVE, {"cases": to_json(list(rows.values())).decode(), "now": now})
    if started:
        await connection.execute(_START_MILESTONES, {"milestones": to_json(started).decode()})


def _row(case: CaseEvent) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "kind": case.kind.value,
        "enterprise_code": case.enterprise_code,
        "alert_id": case.alert_id,
        "level": case.level.value,
    }


def _milestones(mark: CaseMark, case: CaseEvent, rules: RulesInForce, known: KnownDeadlines) -> list[dict[str, Any]]:
    policy = rules.policy_at(case.issued_at)
    return [
        {
            "case_id": case.case_id,
            "kind": case.kind.value,
            "milestone": name,
            "started_at": case.at,
            "enterprise_code": case.enterprise_code,
            "due_at": known.milestone_due(name, case.at, policy.version, rules),
            "policy_version": policy.version,
            "calendar_version": rules.calendar.version,
        }
        for name, milestone in policy.milestones.items()
        if case.kind in milestone.kinds and mark is milestone.begins
    ]
