"""Cases and assignments as the API shows them: the names of the wire contract."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, ScalarSelect, Select, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.domain import disclosure, lifecycle, own_steps
from services.dispatcher.domain.lifecycle import ENDED_UNANSWERED, Action, CaseState
from shared.contract.disclosure import load, shown
from shared.contract.events import CaseKind, Level, TeamMember
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Role
from shared.time.instants import Instant

CLOSED_WITH_CASE = "closed"
"""The `end_reason` of an assignment that lasted until its case was closed."""


class JoinedCase(BaseModel):
    """A case that joined this one, with a deadline of its own."""

    case_id: UUID
    category: str
    due_at: Instant | None
    due_text: str | None


class JoinedInspection(BaseModel):
    """A planned inspection that the visit does too; the case keeps its deadline, whatever was planned."""

    inspection_id: UUID
    plan: str
    matters: str
    planned_until: date


class CaseAnswer(BaseModel):
    """A case. `due_at` is the half-open end of its deadline, `due_text` shows it as 24:00.

    `merged_into` is the case that it joined; `matters` are what joined this one. `allowed` is what the caller may
    do with it now. `revision` grows with every step: sent as `If-Match`, it has the next action done only where nobody
    else came first.
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
    merged_into: UUID | None
    off_site_first: bool
    revision: int
    matters: list[JoinedCase | JoinedInspection]
    allowed: list[Action]

    @classmethod
    def of(cls, row: Row[Any], caller: Principal) -> Self:
        """The answer to `caller` from a row of `case_rows`. Raises NotFound for a case that is not there for them."""
        kind, state, arrived = CaseKind(row.kind), CaseState(row.state), row.arrived_at is not None
        sight = disclosure.sight_of(load(), caller, kind, state, arrived=arrived)
        if sight is None:
            raise NotFound("case", row.case_id)
        seen = {
            "state": disclosure.shown_state(caller, kind, state, arrived=arrived),
            "outcome": disclosure.shown_outcome(sight, state, row.outcome),
            "overdue": row.overdue_at is not None,
            "allowed": _allowed(row, caller),
        }
        return shown(cls.model_validate({**row._mapping, **seen}), sight, disclosure.TABLE)


class EnterpriseAddress(BaseModel):
    code: str
    name: str | None
    address: str | None


class OpenAssignment(BaseModel):
    """A case that is assigned to the caller. `due_at` is the half-open end, `due_text` shows 24:00."""

    model_config = ConfigDict(from_attributes=True)

    assignment_id: UUID
    case_id: UUID
    state: str
    part: str
    level: Level
    enterprise: EnterpriseAddress
    due_at: Instant | None
    offered_at: Instant
    case_state: str
    kind: CaseKind
    station: str | None
    due_text: str | None
    category: str
    off_site_first: bool
    matters: list[JoinedCase | JoinedInspection]


class AssignmentAnswer(OpenAssignment):
    """One officer's assignment after a step, with the officer's own instants. Once it ended, others have the case."""

    officer: str
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
        "state",
        assignments.c.state,
    )
    team = (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(member, assignments.c.part)), literal([], JSONB)))
        .select_from(assignments.outerjoin(officers, officers.c.code == assignments.c.officer))
        .where(
            assignments.c.case_id == cases.c.case_id,
            # A closed case keeps the team that had it to the end.
            assignments.c.ended_at.is_(None) | (assignments.c.end_reason == CLOSED_WITH_CASE),
        )
        .scalar_subquery()
    )
    alert_ids = (
        select(func.array_agg(tables.case_alerts.c.alert_id))
        .where(tables.case_alerts.c.case_id == cases.c.case_id)
        .scalar_subquery()
    )
    return select(
        cases,
        tables.enterprises.c.name.label("enterprise_name"),
        team.label("team"),
        alert_ids.label("alert_ids"),
        _matters().label("matters"),
    ).outerjoin_from(cases, tables.enterprises, tables.enterprises.c.code == cases.c.enterprise_code)


def assignment_rows() -> Select[Any]:
    """Assignments with what an officer needs to know of the case: one row each, to be filtered and ordered."""
    assignments, cases, enterprises = tables.assignments, tables.cases, tables.enterprises
    enterprise = func.jsonb_build_object(
        "code", assignments.c.enterprise_code, "name", enterprises.c.name, "address", enterprises.c.address
    )
    known = (cases.c.level, cases.c.kind, cases.c.station, cases.c.due_at, cases.c.due_text, cases.c.category)
    matters = (cases.c.off_site_first, _matters().label("matters"))
    return (
        select(assignments, *known, *matters, cases.c.state.label("case_state"), enterprise.label("enterprise"))
        .join_from(assignments, cases, cases.c.case_id == assignments.c.case_id)
        .outerjoin(enterprises, enterprises.c.code == assignments.c.enterprise_code)
    )


async def latest_assignment(
    connection: AsyncConnection, officer: str, *, assignment_id: UUID | None, case_id: UUID | None
) -> AssignmentAnswer | None:
    """The officer's latest assignment: the one named, else the one of the case."""
    assignments = tables.assignments.c
    meant = assignments.case_id == case_id if assignment_id is None else assignments.assignment_id == assignment_id
    own = assignment_rows().where(meant, assignments.officer == officer)
    row = (await connection.execute(own.order_by(assignments.offered_at.desc()).limit(1))).one_or_none()
    return None if row is None else AssignmentAnswer.model_validate(row)


async def open_assignments(connection: AsyncConnection, officer: str) -> list[OpenAssignment]:
    """The open assignments of an officer, the longest held first."""
    assignments = tables.assignments.c
    rows = await connection.execute(
        assignment_rows()
        .where(assignments.officer == officer, assignments.ended_at.is_(None))
        .order_by(assignments.offered_at, assignments.assignment_id)
    )
    return [OpenAssignment.model_validate(row) for row in rows]


def _matters() -> ScalarSelect[Any]:
    """The cases and planned inspections that joined the visit of a case."""
    cases, joined, inspections = tables.cases, tables.cases.alias("joined"), tables.inspections
    joined_case = func.jsonb_build_object(
        *("case_id", joined.c.case_id, "category", joined.c.category),
        *("due_at", joined.c.due_at, "due_text", joined.c.due_text),
    )
    inspection = func.jsonb_build_object(
        *("inspection_id", inspections.c.inspection_id, "plan", inspections.c.plan),
        *("matters", inspections.c.matters, "planned_until", inspections.c.planned_until),
    )
    matters = union_all(
        select(joined_case.label("matter"))
        .where(joined.c.merged_into == cases.c.case_id, joined.c.state.not_in(sorted(ENDED_UNANSWERED)))
        .correlate(cases),
        select(inspection.label("matter")).where(inspections.c.case_id == cases.c.case_id).correlate(cases),
    ).subquery()
    return select(func.coalesce(func.jsonb_agg(matters.c.matter), literal([], JSONB))).scalar_subquery()


def _allowed(row: Row[Any], caller: Principal) -> list[Action]:
    """What the caller may do with a case: an officer by the own assignment, everybody else by role."""
    state = CaseState(row.state)
    if caller.role is not Role.OFFICER:
        return lifecycle.allowed(CaseKind(row.kind), state, caller.role)
    own = [member["state"] for member in row.team if member["officer"] == caller.subject]
    return own_steps.own_actions(CaseState(own[0]), state, off_site_first=row.off_site_first) if own else []
