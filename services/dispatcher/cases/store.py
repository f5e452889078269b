"""Locking and reading stored cases: one, several, or those of an alert."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from services.dispatcher import tables
from services.dispatcher.cases.enterprises import lock_enterprises_of
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import CLOSED, CaseState
from services.dispatcher.notices.wording import CaseFacts
from shared.contract.events import CaseKind, Level, TeamMember


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
    due_text: str | None
    raised_by: UUID | None
    revision: int
    alert_ids: list[UUID]
    held_above: bool = False
    state_before: CaseState | None = None
    merged_into: UUID | None = None
    off_site_first: bool = False
    reopening: int = 0
    arrived_at: datetime | None = None
    team: list[TeamMember] = field(default_factory=list)

    @property
    def officers(self) -> list[str]:
        return [member.officer for member in self.team]

    @property
    def facts(self) -> CaseFacts:
        """What notices say of the case, as it is now."""
        return CaseFacts(
            self.case_id,
            self.alert_id,
            self.enterprise_code,
            self.enterprise_name,
            self.station,
            self.due_text,
            self.revision,
        )


async def lock(work: CaseUnitOfWork, case_id: UUID) -> Case | None:
    """Lock a case and return it: nobody else changes it until this transaction ends."""
    return next(iter(await lock_all(work, [case_id])), None)


async def lock_all(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> list[Case]:
    """Lock the cases that there are, and their enterprises before them; return them, the earliest opened first."""
    if not case_ids:
        return []
    cases, alerts = tables.cases.c, tables.case_alerts.c
    known = await lock_enterprises_of(work, case_ids)
    rows = (
        await work.connection.execute(
            select(tables.cases).where(cases.case_id.in_(case_ids)).order_by(cases.case_id).with_for_update()
        )
    ).all()
    joined: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await work.connection.execute(
        select(alerts.case_id, alerts.alert_id).where(alerts.case_id.in_([row.case_id for row in rows]))
    ):
        joined[row.case_id].append(row.alert_id)
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
            due_text=row.due_text,
            raised_by=row.raised_by,
            revision=row.revision,
            alert_ids=joined[row.case_id],
            held_above=row.held_above,
            state_before=row.state_before and CaseState(row.state_before),
            merged_into=row.merged_into,
            off_site_first=row.off_site_first,
            reopening=row.reopening,
            arrived_at=row.arrived_at,
            team=teams.get(row.case_id, []),
        )
        for row in sorted(rows, key=lambda row: (row.opened_at, row.case_id))
    ]


async def open_cases(work: CaseUnitOfWork, alert_id: UUID) -> list[Case]:
    """The cases of an alert that are not closed, under lock."""
    cases = tables.cases.c
    found = await work.connection.scalars(
        select(cases.case_id).where(cases.alert_id == alert_id, cases.closed_at.is_(None))
    )
    return [case for case in await lock_all(work, found.all()) if case.state not in CLOSED]


async def teams_of(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> dict[UUID, list[TeamMember]]:
    """The officers who have each case now, the lead first."""
    assignments, officers = tables.assignments, tables.officers
    rows = await work.connection.execute(
        select(assignments.c.case_id, assignments.c.officer, assignments.c.part, officers.c.name)
        .outerjoin(officers, officers.c.code == assignments.c.officer)
        .where(assignments.c.case_id.in_(case_ids), assignments.c.ended_at.is_(None))
        .order_by(assignments.c.part)
    )
    teams: dict[UUID, list[TeamMember]] = defaultdict(list)
    for row in rows:
        teams[row.case_id].append(TeamMember(officer=row.officer, name=row.name or row.officer, part=row.part))
    return teams
