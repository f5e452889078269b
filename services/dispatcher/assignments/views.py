"""Assignments as the API shows them: what, where and by when, enough to set out without another call."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, FromClause, Select, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.anomalies import AnomalyColumns, own_alert
from services.dispatcher.cases.views import JoinedInspection, alert_ids_of, belongs_to, matters_of
from shared.contract.contacts import Contact
from shared.contract.events import Bilingual, CaseKind, Category, Level, OutletReference, Pollutant, SitePosition
from shared.contract.words import EntryCheck
from shared.time.instants import Instant


class EnterpriseAddress(BaseModel):
    code: str
    name: str | None
    address: str | None


class _Matter(BaseModel):
    """What is to be looked into, and by when: `due_at` is the half-open end, `due_text` shows it as 24:00.

    `reason` is why the anomaly was graded so. `provisional` where the deadline rests on a calendar year that is not
    published; null until it is computed.
    """

    model_config = ConfigDict(from_attributes=True)

    case_id: UUID
    kind: CaseKind
    level: Level
    alert_ids: list[UUID]
    category: Category
    outlet: OutletReference | None
    pollutant: Pollutant | None
    observed: float | None
    limit: float | None
    unit: str | None
    reason: Bilingual | None
    due_at: Instant | None
    due_text: str | None
    provisional: bool | None


class AssignmentMatter(_Matter):
    """A case that joined the visit, with a deadline of its own."""


class OpenAssignment(_Matter):
    """A case that is assigned to the caller; `matters` are what joined its visit.

    `position` is where to go, `contact` whom to phone there. `asks_entry_code`: a code hangs at the gate (入企码), and
    what is scanned there is sent with the arrival.
    """

    assignment_id: UUID
    state: str
    part: str
    enterprise: EnterpriseAddress
    position: SitePosition | None
    contact: Contact | None
    offered_at: Instant
    case_state: str
    station: str | None
    off_site_first: bool
    asks_entry_code: bool
    matters: list[AssignmentMatter | JoinedInspection]


class AssignmentAnswer(OpenAssignment):
    """One officer's assignment after a step, with the officer's own instants. Once it ended, others have the case."""

    officer: str
    accepted_at: Instant | None
    departed_at: Instant | None
    arrived_at: Instant | None
    entry_check: EntryCheck | None
    ended_at: Instant | None


_OF_ASSIGNMENT = (
    *("assignment_id", "officer", "state", "part"),
    *("offered_at", "accepted_at", "departed_at", "arrived_at", "entry_check", "ended_at"),
)


def assignment_rows() -> Select[Any]:
    """Assignments with what an officer needs to know of the case: one row each, to be filtered and ordered."""
    assignments, cases, enterprises = tables.assignments, tables.cases, tables.enterprises
    alerts = tables.case_alerts
    about = AnomalyColumns(alerts, enterprises)
    source = about.joined(
        assignments.join(cases, cases.c.case_id == assignments.c.case_id)
        .outerjoin(enterprises, enterprises.c.code == assignments.c.enterprise_code)
        .outerjoin(alerts, own_alert(cases, alerts))
    )
    enterprise = func.jsonb_build_object(
        "code", assignments.c.enterprise_code, "name", enterprises.c.name, "address", enterprises.c.address
    )
    matter = _matter_columns(cases, about)
    return select(
        *(assignments.c[name] for name in _OF_ASSIGNMENT),
        *(column.label(name) for name, column in matter.items()),
        about.position.label("position"),
        enterprises.c.contacts[0].label("contact"),
        cases.c.station,
        cases.c.off_site_first,
        enterprises.c.entry_code_hash.is_not(None).label("asks_entry_code"),
        cases.c.state.label("case_state"),
        enterprise.label("enterprise"),
        matters_of(cases, _joined(cases)).label("matters"),
    ).select_from(source)


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


def _matter_columns(cases: FromClause, about: AnomalyColumns) -> dict[str, ColumnElement[Any]]:
    """By name, what `_Matter` holds. A category without an alert to name it is named by its code."""
    code = cases.c.category
    unnamed = func.jsonb_build_object("code", code, "zh", code, "en", code, type_=JSONB)
    anomaly = about.anomaly
    return {
        **{name: cases.c[name] for name in ("case_id", "kind", "level", "due_at", "due_text", "provisional")},
        "alert_ids": func.coalesce(alert_ids_of(cases), func.array_fill(cases.c.alert_id, [1])),
        **anomaly,
        "category": func.coalesce(anomaly["category"], unnamed, type_=JSONB),
    }


def _joined(cases: FromClause) -> Select[Any]:
    """The cases that joined the visit of a case, each as a matter."""
    joined, alerts, enterprises = (
        table.alias(f"joined_{table.name}") for table in (tables.cases, tables.case_alerts, tables.enterprises)
    )
    about = AnomalyColumns(alerts, enterprises)
    columns = _matter_columns(joined, about)
    pairs = (part for name, column in columns.items() for part in (name, column))
    source = joined.outerjoin(alerts, own_alert(joined, alerts))
    return (
        select(func.jsonb_build_object(*pairs).label("matter"))
        .select_from(about.joined(source))
        .where(belongs_to(joined, cases))
        .correlate(cases)
    )
