"""Locking and reading stored cases: one, several, or those of an alert."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from operator import itemgetter
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
    """A case under lock, with its team. `steps.record` writes what becomes of it.

    From `alert_ids` on it is what `read_alerts` reads.
    """

    case_id: UUID
    enterprise_code: str
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
    held_above: bool
    state_before: CaseState | None
    merged_into: UUID | None
    off_site_first: bool
    reopening: int
    arrived_at: datetime | None
    planned_end: datetime | None
    enterprise_name: str | None = None
    team: list[TeamMember] = field(default_factory=list)
    alert_ids: list[UUID] = field(default_factory=list)
    anomaly: Anomaly | None = None
    address: str | None = None
    contact: Contact | None = None
    position: SitePosition | None = None

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
    cases = await lock_without_alerts(work, case_ids)
    await read_alerts(work, cases)
    return cases


async def lock_without_alerts(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> list[Case]:
    """Lock cases as `lock_all` does. None of them takes a step before its alerts are read, which takes longest."""
    if not case_ids:
        return []
    known = await lock_enterprises_of(work, case_ids)
    rows = (await work.connection.execute(_LOCK, {"case_ids": [*case_ids]})).all()
    teams = await teams_of(work, case_ids)
    return [
        _locked(columns, known.get(columns[1]), teams.get(columns[0], []))
        for _, *columns in sorted(rows, key=itemgetter(0, 1))
    ]


async def read_alerts(work: CaseUnitOfWork, cases: Iterable[Case]) -> None:
    """Read the alerts of those of the locked cases of which they were not read: what was found, and where to go."""
    unread = [case for case in cases if not case.alert_ids]
    if not unread:
        return
    alerts = await _alerts_of(work, [case.case_id for case in unread])
    for case in unread:
        case.alert_ids = [*alerts[case.case_id]]
        row = alerts[case.case_id].get(case.alert_id)
        if row is not None:
            case.anomaly, case.address = Anomaly.model_validate(row.anomaly), row.address
            case.contact = row.contact and Contact.model_validate(row.contact)
            case.position = row.position and SitePosition.model_validate(row.position)


def _locked(columns: Sequence[Any], name: str | None, team: list[TeamMember]) -> Case:
    """The case of the columns that its first fields are named after."""
    case = Case(*columns)
    case.enterprise_name, case.team = name, team
    case.kind, case.level, case.state = CaseKind(case.kind), Level(case.level), CaseState(case.state)
    case.state_before = case.state_before and CaseState(case.state_before)
    return case


_ASKED = func.any(bindparam("case_ids", type_=ARRAY(Uuid)))
_COLUMNS = [one.name for one in fields(Case) if one.name in tables.cases.c]
_LOCK = (
    select(tables.cases.c.opened_at, *(tables.cases.c[name] for name in _COLUMNS))
    .where(tables.cases.c.case_id == _ASKED)
    .order_by(tables.cases.c.case_id)
    .with_for_update()
)


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
