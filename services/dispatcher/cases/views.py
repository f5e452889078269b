"""Cases as the API shows them: the names of the wire contract."""

from datetime import date
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, FromClause, Row, ScalarSelect, Select, and_, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from services.dispatcher import tables
from services.dispatcher.cases import conditions
from services.dispatcher.domain import disclosure, lifecycle, own_steps
from services.dispatcher.domain.lifecycle import ENDED_UNANSWERED, Action
from services.dispatcher.notices.undelivered import told_of_case
from shared.contract.disclosure import load, shown
from shared.contract.events import CaseKind, Level, TeamMember
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Role
from shared.contract.words import CaseState
from shared.time.instants import CalendarDate, Instant

CLOSED_WITH_CASE, ENDED_WITH_CASE = "closed", "ended"
"""The `end_reason` of an assignment that lasted until its case was closed: with an answer, and without one."""


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


class UndeliveredNotice(BaseModel):
    """A notice about the case that had not arrived when the station was told to phone; it may have since."""

    notice_id: UUID
    purpose: str
    recipient_kind: str
    recipient: str
    created_at: Instant
    told_at: Instant
    delivered_at: Instant | None
    delivered_by: str | None


class CaseAnswer(BaseModel):
    """A case. `due_at` is the half-open end of its deadline, `due_text` shows it as 24:00.

    `merged_into` is the case that it joined; `matters` are what joined this one. `undelivered` are the notices about
    it that did not arrive in time. `allowed` is what the caller may
    do with it now. `revision` grows with every step: sent as `If-Match`, it has the next action done only where nobody
    else came first.

    `handled`: it ended in an outcome. `finished`: so did every check that followed it, and its penalty file has a
    number. `follow_ups` are those checks; `planned_end` is when a final report is due, `correct_by` and
    `observe_until` what the outcome carries.
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
    undelivered: list[UndeliveredNotice]
    allowed: list[Action]
    planned_end: Instant | None = None
    correct_by: CalendarDate | None = None
    observe_until: CalendarDate | None = None
    legal_basis: str | None = None
    file_number: str | None = None
    follow_ups: list[UUID] = []
    handled: bool = False
    finished: bool = False

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
            "handled": row.closed_at is not None,
            "allowed": _allowed(row, caller),
        }
        return shown(cls.model_validate({**row._mapping, **seen}), sight, disclosure.TABLE)


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
            # A case that joined a visit has the team of that one.
            assignments.c.case_id == func.coalesce(cases.c.merged_into, cases.c.case_id),
            # A closed case keeps the team that had it to the end.
            assignments.c.ended_at.is_(None) | assignments.c.end_reason.in_([CLOSED_WITH_CASE, ENDED_WITH_CASE]),
        )
        .scalar_subquery()
    )
    return select(
        cases,
        tables.enterprises.c.name.label("enterprise_name"),
        team.label("team"),
        alert_ids_of(cases).label("alert_ids"),
        matters_of(cases, _joined(cases)).label("matters"),
        told_of_case().label("undelivered"),
        conditions.checks_of_case().label("follow_ups"),
        conditions.is_finished().label("finished"),
    ).outerjoin_from(cases, tables.enterprises, tables.enterprises.c.code == cases.c.enterprise_code)


def alert_ids_of(cases: FromClause) -> ScalarSelect[Any]:
    """The alerts of a case."""
    alerts = tables.case_alerts.alias("every_alert")
    asked = select(func.array_agg(alerts.c.alert_id)).where(alerts.c.case_id == cases.c.case_id)
    return asked.correlate(cases).scalar_subquery()


def matters_of(cases: FromClause, joined: Select[Any]) -> ScalarSelect[Any]:
    """What the visit of a case does besides: the `joined` cases, each a `matter`, and planned inspections."""
    inspections = tables.inspections
    inspection = func.jsonb_build_object(
        *("inspection_id", inspections.c.inspection_id, "plan", inspections.c.plan),
        *("matters", inspections.c.matters, "planned_until", inspections.c.planned_until),
    )
    planned = select(inspection.label("matter")).where(inspections.c.case_id == cases.c.case_id).correlate(cases)
    matters = union_all(joined, planned).subquery()
    return select(func.coalesce(func.jsonb_agg(matters.c.matter), literal([], JSONB))).scalar_subquery()


def _joined(cases: FromClause) -> Select[Any]:
    joined = tables.cases.alias("joined")
    joined_case = func.jsonb_build_object(
        *("case_id", joined.c.case_id, "category", joined.c.category),
        *("due_at", joined.c.due_at, "due_text", joined.c.due_text),
    )
    return select(joined_case.label("matter")).where(belongs_to(joined, cases)).correlate(cases)


def belongs_to(joined: FromClause, cases: FromClause) -> ColumnElement[bool]:
    """The condition for what joined a case, and did not end since because its alert asked for it no more."""
    return and_(joined.c.merged_into == cases.c.case_id, joined.c.state.not_in(sorted(ENDED_UNANSWERED)))


def _allowed(row: Row[Any], caller: Principal) -> list[Action]:
    """What the caller may do with a case: an officer by the own assignment, everybody else by role."""
    state = CaseState(row.state)
    if caller.role is not Role.OFFICER:
        able = lifecycle.allowed(CaseKind(row.kind), state, caller.role)
        return [one for one in able if one is not Action.INTERIM_REPORT]  # it is a kind of self-report
    own = [member["state"] for member in row.team if member["officer"] == caller.subject]
    return own_steps.own_actions(CaseState(own[0]), state, off_site_first=row.off_site_first) if own else []
