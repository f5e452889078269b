"""Teams: giving a case to two officers, taking it from them, and never forgetting one that waits."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import and_, func, insert, select, true, tuple_, update

from services.dispatcher import tables, wording
from services.dispatcher.assignment import Candidate, NobodyAvailable, Station, Team, choose, station_in_charge
from services.dispatcher.cases import Case, Step, lock, record
from services.dispatcher.lifecycle import SYSTEM, Action, State, follow
from services.dispatcher.work import Work
from shared.events import CaseKind, CaseType, TeamMember


async def find_station(work: Work, enterprise_code: str) -> str | None:
    """The station in charge of an enterprise, by master data."""
    enterprises = tables.enterprises
    enterprise = (
        await work.connection.execute(select(enterprises).where(enterprises.c.code == enterprise_code))
    ).one_or_none()
    if enterprise is None:
        return None
    rows = await work.connection.execute(
        select(
            tables.stations.c.code,
            tables.stations.c.district,
            tables.stations.c.streets,
            tables.stations.c.grid_cells,
        )
    )
    stations = [Station(row.code, row.district, row.streets, row.grid_cells) for row in rows]
    return station_in_charge(
        enterprise.station, enterprise.district, enterprise.street, stations, grid_cell=enterprise.grid_cell
    )


async def assign(work: Work, case: Case) -> bool:
    """Give a waiting case to the two officers the policy chooses; where there are none, tell the chief at once.

    Officers who declined the case before are not asked again. Answers whether there is a team now.
    """
    await _locate(work, case)
    candidates = await _candidates(work, case.station)
    chosen = choose(candidates, await _declined(work, case))
    if isinstance(chosen, NobodyAvailable):
        work.notices.append(
            wording.nobody_available(
                case_id=case.case_id,
                alert_id=case.alert_id,
                enterprise_code=case.enterprise_code,
                enterprise_name=case.enterprise_name,
                station=case.station,
                revision=case.revision,
            )
        )
        return False
    transition = follow(case.kind, case.state, Action.ASSIGN, SYSTEM)
    await offer(work, case, chosen)
    await record(
        work,
        case,
        Step(
            transition.told,
            transition.target,
            policy_version=chosen.explanation["policy_version"],
            detail={"why": chosen.explanation},
        ),
    )
    return True


async def offer(work: Work, case: Case, team: Team) -> None:
    """Make `team` the case's team, each with an assignment of their own, and tell them."""
    assignments = tables.assignments
    last = await work.connection.scalar(
        select(func.max(assignments.c.round)).where(assignments.c.case_id == case.case_id)
    )
    number = (last or 0) + 1
    parts = (("lead", team.lead), ("second", team.second))
    await work.connection.execute(
        insert(assignments),
        [
            {
                "assignment_id": uuid4(),
                "case_id": case.case_id,
                "enterprise_code": case.enterprise_code,
                "officer": member.officer,
                "part": part,
                "state": State.ASSIGNED,
                "round": number,
                "offered_at": work.now,
                "explanation": team.explanation,
            }
            for part, member in parts
        ],
    )
    case.team = [
        TeamMember(officer=team.lead.officer, name=team.lead.name, part="lead"),
        TeamMember(officer=team.second.officer, name=team.second.name, part="second"),
    ]
    for member in case.team:
        work.notices.append(
            wording.case_offered(
                case_id=case.case_id,
                alert_id=case.alert_id,
                enterprise_code=case.enterprise_code,
                enterprise_name=case.enterprise_name,
                officer=member.officer,
                part=member.part,
                due_text=case.due_text,
                round=number,
            )
        )


async def release(work: Work, case: Case, *, declined_by: str | None = None) -> None:
    """End the team's assignments; each keeps the steps it had."""
    work.officers.update(case.officers)
    assignments = tables.assignments
    team = (assignments.c.case_id == case.case_id) & assignments.c.ended_at.is_(None)
    if declined_by is not None:
        await work.connection.execute(
            update(assignments).where(team, assignments.c.officer == declined_by).values(state=State.DECLINED)
        )
    await work.connection.execute(update(assignments).where(team).values(ended_at=work.now))
    case.team = []


async def another(work: Work, case: Case, codes: list[str] | None) -> Team | str:
    """A team that a chief asks for: the officers named, or the policy's choice without the present team.

    Answers a sentence where there is none.
    """
    await _locate(work, case)
    candidates = await _candidates(work, case.station)
    if codes is None:
        chosen = choose(candidates, dict.fromkeys(case.officers, "had the case") | await _declined(work, case))
        return chosen if isinstance(chosen, Team) else "nobody else of the station is on duty and certified"
    named = {candidate.officer: candidate for candidate in candidates}
    if len(set(codes)) != 2:
        return "a team is two different officers, the lead first"
    for code in codes:
        if code not in named:
            return f"{code} is not an officer of the station in charge"
        if not named[code].certified:
            return f"{code} is not certified"
    explanation = {"candidates": [{"officer": code, "chosen": True, "reason": "named by the chief"} for code in codes]}
    return Team(named[codes[0]], named[codes[1]], explanation)


class WaitingCases:
    """Goes round the cases that wait for a team, a page a pass: those that cannot be helped now hide none behind."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._after: tuple[datetime, UUID] | None = None

    async def assign(self, work: Work) -> int:
        """Assign those of the next page, the oldest first; answer how many found a team."""
        cases = tables.cases.c
        key = tuple_(cases.opened_at, cases.case_id)
        waiting = (
            await work.connection.execute(
                select(cases.opened_at, cases.case_id)
                .where(cases.kind != CaseKind.SELF_REPORT, cases.state.in_([State.OPEN, State.DECLINED]))
                .where(true() if self._after is None else key > self._after)
                .order_by(cases.opened_at, cases.case_id)
                .limit(self._page)
                .with_for_update(skip_locked=True)
            )
        ).all()
        self._after = (waiting[-1].opened_at, waiting[-1].case_id) if len(waiting) == self._page else None
        assigned = 0
        for row in waiting:
            case = await lock(work, row.case_id)
            assigned += case is not None and await assign(work, case)
        return assigned


async def _locate(work: Work, case: Case) -> None:
    """Give a case without a station to the one in charge, once master data knows it: its chief sees the case then."""
    if case.station is None and (station := await find_station(work, case.enterprise_code)) is not None:
        case.station = station
        await work.connection.execute(
            update(tables.cases).where(tables.cases.c.case_id == case.case_id).values(station=station)
        )


async def _candidates(work: Work, station: str | None) -> list[Candidate]:
    """The officers of a station with what each has open."""
    officers, assignments = tables.officers, tables.assignments
    rows = await work.connection.execute(
        select(officers, func.count(assignments.c.assignment_id).label("load"))
        .outerjoin(assignments, and_(assignments.c.officer == officers.c.code, assignments.c.ended_at.is_(None)))
        .where(officers.c.station == station)
        .group_by(officers.c.code)
    )
    return [Candidate(row.code, row.name, row.certified, row.on_duty, row.load) for row in rows]


async def _declined(work: Work, case: Case) -> dict[str, str]:
    """Who declined this case before, with the reason given."""
    timeline = tables.timeline
    rows = await work.connection.execute(
        select(timeline.c.actor_subject, timeline.c.reason).where(
            timeline.c.case_id == case.case_id, timeline.c.type == CaseType.DECLINED
        )
    )
    return {row.actor_subject: f"declined: {row.reason}" for row in rows}
