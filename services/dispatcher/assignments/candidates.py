"""What choosing teams goes by, read for many cases at once: officers with their work, and what each case asks for."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import func, select

from services.dispatcher import tables
from services.dispatcher.assignments.duty import duty_day, person, today
from services.dispatcher.assignments.recusals import recused_from
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.availability import hindrance
from services.dispatcher.domain.distance import place
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.team_choice import Candidate, Matter
from shared.contract.events import Bilingual, CaseType

NO_ANSWER = "no_answer"
"""The `end_reason` of an assignment that was not accepted in time: its officers are not asked again for the case."""


class Located(Protocol):
    """A case, as far as it matters for who could go."""

    @property
    def case_id(self) -> UUID: ...

    @property
    def enterprise_code(self) -> str: ...

    @property
    def station(self) -> str | None: ...


async def candidates(
    work: CaseUnitOfWork, stations: Collection[str], policy: DispatchPolicy
) -> dict[str, list[Candidate]]:
    """The officers of each of the stations, certified or not, on duty or not."""
    officers = tables.officers.c
    rows = (await work.connection.execute(select(tables.officers).where(officers.station.in_(stations)))).all()
    codes = [row.code for row in rows]
    day = await duty_day(work, stations)
    leaving = await _leaving(work, codes, policy)
    held, recent = await _held(work, codes, policy), await _recent(work, codes, policy)
    found: dict[str, list[Candidate]] = {station: [] for station in stations}
    for row in rows:
        open_work = held.get(row.code, [])
        found[row.station].append(
            Candidate(
                officer=row.code,
                name=row.name,
                hindered=hindrance(person(row), day),
                leaving=row.code in leaving,
                skills=frozenset(row.skills),
                open_cases=len(open_work),
                due_soon=sum(one.soon for one in open_work),
                recent=recent.get(row.code, 0),
                places=tuple(where for one in open_work if (where := place(one.longitude, one.latitude))),
            )
        )
    return found


async def matters(work: CaseUnitOfWork, cases: Sequence[Located], policy: DispatchPolicy) -> dict[UUID, Matter]:
    """What each case asks of a team: skills, where it is, who must not go, who knows the enterprise."""
    ids, codes = [case.case_id for case in cases], {case.enterprise_code for case in cases}
    skills = await _skills(work, ids, policy)
    enterprises, stations = tables.enterprises, tables.stations
    known = await work.connection.execute(
        select(enterprises.c.code, enterprises.c.longitude, enterprises.c.latitude).where(enterprises.c.code.in_(codes))
    )
    places = {row.code: place(row.longitude, row.latitude) for row in known}
    offices = await work.connection.execute(select(stations.c.code, stations.c.longitude, stations.c.latitude))
    station_places = {row.code: place(row.longitude, row.latitude) for row in offices}
    excluded, familiar = await _excluded(work, ids), await _familiar(work, codes)
    recused = await recused_from(work, codes)
    return {
        case.case_id: Matter(
            case_id=case.case_id,
            skills=skills.get(case.case_id, frozenset()),
            place=places.get(case.enterprise_code),
            station_place=station_places.get(case.station or ""),
            excluded=excluded.get(case.case_id, {}),
            recused=recused.get(case.enterprise_code, {}),
            familiar=frozenset(familiar.get(case.enterprise_code, ())),
        )
        for case in cases
    }


async def _leaving(work: CaseUnitOfWork, officers: Sequence[str], policy: DispatchPolicy) -> set[str]:
    """Those whose leave begins within the days that the policy looks ahead."""
    leaves, now = tables.leaves.c, today(work)
    rows = await work.connection.scalars(
        select(leaves.officer).where(
            leaves.officer.in_(officers),
            leaves.cancelled_at.is_(None),
            leaves.first_day > now,
            leaves.first_day <= now + timedelta(days=policy.assignment.leaving_days),
        )
    )
    return set(rows)


async def _held(work: CaseUnitOfWork, officers: Sequence[str], policy: DispatchPolicy) -> Mapping[str, list[Any]]:
    """Each officer's open assignments: where, and whether due soon."""
    assignments, cases, enterprises = tables.assignments, tables.cases, tables.enterprises
    soon = work.now + timedelta(hours=policy.assignment.due_soon_hours)
    rows = await work.connection.execute(
        select(
            assignments.c.officer,
            func.coalesce(cases.c.due_at <= soon, False).label("soon"),
            enterprises.c.longitude,
            enterprises.c.latitude,
        )
        .join_from(assignments, cases, cases.c.case_id == assignments.c.case_id)
        .outerjoin(enterprises, enterprises.c.code == cases.c.enterprise_code)
        .where(assignments.c.officer.in_(officers), assignments.c.ended_at.is_(None))
    )
    held: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        held[row.officer].append(row)
    return held


async def _recent(work: CaseUnitOfWork, officers: Sequence[str], policy: DispatchPolicy) -> dict[str, int]:
    """How many cases each officer was given over the span of fairness."""
    assignments = tables.assignments.c
    since = work.now - timedelta(days=policy.assignment.fairness_days)
    # Officer by officer in the index: asked for together, a planner reads the whole table some day.
    asked = tables.officers.c
    number = (
        select(func.count())
        .where(assignments.officer == asked.code, assignments.offered_at > since)
        .correlate(tables.officers)
        .scalar_subquery()
    )
    rows = await work.connection.execute(
        select(asked.code.label("officer"), number.label("number")).where(asked.code.in_(officers))
    )
    return {row.officer: row.number for row in rows}


async def _skills(work: CaseUnitOfWork, cases: Sequence[UUID], policy: DispatchPolicy) -> dict[UUID, frozenset[str]]:
    table, alert = tables.case_alerts.c, tables.case_alerts.c.alert
    rows = await work.connection.execute(
        select(
            table.case_id,
            alert["category"].astext.label("category"),
            alert["outlet"]["medium"].astext.label("medium"),
            alert["pollutant"]["code"].astext.label("pollutant"),
        ).where(table.case_id.in_(cases))
    )
    asked: dict[UUID, frozenset[str]] = defaultdict(frozenset)
    for row in rows:
        asked[row.case_id] |= policy.assignment.skills_for(row.category, row.medium, row.pollutant)
    return asked


async def _excluded(work: CaseUnitOfWork, cases: Sequence[UUID]) -> dict[UUID, dict[str, Bilingual]]:
    """Who is not asked again: whoever declined a case, or did not answer."""
    timeline, assignments = tables.timeline.c, tables.assignments.c
    out: dict[UUID, dict[str, Bilingual]] = defaultdict(dict)
    silent = await work.connection.execute(
        select(assignments.case_id, assignments.officer).where(
            assignments.case_id.in_(cases), assignments.end_reason == NO_ANSWER
        )
    )
    for row in silent:
        out[row.case_id][row.officer] = Bilingual(zh="未按时签收本案", en="did not accept this case in time")
    declined = await work.connection.execute(
        select(timeline.case_id, timeline.actor_subject, timeline.reason).where(
            timeline.case_id.in_(cases), timeline.type == CaseType.DECLINED
        )
    )
    for decline in declined:
        why = Bilingual(zh=f"已退回：{decline.reason}", en=f"declined: {decline.reason}")
        out[decline.case_id][decline.actor_subject] = why
    return out


async def _familiar(work: CaseUnitOfWork, enterprises: Collection[str]) -> dict[str, set[str]]:
    """Who has an open case at an enterprise."""
    assignments = tables.assignments.c
    known: dict[str, set[str]] = defaultdict(set)
    rows = await work.connection.execute(
        select(assignments.enterprise_code, assignments.officer).where(
            assignments.enterprise_code.in_(enterprises), assignments.ended_at.is_(None)
        )
    )
    for row in rows:
        known[row.enterprise_code].add(row.officer)
    return known
