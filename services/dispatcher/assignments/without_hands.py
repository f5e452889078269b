"""Cases that a change of people, rota, leave or recusal leaves without hands, and who may accept what was offered.

What nobody has accepted goes to others at once. What was accepted stays, is named in the answer, and its chief is told.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select

from services.dispatcher import tables
from services.dispatcher.assignments import duty
from services.dispatcher.assignments.queue import assign_all
from services.dispatcher.assignments.recusals import recused_from
from services.dispatcher.assignments.teams import CALLED_IN, NAMED, withdraw
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.availability import (
    ABSENCES,
    ROTA,
    Barrier,
    DutyDay,
    Hindrance,
    Person,
    barred,
    hindrance,
    unable_throughout,
)
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.domain.replanning import Kept, PlannedInVain
from services.dispatcher.notices import wording
from shared.contract.events import Bilingual

_ROTA = Bilingual(zh="值班安排变更", en="the rota was changed")
_RECUSED = Bilingual(zh="承办人回避", en="an officer is recused")


class _Left(NamedTuple):
    """An officer who may not go for a case any more, from a day on; `now` where that is today."""

    person: Person
    from_day: date
    found: Hindrance
    now: bool


async def replan(work: CaseUnitOfWork, officers: Collection[str], days: Collection[date] = ()) -> dict[str, Any]:
    """Give the unaccepted cases of those among `officers` who cannot go any more to others; return `Replanned`.

    `days` are those that a change is about: who can go on none of the days to come, before a case is due, is named.
    """
    today = duty.today(work)
    ahead = sorted({day for day in days if day > today})
    people = await duty.people(work, officers)
    outlook = await duty.duty_days(work, {one.station for one in people.values()}, {today, *ahead})
    left: dict[UUID, list[_Left]] = defaultdict(list)
    for row in await _held(work, tables.assignments.c.officer.in_(people)):
        if (found := _found(work, row, people[row.officer], outlook)) is not None:
            left[row.case_id].append(found)
    return await _part(work, left, "rota", _ROTA)


async def begin_leaves(work: CaseUnitOfWork) -> int:
    """Do what `replan` does for those whose leave begins today; return how many cases went to others.

    What they were offered since the leave was granted, and have not accepted, would wait for them otherwise.
    """
    assignments, leaves = tables.assignments.c, tables.leaves.c
    leaving = select(leaves.officer).where(leaves.first_day == duty.today(work), leaves.cancelled_at.is_(None))
    holding = await work.connection.scalars(
        select(assignments.officer).where(assignments.ended_at.is_(None), assignments.officer.in_(leaving)).distinct()
    )
    officers = set(holding)
    return len((await replan(work, officers))["replanned"]) if officers else 0


async def withdraw_recused(work: CaseUnitOfWork, officer: str, enterprise_code: str, reason: str) -> dict[str, Any]:
    """Give the unaccepted cases of an officer at an enterprise to others, because the officer is recused there.

    Returns what `replan` does; what was accepted there the chief must hand over to a colleague.
    """
    assignments, today = tables.assignments.c, duty.today(work)
    person = (await duty.people(work, {officer})).get(officer) or Person(officer, officer, "")
    found = barred(None, recused=reason)
    theirs = and_(assignments.officer == officer, assignments.enterprise_code == enterprise_code)
    held = await _held(work, theirs)
    left = {} if found is None else {row.case_id: [_Left(person, today, found, now=True)] for row in held}
    return await _part(work, left, "recused", _RECUSED)


async def why_not(work: CaseUnitOfWork, case: Case, own: Row[Any]) -> Hindrance | None:
    """Why an officer may not accept an assignment that was offered, a row of `assignments`; None where they may."""
    person = (await duty.people(work, {own.officer})).get(own.officer)
    if person is None:
        return None
    recused = (await recused_from(work, {case.enterprise_code})).get(case.enterprise_code, {})
    station = None if NAMED in own.explanation else case.station
    found = hindrance(person, await duty.duty_day(work, {person.station}), station=station)
    return barred(found, recused=recused.get(person.code), past=_past(own) | ROTA)


async def planned_in_vain(
    work: CaseUnitOfWork, station: str, planned: Mapping[date, Collection[str]]
) -> list[PlannedInVain]:
    """The officers on the rota of a day to come who may not go on it: on leave, off duty, not certified."""
    days = [day for day in planned if day >= duty.today(work)]
    people = await duty.people(work, {officer for day in days for officer in planned[day]})
    return [
        PlannedInVain(day=day.day, officer=person.code, name=person.name, reason=found.reason)
        for day in await duty.duty_days(work, {station}, days)
        for person in (people[officer] for officer in planned[day.day])
        if (found := hindrance(person, day, station=station)) is not None
    ]


async def why_not_on(work: CaseUnitOfWork, officer: str, day: date) -> Hindrance | None:
    """Why an officer may not stand in for another on a day, whoever is on the rota; None where they may."""
    person = (await duty.people(work, {officer}))[officer]
    (on_day,) = await duty.duty_days(work, {person.station}, [day])
    return barred(hindrance(person, on_day), past=frozenset({Barrier.NOT_ON_ROTA}))


def _found(work: CaseUnitOfWork, row: Row[Any], person: Person, outlook: Sequence[DutyDay]) -> _Left | None:
    """Whether an officer may not go for a case that they hold: today, or throughout the days ahead."""
    station = None if NAMED in row.explanation else row.station
    today, ahead = outlook[0], outlook[1:]
    if (found := barred(hindrance(person, today, station=station), past=_past(row))) is not None:
        return _Left(person, today.day, found, now=True)
    due_at = None if row.due_at is None or row.due_at <= work.now else row.due_at
    later = unable_throughout(person, ahead, due_at, station=station)
    if later is None or barred(later[1], past=_past(row)) is None:
        return None
    return _Left(person, later[0].day, later[1], now=False)


def _past(row: Row[Any]) -> frozenset[Barrier]:
    """What does not keep an officer from this assignment: who was called in goes though off duty."""
    called_in = row.explanation.get(CALLED_IN, {}).get("officers", ())
    return ABSENCES if row.officer in called_in else frozenset()


async def _held(work: CaseUnitOfWork, whose: ColumnElement[bool]) -> Sequence[Row[Any]]:
    """The open assignments that `whose` selects, with what is asked of their cases."""
    assignments, cases = tables.assignments.c, tables.cases.c
    asked: Select[Any] = (
        select(assignments.case_id, assignments.officer, assignments.explanation, cases.station, cases.due_at)
        .join(tables.cases, cases.case_id == assignments.case_id)
        .where(whose, assignments.ended_at.is_(None), cases.closed_at.is_(None))
        .order_by(assignments.case_id, assignments.part)
    )
    held: Sequence[Row[Any]] = (await work.connection.execute(asked)).all()
    return held


def _told(case: Case, left: Sequence[_Left]) -> wording.NoticeDraft:
    """What the chief of a case hears of its officers who may not go: once for each change of it."""
    who = [(one.person.name, one.found.reason) for one in left]
    named = Bilingual(
        zh="；".join(f"{name}：{reason.zh}" for name, reason in who),
        en="; ".join(f"{name} is {reason.en}" for name, reason in who),
    )
    first = min(one.from_day for one in left)
    occasion = "+".join(f"{one.person.code}:{one.found.barrier}:{one.from_day}" for one in left)
    return wording.without_hands(case.facts, named, None if any(one.now for one in left) else first, occasion)


async def _part(
    work: CaseUnitOfWork, left: Mapping[UUID, Sequence[_Left]], end_reason: str, reason: Bilingual
) -> dict[str, Any]:
    """Withdraw what nobody accepted from those who may not go today, and name the rest and tell its chiefs."""
    locked = await lock_all(work, left.keys())
    unaccepted = [
        case
        for case in locked
        if lifecycle.may(case, Action.WITHDRAW, SYSTEM) and any(one.now for one in left[case.case_id])
    ]
    if unaccepted:
        await withdraw(work, unaccepted, end_reason, reason)
        await assign_all(work, unaccepted)
    gone = {case.case_id for case in unaccepted}
    kept = [(case, one) for case in locked if case.case_id not in gone for one in left[case.case_id]]
    for case in locked:
        if case.case_id not in gone:
            work.notify([_told(case, left[case.case_id])])
    return {
        "replanned": [case.case_id for case in unaccepted],
        "kept": [
            Kept(
                case_id=case.case_id,
                state=case.state,
                officer=one.person.code,
                name=one.person.name,
                from_day=one.from_day,
                reason=one.found.reason,
            )
            for case, one in kept
        ],
    }
