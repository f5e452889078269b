"""Cases as they are stored: opened, locked, moved. Every step is written here, and nowhere else."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.dispatcher import tables
from services.dispatcher.lifecycle import CLOSED, SYSTEM, State
from services.dispatcher.work import Work
from shared.events import Actor, AlertGraded, CaseEvent, CaseKind, CaseType, DeadlineType, Level, TeamMember

TRICOLOR = Actor(role=SYSTEM, subject="tricolor")


@dataclass
class Case:
    """A case under lock, with its team. `record` writes what has become of it."""

    case_id: UUID
    enterprise_code: str
    enterprise_name: str | None
    alert_id: UUID
    alert_revision: int
    kind: CaseKind
    level: Level
    state: State
    station: str | None
    issued_at: datetime
    due_text: str | None
    raised_by: UUID | None
    revision: int
    alert_ids: list[UUID]
    team: list[TeamMember] = field(default_factory=list)

    @property
    def officers(self) -> list[str]:
        return [member.officer for member in self.team]


@dataclass(frozen=True)
class Step:
    """What happened: told as `type_`, leading to `state`. Everything else is its evidence."""

    type_: CaseType | DeadlineType | str
    state: State
    actor: Actor = TRICOLOR
    reason: str | None = None
    claimed_at: datetime | None = None
    outcome: str | None = None
    policy_version: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


async def open_case(
    work: Work,
    alert: AlertGraded,
    kind: CaseKind,
    *,
    station: str | None,
    issued_at: datetime,
    alert_revision: int,
    raised_by: UUID | None = None,
) -> Case | None:
    """Open the case of `kind` for this grade of `alert` and tell of it; None when there is one already.

    Its clock runs from `issued_at`.
    """
    case_id = uuid4()
    opened = await work.connection.execute(
        upsert(tables.cases)
        .values(
            case_id=case_id,
            enterprise_code=alert.enterprise.code,
            alert_id=alert.alert_id,
            alert_revision=alert_revision,
            kind=kind,
            level=alert.level,
            state=State.OPEN,
            station=station,
            category=alert.category,
            issued_at=issued_at,
            opened_at=work.now,
            raised_by=raised_by,
            revision=0,
        )
        .on_conflict_do_nothing(index_elements=["alert_id", "kind", "alert_revision"])
    )
    if not opened.rowcount:
        return None
    await work.connection.execute(
        insert(tables.case_alerts).values(
            case_id=case_id,
            alert_id=alert.alert_id,
            enterprise_code=alert.enterprise.code,
            alert=alert.model_dump(mode="json"),
        )
    )
    case = await lock(work, case_id)
    assert case is not None  # noqa: S101  inserted above
    await record(work, case, Step(CaseType.OPENED, State.OPEN))
    return case


async def lock(work: Work, case_id: UUID) -> Case | None:
    """The case, which nobody else moves until this transaction ends."""
    cases, enterprises = tables.cases, tables.enterprises
    row = (
        await work.connection.execute(select(cases).where(cases.c.case_id == case_id).with_for_update())
    ).one_or_none()
    if row is None:
        return None
    name = await work.connection.scalar(select(enterprises.c.name).where(enterprises.c.code == row.enterprise_code))
    alert_ids = await work.connection.scalars(
        select(tables.case_alerts.c.alert_id).where(tables.case_alerts.c.case_id == case_id)
    )
    return Case(
        case_id=case_id,
        enterprise_code=row.enterprise_code,
        enterprise_name=name,
        alert_id=row.alert_id,
        alert_revision=row.alert_revision,
        kind=CaseKind(row.kind),
        level=Level(row.level),
        state=State(row.state),
        station=row.station,
        issued_at=row.issued_at,
        due_text=row.due_text,
        raised_by=row.raised_by,
        revision=row.revision,
        alert_ids=list(alert_ids),
        team=await team_of(work, case_id),
    )


async def open_cases(work: Work, alert_id: UUID) -> list[Case]:
    """The cases of an alert that are not closed, under lock."""
    cases = tables.cases.c
    found = await work.connection.scalars(
        select(cases.case_id).where(cases.alert_id == alert_id, cases.closed_at.is_(None)).order_by(cases.case_id)
    )
    locked = [await lock(work, case_id) for case_id in found.all()]
    return [case for case in locked if case is not None and case.state not in CLOSED]


async def team_of(work: Work, case_id: UUID) -> list[TeamMember]:
    """The officers who have the case now, the lead first."""
    assignments, officers = tables.assignments, tables.officers
    rows = await work.connection.execute(
        select(assignments.c.officer, assignments.c.part, officers.c.name)
        .outerjoin(officers, officers.c.code == assignments.c.officer)
        .where(assignments.c.case_id == case_id, assignments.c.ended_at.is_(None))
        .order_by(assignments.c.part)
    )
    return [TeamMember(officer=row.officer, name=row.name or row.officer, part=row.part) for row in rows]


async def record(work: Work, case: Case, step: Step) -> None:
    """Write a step of a locked case: its state, the timeline's entry, the event; and wake the team."""
    case.state, case.revision = step.state, case.revision + 1
    closing = {"closed_at": work.now, "outcome": step.outcome} if step.type_ is CaseType.CLOSED else {}
    await work.connection.execute(
        update(tables.cases)
        .where(tables.cases.c.case_id == case.case_id)
        .values(state=case.state, revision=case.revision, station=case.station, **closing)
    )
    await note(work, case, step)
    work.officers.update(case.officers)
    work.tell(
        step.type_,
        case.enterprise_code,
        CaseEvent(
            case_id=case.case_id,
            kind=case.kind,
            level=case.level,
            state=case.state,
            enterprise_code=case.enterprise_code,
            enterprise_name=case.enterprise_name,
            station=case.station,
            alert_ids=case.alert_ids,
            alert_id=case.alert_id,
            issued_at=case.issued_at,
            at=work.now,
            revision=case.revision,
            actor=step.actor,
            team=case.team,
            claimed_at=step.claimed_at,
            reason=step.reason,
            outcome=step.outcome,
            raised_by=case.raised_by,
            policy_version=step.policy_version,
            detail=step.detail,
        ),
    )


async def note(work: Work, case: Case, step: Step) -> None:
    """Write the timeline's entry alone, for what is evidence but moves nothing."""
    await work.connection.execute(
        insert(tables.timeline).values(
            case_id=case.case_id,
            enterprise_code=case.enterprise_code,
            type=step.type_,
            state=case.state,
            at=work.now,
            claimed_at=step.claimed_at,
            actor_role=step.actor.role,
            actor_subject=step.actor.subject,
            reason=step.reason,
            detail=step.detail,
        )
    )
