"""Cases that wait for a team: assigned as bursts, offered to the next, planned anew with the rota; never forgotten."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, text, true, tuple_

from services.dispatcher import tables
from services.dispatcher.assignments import candidates
from services.dispatcher.assignments.teams import locate, next_team, offer_all, withdraw
from services.dispatcher.cases import conditions
from services.dispatcher.cases.enterprises import try_to_lock_enterprises
from services.dispatcher.cases.steps import StepDetails, record_all
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.batch_assignment import assign_burst
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.domain.policy import load
from services.dispatcher.domain.team_choice import Team
from services.dispatcher.notices import wording
from shared.contract.events import Bilingual

_SILENT = Bilingual(zh="未按时签收", en="not accepted in time")
_ROTA = Bilingual(zh="值班安排变更", en="the rota was changed")
_RECUSED = Bilingual(zh="承办人回避", en="an officer is recused")


async def assign_all(work: CaseUnitOfWork, cases: Sequence[Case]) -> int:
    """Give waiting cases to the officers the policy chooses, each station's as one burst; answer how many got a team.

    Where there are none, the case waits on and its chief is told at once. Who declined a case, or let it lie, is not
    asked again for it.
    """
    await locate(work, cases)
    policy = load()
    known = await candidates.candidates(work, {case.station for case in cases if case.station}, policy)
    asked = await candidates.matters(work, cases, policy)
    chosen: list[tuple[Case, Team]] = []
    for station, group in groupby(sorted(cases, key=lambda case: case.station or ""), key=lambda case: case.station):
        waiting = list(group)
        matters, officers = [asked[case.case_id] for case in waiting], known.get(station or "", [])
        plan = await asyncio.to_thread(assign_burst, matters, officers, policy)
        for case in waiting:
            team = plan.teams[case.case_id]
            if isinstance(team, Team):
                chosen.append((case, team))
            else:
                work.notify([_nobody(case)])
    await offer_all(work, chosen)
    await record_all(work, [(case, lifecycle.apply(case, Action.ASSIGN, SYSTEM), _why(team)) for case, team in chosen])
    return len(chosen)


async def ask_the_next(work: CaseUnitOfWork, case: Case, since: datetime) -> bool:
    """Nobody accepted the case that was offered at `since`: ask the next team, if there is one; answer whether.

    Where nobody else can go the present team keeps it: its chief was told, and decides.
    """
    assignments = tables.assignments.c
    later = await work.connection.scalar(
        select(func.count()).where(
            assignments.case_id == case.case_id, assignments.ended_at.is_(None), assignments.offered_at > since
        )
    )
    if not lifecycle.may(case, Action.WITHDRAW, SYSTEM) or later or await next_team(work, case) is None:
        return False
    await withdraw(work, [case], candidates.NO_ANSWER, _SILENT)
    await assign_all(work, [case])
    return True


async def replan(work: CaseUnitOfWork, officers: Collection[str]) -> dict[str, list[UUID]]:
    """The rota, or who may go, changed: give what `officers` have not accepted, and cannot go for now, to others.

    Answers which cases were `replanned`, and which accepted ones were `kept`.
    """
    rows = await work.connection.execute(select(tables.officers).where(tables.officers.c.code.in_(officers)))
    homes = {row.code: row for row in rows}
    day = await candidates.duty_day(work, {row.station for row in homes.values()})
    unable = [
        code
        for code, row in homes.items()
        if not row.certified or day.absence(code, row.station, on_duty=row.on_duty) is not None
    ]
    return await _take_back(work, tables.assignments.c.officer.in_(unable), "rota", _ROTA)


async def step_back(work: CaseUnitOfWork, officer: str, enterprise_code: str) -> dict[str, list[UUID]]:
    """An officer is recused from an enterprise: give what the officer has there and has not accepted to others.

    Answers as `replan` does; of what was accepted there the chief must hand over the officer's part.
    """
    assignments = tables.assignments.c
    theirs = and_(assignments.officer == officer, assignments.enterprise_code == enterprise_code)
    return await _take_back(work, theirs, "recused", _RECUSED)


async def _take_back(
    work: CaseUnitOfWork, held: ColumnElement[bool], end_reason: str, reason: Bilingual
) -> dict[str, list[UUID]]:
    assignments, cases = tables.assignments.c, tables.cases.c
    found = await work.connection.scalars(
        select(assignments.case_id)
        .join(tables.cases, cases.case_id == assignments.case_id)
        .where(held, assignments.ended_at.is_(None), cases.closed_at.is_(None))
    )
    locked = await lock_all(work, set(found))
    unaccepted = [case for case in locked if lifecycle.may(case, Action.WITHDRAW, SYSTEM)]
    if unaccepted:
        await withdraw(work, unaccepted, end_reason, reason)
        await assign_all(work, unaccepted)
    return {
        "replanned": [case.case_id for case in unaccepted],
        "kept": [case.case_id for case in locked if case not in unaccepted],
    }


class WaitingCases:
    """Goes round the cases that wait for a team, a page a pass: those that cannot be helped now hide none behind."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._after: tuple[datetime, UUID] | None = None

    async def assign(self, work: CaseUnitOfWork) -> int:
        """Assign those of the next page as one burst; answer how many found a team.

        Of several replicas one assigns at a time: each sees what the one before has given.
        """
        alone = await work.connection.scalar(text("select pg_try_advisory_xact_lock(hashtext('dispatch.assignment'))"))
        if not alone:
            return 0
        cases = tables.cases.c
        key = tuple_(cases.opened_at, cases.case_id)
        page = (
            await work.connection.execute(
                select(cases.opened_at, cases.case_id, cases.enterprise_code)
                .where(
                    conditions.waits_for_team(),
                    cases.held_above.is_(False),
                    true() if self._after is None else key > self._after,
                )
                .order_by(cases.opened_at, cases.case_id)
                .limit(self._page)
            )
        ).all()
        self._after = (page[-1].opened_at, page[-1].case_id) if len(page) == self._page else None
        free = await try_to_lock_enterprises(work, {row.enterprise_code for row in page}) if page else set()
        locked = await lock_all(work, [row.case_id for row in page if row.enterprise_code in free])
        waiting = [case for case in locked if lifecycle.may(case, Action.ASSIGN, SYSTEM) and not case.held_above]
        return await assign_all(work, waiting) if waiting else 0


def _why(team: Team) -> StepDetails:
    return StepDetails(policy_version=team.explanation["policy_version"], detail={"why": team.explanation})


def _nobody(case: Case) -> wording.NoticeDraft:
    return wording.nobody_available(
        case_id=case.case_id,
        alert_id=case.alert_id,
        enterprise_code=case.enterprise_code,
        enterprise_name=case.enterprise_name,
        station=case.station,
        revision=case.revision,
    )
