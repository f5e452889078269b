"""What choosing teams goes by, read for many cases at once: officers with their work, and what each case asks for."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text

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


_OFFICERS = text("""
    select code, name, station, certified, on_duty, skills
      from dispatch.officers where station = any(cast(:stations as text[]))
""")
_PLACES = text("""
    select code, longitude, latitude from dispatch.enterprises where code = any(cast(:codes as text[]))
""")
_OFFICES = text("select code, longitude, latitude from dispatch.stations")
_LEAVING = text("""
    select officer from dispatch.leaves
     where officer = any(cast(:officers as text[])) and cancelled_at is null
       and first_day > :today and first_day <= :until
""")
_HELD = text("""
    select a.officer, coalesce(c.due_at <= :soon, false) as soon, e.longitude, e.latitude
      from dispatch.assignments a
      join dispatch.cases c on c.case_id = a.case_id
      left join dispatch.enterprises e on e.code = c.enterprise_code
     where a.officer = any(cast(:officers as text[])) and a.ended_at is null
""")
# Officer by officer in the index: asked for together, a planner reads the whole table some day.
_RECENT = text("""
    select o.code as officer,
           (select count(*) from dispatch.assignments a where a.officer = o.code and a.offered_at > :since) as number
      from dispatch.officers o where o.code = any(cast(:officers as text[]))
""")
_ASKING = text("""
    select case_id, alert->>'category' as category, alert->'outlet'->>'medium' as medium,
           alert->'pollutant'->>'code' as pollutant
      from dispatch.case_alerts where case_id = any(cast(:case_ids as uuid[]))
""")
_SILENT = text(f"""
    select case_id, officer from dispatch.assignments
     where case_id = any(cast(:case_ids as uuid[])) and end_reason = '{NO_ANSWER}'
""")
_DECLINED = text(f"""
    select case_id, actor_subject, reason from dispatch.timeline
     where case_id = any(cast(:case_ids as uuid[])) and type = '{CaseType.DECLINED}'
""")
_FAMILIAR = text("""
    select enterprise_code, officer from dispatch.assignments
     where enterprise_code = any(cast(:codes as text[])) and ended_at is null
""")


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
    rows = (await work.connection.execute(_OFFICERS, {"stations": [*stations]})).all()
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
    known = await work.connection.execute(_PLACES, {"codes": [*codes]})
    places = {row.code: place(row.longitude, row.latitude) for row in known}
    offices = await work.connection.execute(_OFFICES)
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
    now = today(work)
    until = now + timedelta(days=policy.assignment.leaving_days)
    return set(await work.connection.scalars(_LEAVING, {"officers": [*officers], "today": now, "until": until}))


async def _held(work: CaseUnitOfWork, officers: Sequence[str], policy: DispatchPolicy) -> Mapping[str, list[Any]]:
    """Each officer's open assignments: where, and whether due soon."""
    soon = work.now + timedelta(hours=policy.assignment.due_soon_hours)
    rows = await work.connection.execute(_HELD, {"officers": [*officers], "soon": soon})
    held: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        held[row.officer].append(row)
    return held


async def _recent(work: CaseUnitOfWork, officers: Sequence[str], policy: DispatchPolicy) -> dict[str, int]:
    """How many cases each officer was given over the span of fairness."""
    since = work.now - timedelta(days=policy.assignment.fairness_days)
    rows = await work.connection.execute(_RECENT, {"officers": [*officers], "since": since})
    return {row.officer: row.number for row in rows}


async def _skills(work: CaseUnitOfWork, cases: Sequence[UUID], policy: DispatchPolicy) -> dict[UUID, frozenset[str]]:
    rows = await work.connection.execute(_ASKING, {"case_ids": [*cases]})
    asked: dict[UUID, frozenset[str]] = defaultdict(frozenset)
    for row in rows:
        asked[row.case_id] |= policy.assignment.skills_for(row.category, row.medium, row.pollutant)
    return asked


async def _excluded(work: CaseUnitOfWork, cases: Sequence[UUID]) -> dict[UUID, dict[str, Bilingual]]:
    """Who is not asked again: whoever declined a case, or did not answer."""
    out: dict[UUID, dict[str, Bilingual]] = defaultdict(dict)
    silent = await work.connection.execute(_SILENT, {"case_ids": [*cases]})
    for row in silent:
        out[row.case_id][row.officer] = Bilingual(zh="未按时签收本案", en="did not accept this case in time")
    declined = await work.connection.execute(_DECLINED, {"case_ids": [*cases]})
    for decline in declined:
        why = Bilingual(zh=f"已退回：{decline.reason}", en=f"declined: {decline.reason}")
        out[decline.case_id][decline.actor_subject] = why
    return out


async def _familiar(work: CaseUnitOfWork, enterprises: Collection[str]) -> dict[str, set[str]]:
    """Who has an open case at an enterprise."""
    known: dict[str, set[str]] = defaultdict(set)
    rows = await work.connection.execute(_FAMILIAR, {"codes": [*enterprises]})
    for row in rows:
        known[row.enterprise_code].add(row.officer)
    return known
