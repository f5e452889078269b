"""Cases as they are stored: opened, locked, moved. Every step is written here, and nowhere else."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import CLOSED, SYSTEM, State
from services.dispatcher.notices.wording import CaseFacts
from shared.contract.events import Actor, AlertGraded, CaseEvent, CaseKind, CaseType, DeadlineType, Level, TeamMember
from shared.contract.messages import Event
from shared.time.identifiers import identifier

OFF_SITE_FIRST = "off_site_first"
"""The response by which the rule book has an enterprise on the positive list checked off site first."""
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
    held_above: bool = False
    state_before: State | None = None
    merged_into: UUID | None = None
    off_site_first: bool = False
    reopening: int = 0
    team: list[TeamMember] = field(default_factory=list)

    @property
    def officers(self) -> list[str]:
        return [member.officer for member in self.team]

    @property
    def facts(self) -> CaseFacts:
        """What a notice says of it, as it is now."""
        return CaseFacts(
            self.case_id,
            self.alert_id,
            self.enterprise_code,
            self.enterprise_name,
            self.station,
            self.due_text,
            self.revision,
        )


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
    work: CaseUnitOfWork,
    alert: AlertGraded,
    kind: CaseKind,
    *,
    station: str | None,
    issued_at: datetime,
    alert_revision: int,
    raised_by: UUID | None = None,
    reopening: int = 0,
    reason: str | None = None,
) -> Case | None:
    """Open the case of `kind` for this grade of `alert` and tell of it; None when there is one already.

    Its clock runs from `issued_at`. `reopening` counts how often it was asked for anew, and `reason` says why it is.
    """
    state = State.REOPENED if reopening else State.OPEN
    case_id = identifier(work.now)
    opened = await work.connection.execute(
        upsert(tables.cases)
        .values(
            case_id=case_id,
            enterprise_code=alert.enterprise.code,
            alert_id=alert.alert_id,
            alert_revision=alert_revision,
            kind=kind,
            level=alert.level,
            state=state,
            station=station,
            category=alert.category,
            issued_at=issued_at,
            opened_at=work.now,
            raised_by=raised_by,
            revision=0,
            reopening=reopening,
            off_site_first=kind is CaseKind.ON_SITE and alert.response == OFF_SITE_FIRST,
        )
        .on_conflict_do_nothing()
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
    await record(work, case, Step(CaseType.OPENED, state, reason=reason))
    return case


async def lock(work: CaseUnitOfWork, case_id: UUID) -> Case | None:
    """The case, which nobody else moves until this transaction ends."""
    return next(iter(await lock_all(work, [case_id])), None)


async def lock_all(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> list[Case]:
    """The cases that there are, each locked, in one order whoever asks: by opening, the earliest first."""
    if not case_ids:
        return []
    cases, enterprises, alerts = tables.cases.c, tables.enterprises.c, tables.case_alerts.c
    # By the key first: two who lock several cases at once never wait for each other.
    rows = (
        await work.connection.execute(
            select(tables.cases).where(cases.case_id.in_(case_ids)).order_by(cases.case_id).with_for_update()
        )
    ).all()
    names = await work.connection.execute(
        select(enterprises.code, enterprises.name).where(enterprises.code.in_({row.enterprise_code for row in rows}))
    )
    known = {row.code: row.name for row in names}
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
            state=State(row.state),
            station=row.station,
            issued_at=row.issued_at,
            due_text=row.due_text,
            raised_by=row.raised_by,
            revision=row.revision,
            alert_ids=joined[row.case_id],
            held_above=row.held_above,
            state_before=row.state_before and State(row.state_before),
            merged_into=row.merged_into,
            off_site_first=row.off_site_first,
            reopening=row.reopening,
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


async def record(work: CaseUnitOfWork, case: Case, step: Step) -> None:
    """Write a step of a locked case: its state, the timeline's entry, the event; and wake the team."""
    await record_all(work, [(case, step)])


async def record_all(work: CaseUnitOfWork, steps: Sequence[tuple[Case, Step]]) -> None:
    """A step of each of several cases, as `record` writes it."""
    if not steps:
        return
    for case, step in steps:
        case.state, case.revision = step.state, case.revision + 1
    closed = [(case, step) for case, step in steps if step.type_ is CaseType.CLOSED]
    await work.connection.execute(_MOVE, [_moved(case) for case, _ in steps])
    if closed:
        ends = [{"of_case": case.case_id, "outcome": step.outcome, "closed_at": work.now} for case, step in closed]
        await work.connection.execute(_CLOSE, ends)
    await work.connection.execute(insert(tables.timeline), [_entry(work, case, step) for case, step in steps])
    for case, step in steps:
        work.officers.update(case.officers)
        work.emit(Event(step.type_, case.enterprise_code, _event(work, case, step)))


async def note(work: CaseUnitOfWork, case: Case, step: Step) -> None:
    """Write the timeline's entry alone, for what is evidence but moves nothing."""
    await work.connection.execute(insert(tables.timeline), [_entry(work, case, step)])


_MOVING = ("state", "revision", "station", "held_above", "state_before", "merged_into")
_OF_CASE = tables.cases.c.case_id == bindparam("of_case")
_MOVE = update(tables.cases).where(_OF_CASE).values({name: bindparam(name) for name in _MOVING})
_CLOSE = update(tables.cases).where(_OF_CASE).values(outcome=bindparam("outcome"), closed_at=bindparam("closed_at"))


def _moved(case: Case) -> dict[str, Any]:
    return {"of_case": case.case_id} | {name: getattr(case, name) for name in _MOVING}


def _entry(work: CaseUnitOfWork, case: Case, step: Step) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "enterprise_code": case.enterprise_code,
        "type": step.type_,
        "state": case.state,
        "at": work.now,
        "claimed_at": step.claimed_at,
        "actor_role": step.actor.role,
        "actor_subject": step.actor.subject,
        "reason": step.reason,
        "detail": step.detail,
    }


def _event(work: CaseUnitOfWork, case: Case, step: Step) -> CaseEvent:
    return CaseEvent(
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
    )
