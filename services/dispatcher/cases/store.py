"""Locking and reading stored cases: one, several, or those of an alert."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.dispatcher import tables
from services.dispatcher.cases.anomalies import AnomalyColumns
from services.dispatcher.cases.enterprises import lock_enterprises_of
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import CLOSED
from services.dispatcher.notices.wording import CaseFacts
from shared.contract.contacts import Contact
from shared.contract.events import Anomaly, CaseKind, Level, SitePosition, TeamMember
from shared.contract.words import CaseState

_OF_ANOMALY = ("category", "outlet", "pollutant", "observed", "limit", "unit")


@dataclass
class Case:
    """A case under lock, with its team. `steps.record` writes what becomes of it."""

    case_id: UUID
    enterprise_code: str
    enterprise_name: str | None
    alert_id: UUID
    alert_revision: int
    kind: CaseKind
    level: Level
    state: CaseState
    station: str | None
    issued_at: datetime
    due_at: datetime | None
    due_text: str | None
    provisional: bool | None
    raised_by: UUID | None
    revision: int
    alert_ids: list[UUID]
    held_above: bool = False
    state_before: CaseState | None = None
    merged_into: UUID | None = None
    off_site_first: bool = False
    reopening: int = 0
    arrived_at: datetime | None = None
    planned_end: datetime | None = None
    anomaly: Anomaly | None = None
    address: str | None = None
    contact: Contact | None = None
    position: SitePosition | None = None
    team: list[TeamMember] = field(default_factory=list)

    @property
    def officers(self) -> list[str]:
        return [member.officer for member in self.team]

    @property
    def particulars(self) -> dict[str, Any]:
        """What every event of the case says of its matter, its place and its deadline."""
        found = self.anomaly
        return {
            **({} if found is None else {name: getattr(found, name) for name in _OF_ANOMALY}),
            "alert_reason": found and found.reason,
            "address": self.address,
            "position": self.position,
            "due_at": self.due_at,
            "due_text": self.due_text,
            "provisional": self.provisional,
        }

    @property
    def facts(self) -> CaseFacts:
        """What notices say of the case, as it is now."""
        return CaseFacts(
            case_id=self.case_id,
            alert_id=self.alert_id,
            enterprise_code=self.enterprise_code,
            enterprise_name=self.enterprise_name,
            station=self.station,
            due_at=self.due_at,
            provisional=self.provisional,
            revision=self.revision,
            anomaly=self.anomaly,
            address=self.address,
            contact=self.contact,
        )


async def lock(work: CaseUnitOfWork, case_id: UUID) -> Case | None:
    """Lock a case and return it: nobody else changes it until this transaction ends."""
    return next(iter(await lock_all(work, [case_id])), None)


async def lock_all(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> list[Case]:
    """Lock the cases that there are, and their enterprises before them; return them, the earliest opened first."""
    if not case_ids:
        return []
    known = await lock_enterprises_of(work, case_ids)
    rows = (await work.connection.execute(_LOCK, {"case_ids": [*case_ids]})).all()
    alerts = await _alerts_of(work, [row.case_id for row in rows])
    teams = await teams_of(work, [row.case_id for row in rows])
    return [
        Case(
            case_id=row.case_id,
            enterprise_code=row.enterprise_code,
            enterprise_name=known.get(row.enterprise_code),
            alert_id=row.alert_id,
            alert_revision=row.alert_revision,
            kind=CaseKind(row.kind),
            level=Level(row.level),
            state=CaseState(row.state),
            station=row.station,
            issued_at=row.issued_at,
            due_at=row.due_at,
            due_text=row.due_text,
            provisional=row.provisional,
            raised_by=row.raised_by,
            revision=row.revision,
            alert_ids=[*alerts[row.case_id]],
            held_above=row.held_above,
            state_before=row.state_before and CaseState(row.state_before),
            merged_into=row.merged_into,
            off_site_first=row.off_site_first,
            reopening=row.reopening,
            arrived_at=row.arrived_at,
            planned_end=row.planned_end,
            team=teams.get(row.case_id, []),
            **_about(alerts[row.case_id].get(row.alert_id)),
        )
        for row in sorted(rows, key=lambda row: (row.opened_at, row.case_id))
    ]


_ASKED = func.any(bindparam("case_ids", type_=ARRAY(Uuid)))
_LOCK = select(tables.cases).where(tables.cases.c.case_id == _ASKED).order_by(tables.cases.c.case_id).with_for_update()


def _select_alerts() -> Select[Any]:
    alerts, enterprises = tables.case_alerts, tables.enterprises
    columns = AnomalyColumns(alerts, enterprises)
    source = alerts.outerjoin(enterprises, enterprises.c.code == alerts.c.enterprise_code)
    return (
        select(
            alerts.c.case_id,
            alerts.c.alert_id,
            enterprises.c.address,
            enterprises.c.contacts[0].label("contact"),
            columns.position.label("position"),
            # One document to be read, not one for each of its parts.
            func.jsonb_build_object(*(part for pair in columns.anomaly.items() for part in pair), type_=JSONB).label(
                "anomaly"
            ),
        )
        .select_from(columns.joined(source))
        .where(alerts.c.case_id == _ASKED)
    )


_ALERTS = _select_alerts()


async def _alerts_of(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> Mapping[UUID, Mapping[UUID, Row[Any]]]:
    """The alerts of each case: what they found, and where to go."""
    found: dict[UUID, dict[UUID, Row[Any]]] = defaultdict(dict)
    for row in await work.connection.execute(_ALERTS, {"case_ids": [*case_ids]}):
        found[row.case_id][row.alert_id] = row
    return found


def _about(row: Row[Any] | None) -> dict[str, Any]:
    """What the alert that opened a case found, and where to go, as `Case` has it."""
    if row is None:
        return {}
    return {
        "anomaly": Anomaly.model_validate(row.anomaly),
        "address": row.address,
        "contact": row.contact and Contact.model_validate(row.contact),
        "position": row.position and SitePosition.model_validate(row.position),
    }


async def open_cases(work: CaseUnitOfWork, alert_id: UUID) -> list[Case]:
    """The cases of an alert that are not closed, under lock."""
    cases = tables.cases.c
    found = await work.connection.scalars(
        select(cases.case_id).where(cases.alert_id == alert_id, cases.closed_at.is_(None))
    )
    return [case for case in await lock_all(work, found.all()) if case.state not in CLOSED]


def _select_teams() -> Select[Any]:
    assignments, officers, cases = tables.assignments, tables.officers, tables.cases
    return (
        select(cases.c.case_id, assignments.c.officer, assignments.c.part, officers.c.name)
        .join_from(cases, assignments, assignments.c.case_id == func.coalesce(cases.c.merged_into, cases.c.case_id))
        .outerjoin(officers, officers.c.code == assignments.c.officer)
        .where(cases.c.case_id == _ASKED, assignments.c.ended_at.is_(None))
        .order_by(assignments.c.part)
    )


_TEAMS = _select_teams()


async def teams_of(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> dict[UUID, list[TeamMember]]:
    """The officers who have each case now, the lead first: of a case that joined a visit, those of the visit."""
    teams: dict[UUID, list[TeamMember]] = defaultdict(list)
    for row in await work.connection.execute(_TEAMS, {"case_ids": [*case_ids]}):
        teams[row.case_id].append(TeamMember(officer=row.officer, name=row.name or row.officer, part=row.part))
    return teams
