"""Cases and assignments as the API shows them: the names of the wire contract."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from services.dispatcher import lifecycle, tables
from services.dispatcher.lifecycle import State
from shared.events import CaseKind, Level, TeamMember
from shared.identity import Principal
from shared.instants import Instant


class CaseAnswer(BaseModel):
    """A case. `due_at` is the half-open end of its deadline, `due_text` shows it as 24:00.

    `allowed` is what the caller's role may do now.
    """

    case_id: UUID
    kind: CaseKind
    level: Level
    state: str
    overdue: bool
    enterprise_code: str
    enterprise_name: str | None
    category: str
    station: str | None
    team: list[TeamMember]
    alert_ids: list[UUID]
    issued_at: Instant
    opened_at: Instant
    closed_at: Instant | None
    outcome: str | None
    due_at: Instant | None
    due_text: str | None
    raised_by: UUID | None
    allowed: list[str]

    @classmethod
    def of(cls, row: Row[Any], caller: Principal) -> Self:
        """The answer to `caller` from a row of `case_rows`."""
        values = dict(row._mapping)
        values["overdue"] = values.pop("overdue_at") is not None
        values["allowed"] = lifecycle.allowed(CaseKind(row.kind), State(row.state), caller.role)
        return cls.model_validate(values)


class AssignmentAnswer(BaseModel):
    """One officer's part in a case, with the officer's own steps."""

    assignment_id: UUID
    case_id: UUID
    officer: str
    part: str
    state: str
    case_state: str
    offered_at: Instant
    accepted_at: Instant | None
    departed_at: Instant | None
    arrived_at: Instant | None
    ended_at: Instant | None


def case_rows() -> Select[Any]:
    """Cases with enterprise name, team and alerts: one row each, to be filtered and ordered."""
    cases, assignments, officers = tables.cases, tables.assignments, tables.officers
    member = func.jsonb_build_object(
        "officer",
        assignments.c.officer,
        "name",
        func.coalesce(officers.c.name, assignments.c.officer),
        "part",
        assignments.c.part,
    )
    team = (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(member, assignments.c.part)), literal([], JSONB)))
        .select_from(assignments.outerjoin(officers, officers.c.code == assignments.c.officer))
        .where(assignments.c.case_id == cases.c.case_id, assignments.c.ended_at.is_(None))
        .scalar_subquery()
    )
    alert_ids = (
        select(func.array_agg(tables.case_alerts.c.alert_id))
        .where(tables.case_alerts.c.case_id == cases.c.case_id)
        .scalar_subquery()
    )
    return select(
        *(column for column in cases.c if column.name not in ("alert_id", "deadline_id", "revision")),
        tables.enterprises.c.name.label("enterprise_name"),
        team.label("team"),
        alert_ids.label("alert_ids"),
    ).select_from(cases.outerjoin(tables.enterprises, tables.enterprises.c.code == cases.c.enterprise_code))
