"""Officers and duty days as they are stored: what the rule of who may go is asked with, for today and days ahead."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, select, text

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.availability import DutyDay, LeavePeriod, Person
from shared.time.instants import SHANGHAI

_AWAY = text("""
    select officer, first_day, last_day, reason from dispatch.leaves
     where first_day <= :last and last_day >= :first and cancelled_at is null order by last_day
""")
_STANDING_IN = text("""
    select s.day, s.officer, s.substitute, o.name
      from dispatch.substitutions s left join dispatch.officers o on o.code = s.substitute
     where s.day = any(cast(:days as date[]))
""")
_ROTA = text("""
    select station, day, cast(null as text) as officer from dispatch.empty_duty_days
     where station = any(cast(:stations as text[])) and day = any(cast(:days as date[]))
     union all
    select station, day, officer from dispatch.duty_days
     where station = any(cast(:stations as text[])) and day = any(cast(:days as date[]))
""")


def today(work: CaseUnitOfWork) -> date:
    """The day in Shanghai."""
    return work.now.astimezone(SHANGHAI).date()


def person(row: Row[Any]) -> Person:
    """The officer of a row of `officers`."""
    return Person(row.code, row.name, row.station, certified=row.certified, on_duty=row.on_duty)


async def people(work: CaseUnitOfWork, codes: Collection[str]) -> dict[str, Person]:
    """The officers with these codes, by code."""
    rows = await work.connection.execute(select(tables.officers).where(tables.officers.c.code.in_(codes)))
    return {row.code: person(row) for row in rows}


async def duty_day(work: CaseUnitOfWork, stations: Collection[str]) -> DutyDay:
    """Who is on duty today at these stations."""
    (day,) = await duty_days(work, stations, [today(work)])
    return day


async def duty_days(work: CaseUnitOfWork, stations: Collection[str], days: Collection[date]) -> Sequence[DutyDay]:
    """Who is on duty at these stations on each of the days, by rota, leave and substitutions; the days in order."""
    if not days:
        return []
    rota = await _rota(work, stations, days)
    away = await work.connection.execute(_AWAY, {"first": min(days), "last": max(days)})
    periods = [(row.officer, LeavePeriod(row.first_day, row.last_day, row.reason)) for row in away]
    substitutes: dict[date, dict[str, str]] = defaultdict(dict)
    names: dict[str, str] = {}
    standing_in = await work.connection.execute(_STANDING_IN, {"days": [*days]})
    for one in standing_in:
        substitutes[one.day][one.officer] = one.substitute
        names[one.substitute] = one.name or one.substitute
    return [
        DutyDay(
            day=day,
            rota=rota[day],
            leaves={officer: leave for officer, leave in periods if leave.first_day <= day <= leave.last_day},
            substitutes=substitutes[day],
            names=names,
        )
        for day in sorted(days)
    ]


async def _rota(
    work: CaseUnitOfWork, stations: Collection[str], days: Collection[date]
) -> dict[date, dict[str, frozenset[str]]]:
    """By day and station, who is on duty by rota; nobody, where the rota of the day names nobody."""
    found: dict[date, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in await work.connection.execute(_ROTA, {"stations": [*stations], "days": [*days]}):
        found[row.day][row.station] |= {row.officer} - {None}
    return {day: {station: frozenset(codes) for station, codes in found[day].items()} for day in days}
