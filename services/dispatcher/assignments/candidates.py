"""What choosing teams goes by, read for many cases at once: officers with their work, and what each case asks for."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.dialects.postgresql import JSONB

from services.dispatcher.assignments.duty import duty_day, person, today
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.availability import hindrance
from services.dispatcher.domain.distance import place
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.team_choice import Candidate, Matter
from shared.contract.events import Bilingual, CaseType

NO_ANSWER = "no_answer"
"""The `end_reason` of an assignment that was not accepted in time: its officers are not asked again for the case."""
_SILENT = Bilingual(zh="未按时签收本案", en="did not accept this case in time")


# Officer by officer, and case by case, in the indexes: asked for together, a planner reads whole tables some day. In
# one statement each, for a red alert that comes alone waits for every round trip.
_OFFICERS = text("""
    select o.code, o.name, o.station, o.certified, o.on_duty, o.skills,
           exists (select from dispatch.leaves l
                    where l.officer = o.code and l.cancelled_at is null
                      and l.first_day > :today and l.first_day <= :until) as leaving,
           (select count(*) from dispatch.assignments a where a.officer = o.code and a.offered_at > :since) as recent,
           (select jsonb_agg(jsonb_build_array(coalesce(c.due_at <= :soon, false), e.longitude, e.latitude))
              from dispatch.assignments a
              join dispatch.cases c on c.case_id = a.case_id
              left join dispatch.enterprises e on e.code = c.enterprise_code
             where a.officer = o.code and a.ended_at is null) as held
      from dispatch.officers o where o.station = any(cast(:stations as text[]))
""").columns(held=JSONB)
_MATTERS = text(f"""
    select asked.case_id, e.longitude, e.latitude,
           s.longitude as station_longitude, s.latitude as station_latitude,
           (select jsonb_agg(jsonb_build_array(
                       alert->>'category', alert->'outlet'->>'medium', alert->'pollutant'->>'code'))
              from dispatch.case_alerts where case_id = asked.case_id) as alerts,
           array(select officer from dispatch.assignments
                  where case_id = asked.case_id and end_reason = '{NO_ANSWER}') as silent,
           (select jsonb_agg(jsonb_build_array(actor_subject, reason) order by entry_id)
              from dispatch.timeline
             where case_id = asked.case_id and type = '{CaseType.DECLINED}') as declined,
           array(select officer from dispatch.assignments
                  where enterprise_code = asked.enterprise and ended_at is null) as familiar,
           (select jsonb_object_agg(officer, reason)
              from dispatch.recusals where enterprise_code = asked.enterprise and ended_at is null) as recused
      from unnest(cast(:case_ids as uuid[]), cast(:enterprises as text[]), cast(:stations as text[]))
           as asked (case_id, enterprise, station)
      left join dispatch.enterprises e on e.code = asked.enterprise
      left join dispatch.stations s on s.code = asked.station
""").columns(alerts=JSONB, declined=JSONB, recused=JSONB)


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
    now, day = today(work), await duty_day(work, stations)
    rows = await work.connection.execute(
        _OFFICERS,
        {
            "stations": [*stations],
            "today": now,
            "until": now + timedelta(days=policy.assignment.leaving_days),
            "since": work.now - timedelta(days=policy.assignment.fairness_days),
            "soon": work.now + timedelta(hours=policy.assignment.due_soon_hours),
        },
    )
    found: dict[str, list[Candidate]] = {station: [] for station in stations}
    for row in rows:
        held = row.held or []
        found[row.station].append(
            Candidate(
                officer=row.code,
                name=row.name,
                hindered=hindrance(person(row), day),
                leaving=row.leaving,
                skills=frozenset(row.skills),
                open_cases=len(held),
                due_soon=sum(soon for soon, *_ in held),
                recent=row.recent,
                places=tuple(where for _, *place_of in held if (where := place(*place_of))),
            )
        )
    return found


async def matters(work: CaseUnitOfWork, cases: Sequence[Located], policy: DispatchPolicy) -> dict[UUID, Matter]:
    """What each case asks of a team: skills, where it is, who must not go, who knows the enterprise."""
    rows = await work.connection.execute(
        _MATTERS,
        {
            "case_ids": [case.case_id for case in cases],
            "enterprises": [case.enterprise_code for case in cases],
            "stations": [case.station for case in cases],
        },
    )
    return {
        row.case_id: Matter(
            case_id=row.case_id,
            skills=frozenset[str]().union(*(policy.assignment.skills_for(*alert) for alert in row.alerts or ())),
            place=place(row.longitude, row.latitude),
            station_place=place(row.station_longitude, row.station_latitude),
            excluded=_excluded(row),
            recused=row.recused or {},
            familiar=frozenset(row.familiar),
        )
        for row in rows
    }


def _excluded(row: Row[Any]) -> dict[str, Bilingual]:
    """Who is not asked again: whoever declined the case, or did not answer."""
    silent = dict.fromkeys(row.silent, _SILENT)
    return silent | {
        officer: Bilingual(zh=f"已退回：{reason}", en=f"declined: {reason}") for officer, reason in row.declined or ()
    }
