"""The teams of cases: offering a case to two officers, replacing one of them, and taking the case back."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, text, update

from services.dispatcher import tables
from services.dispatcher.assignments import candidates
from services.dispatcher.cases.steps import StepDetails, record_all
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle, own_steps
from services.dispatcher.domain.availability import ABSENCES, Hindrance
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.domain.team_choice import (
    Candidate,
    StationArea,
    Team,
    barrier_of,
    choose,
    explain,
    station_in_charge,
)
from services.dispatcher.notices import wording
from shared.contract.cloudevents import written
from shared.contract.events import Bilingual, TeamMember
from shared.contract.refusals import Invalid
from shared.storage.recordsets import recordset
from shared.time.identifiers import identifier

CALLED_IN = "called_in"
"""Under it the explanation of a team names whom a chief called in, and why."""
NAMED = "named_by_chief"
"""In the explanation of a team that a chief named: the section may name officers of any station."""
_HAD_IT = Bilingual(zh="已承办过本案", en="had the case")


async def offer_all(work: CaseUnitOfWork, teams: Sequence[tuple[Case, Team]]) -> None:
    """Assign each case to the two officers of its team, and notify them."""
    if not teams:
        return
    rounds = await _rounds(work, [case.case_id for case, _ in teams])
    rows = []
    for case, team in teams:
        number = rounds.get(case.case_id, 0) + 1
        case.team = [
            TeamMember(officer=team.lead.officer, name=team.lead.name, part="lead"),
            TeamMember(officer=team.second.officer, name=team.second.name, part="second"),
        ]
        for member in case.team:
            rows.append(_assignment(work, case, member, number, team.explanation))
            work.notify([_offered(case, member, number)])
    await work.connection.execute(_OFFER, {"assignments": written(rows), "now": work.now})


async def replace(
    work: CaseUnitOfWork, case: Case, leaving: str, coming: Candidate, reason: str, call_in: str | None = None
) -> None:
    """Replace one officer of a team by another, who is the lead or the second in turn.

    `call_in` is why somebody goes who is off duty.
    """
    number = (await _rounds(work, [case.case_id]))[case.case_id]
    await _end(work, [case.case_id], reason="handed_over", officer=leaving)
    part = next(member.part for member in case.team if member.officer == leaving)
    member = TeamMember(officer=coming.officer, name=coming.name, part=part)
    case.team = [member if one.officer == leaving else one for one in case.team]
    why = called_in([coming], call_in) | {
        "policy_version": (await work.policy()).version,
        "handed_over_by": leaving,
        "reason": reason,
    }
    row = _assignment(work, case, member, number, why)
    await work.connection.execute(_OFFER, {"assignments": written([row]), "now": work.now})
    work.notify([_offered(case, member, number)])
    work.wake([leaving])


async def release(work: CaseUnitOfWork, cases: Sequence[Case], reason: str, *, declined_by: str | None = None) -> None:
    """End the assignments of the teams of cases; each keeps the steps it had, and why it ended."""
    if declined_by is not None:
        await _end(work, [case.case_id for case in cases], reason="declined", officer=declined_by)
    await _end(work, [case.case_id for case in cases], reason=reason)
    for case in cases:
        work.wake(case.officers)
        case.team = []


async def withdraw(work: CaseUnitOfWork, cases: Sequence[Case], end_reason: str, reason: Bilingual) -> None:
    """Take cases that nobody accepted from their teams, back into the queue, and notify the officers."""
    before = {case.case_id: case.officers for case in cases}
    await release(work, cases, end_reason)
    taken = []
    for case in cases:
        detail = {"officers": before[case.case_id], "why": end_reason}
        steps = lifecycle.apply(case, Action.WITHDRAW, SYSTEM)
        taken.append((case, steps, StepDetails(reason=reason.zh, detail=detail)))
    await record_all(work, taken)
    for case in cases:
        work.notify(wording.taken_back(case.facts, before[case.case_id], reason))


async def next_team(work: CaseUnitOfWork, case: Case) -> Team | None:
    """The policy's choice of a team for the case without its present one, if there is any."""
    policy = await work.policy()
    await locate(work, [case])
    known = await candidates.candidates(work, {case.station} if case.station else set(), policy)
    matter = (await candidates.matters(work, [case], policy))[case.case_id]
    matter = matter.without(dict.fromkeys(case.officers, _HAD_IT))
    chosen = choose(matter, known.get(case.station or "", []), policy)
    return chosen if isinstance(chosen, Team) else None


async def named_team(work: CaseUnitOfWork, case: Case, codes: Sequence[str], call_in: str | None = None) -> Team:
    """The team of the officers that a chief names, the lead first. Raises Invalid.

    Of a case that was transferred upward the section may name any officers. Who is off duty goes where the chief calls
    them in and says why (`call_in`); who is recused from the enterprise (回避) goes by nobody's wish.
    """
    policy = await work.policy()
    await locate(work, [case])
    stations = {case.station} if case.station else set(await work.connection.scalars(select(tables.stations.c.code)))
    known = await candidates.candidates(work, stations, policy)
    named = {one.officer: one for of_station in known.values() for one in of_station}
    if len(set(codes)) != 2:
        raise impossible("a team is two different officers, the lead first")
    matter = (await candidates.matters(work, [case], policy))[case.case_id]
    for code in codes:
        if code not in named:
            raise impossible(f"{code} is not an officer of the station in charge")
        if (found := barrier_of(matter, named[code], called_in=call_in is not None)) is not None:
            why, hint = f"{named[code].name}：{found.reason.zh}", how_to_call_in(found)
            raise impossible(f"{code} is {found.reason.en}（{why}）{hint}")
    pair = (named[codes[0]], named[codes[1]])
    return Team(*pair, explain(matter, pair, policy, pair, {}) | {NAMED: True} | called_in(pair, call_in))


def called_in(officers: Sequence[Candidate], reason: str | None) -> dict[str, object]:
    """What the explanation of a team says of those who go though off duty, because a chief called them in."""
    off_duty = [one.officer for one in officers if one.hindered is not None]
    return {CALLED_IN: {"officers": off_duty, "reason": reason}} if reason and off_duty else {}


def how_to_call_in(found: Hindrance) -> str:
    """What a refusal adds where a chief may send the officer all the same."""
    return "; a chief may call them in: `call_in`, with a reason" if found.barrier in ABSENCES else ""


def impossible(detail: str) -> Invalid:
    """The refusal of a team that cannot be."""
    return Invalid("team-impossible", detail, title="No such team")


async def locate(work: CaseUnitOfWork, cases: Sequence[Case]) -> None:
    """Give cases without a station to the one in charge, once master data say which: its chief sees them then."""
    lost = [case for case in cases if case.station is None and not case.held_above]
    if not lost:
        return
    found = await stations_in_charge(work, {case.enterprise_code for case in lost})
    for case in lost:
        case.station = found.get(case.enterprise_code)
    located = [{"of_case": case.case_id, "station": case.station} for case in lost if case.station]
    if located:
        await work.connection.execute(_LOCATE, located)


async def stations_in_charge(work: CaseUnitOfWork, enterprise_codes: Collection[str]) -> Mapping[str, str | None]:
    """The station in charge of each enterprise that is registered, as far as master data say it.

    One known from events only has none: the section decides, and registers it.
    """
    enterprises, stations = tables.enterprises, tables.stations
    rows = await work.connection.execute(
        select(stations.c.code, stations.c.district, stations.c.streets, stations.c.grid_cells)
    )
    offices = [StationArea(row.code, row.district, row.streets, row.grid_cells) for row in rows]
    registered = or_(enterprises.c.source == "master", enterprises.c.station.is_not(None))
    known = await work.connection.execute(
        select(*(enterprises.c[name] for name in ("code", "station", "district", "street", "grid_cell"))).where(
            enterprises.c.code.in_(enterprise_codes), registered
        )
    )
    return {
        row.code: station_in_charge(row.station, row.district, row.street, offices, grid_cell=row.grid_cell)
        for row in known
    }


_LOCATE = (
    update(tables.cases)
    .where(tables.cases.c.case_id == bindparam("of_case"))
    .values(station=bindparam("station"), passed_over=None)
)


_OFFER = text(f"""
    insert into dispatch.assignments (assignment_id, case_id, enterprise_code, officer, part, state, round, offered_at,
                                      explanation)
    select assignment_id, case_id, enterprise_code, officer, part, state, round, :now, explanation
      from {recordset("assignments")} as new (
             assignment_id uuid, case_id uuid, enterprise_code text, officer text, part text, state text, round int,
             explanation jsonb)
""")


async def _rounds(work: CaseUnitOfWork, cases: Sequence[UUID]) -> dict[UUID, int]:
    """How many teams each of the cases has had, by case."""
    assignments = tables.assignments.c
    rows = await work.connection.execute(
        select(assignments.case_id, func.max(assignments.round).label("number"))
        .where(assignments.case_id.in_(cases))
        .group_by(assignments.case_id)
    )
    return {row.case_id: row.number for row in rows}


async def _end(work: CaseUnitOfWork, cases: Sequence[UUID], *, reason: str, officer: str | None = None) -> None:
    assignments = tables.assignments.c
    ending = update(tables.assignments).where(assignments.case_id.in_(cases), assignments.ended_at.is_(None))
    values = {"ended_at": work.now, "end_reason": reason}
    if officer is not None:
        ending = ending.where(assignments.officer == officer)
    if reason == "declined":
        values["state"] = own_steps.after(Action.DECLINE)
    await work.connection.execute(ending.values(**values))


def _assignment(
    work: CaseUnitOfWork, case: Case, member: TeamMember, number: int, why: Mapping[str, object]
) -> dict[str, object]:
    return {
        "assignment_id": identifier(work.now),
        "case_id": case.case_id,
        "enterprise_code": case.enterprise_code,
        "officer": member.officer,
        "part": member.part,
        "state": own_steps.after(Action.ASSIGN),
        "round": number,
        "explanation": why,
    }


def _offered(case: Case, member: TeamMember, number: int) -> wording.NoticeDraft:
    return wording.case_offered(case.facts, officer=member.officer, part=member.part, round=number)
