"""The queue of cases without a team: assigned in batches, offered to the next team."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import Row, func, select, text

from services.dispatcher import tables
from services.dispatcher.assignments import candidates, queues
from services.dispatcher.assignments.teams import locate, next_team, offer_all, stations_in_charge, withdraw
from services.dispatcher.cases.enterprises import try_to_lock_enterprises
from services.dispatcher.cases.steps import StepDetails, record_all
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.batch_assignment import BatchPlan, assign_batch
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.team_choice import Candidate, Matter, NobodyAvailable, Team, able_at
from services.dispatcher.notices import wording
from shared.contract.events import Bilingual

_TEAM = 2
_REST_SECONDS = 10.0
"""Where no case waits: one that comes to wait ends the rest of the process that had it wait."""
_NOT_ACCEPTED = Bilingual(zh="未按时签收", en="not accepted in time")
Solve: TypeAlias = Callable[[Sequence[Matter], Sequence[Candidate], DispatchPolicy], BatchPlan]
"""Chooses the teams of the cases of one station; called in a thread of its own, for it takes a while."""


class Asked(NamedTuple):
    """A case that waits, as it was read without a lock, with the station that is in charge of it by now."""

    case_id: UUID
    enterprise_code: str
    station: str | None


class Plan(NamedTuple):
    """The teams that were chosen for cases, or nobody; and what each asked for, and where, when that was done."""

    matters: Mapping[UUID, Matter]
    stations: Mapping[UUID, str | None]
    teams: Mapping[UUID, Team | NobodyAvailable]

    async def holds(self, work: CaseUnitOfWork, cases: Sequence[Case]) -> list[Case]:
        """Those of the locked cases that still ask for what they did, of the same station."""
        asked = await candidates.matters(work, cases, await work.policy()) if cases else {}
        return [
            case
            for case in cases
            if asked[case.case_id] == self.matters[case.case_id] and case.station == self.stations[case.case_id]
        ]


async def assign_all(work: CaseUnitOfWork, cases: Sequence[Case]) -> int:
    """Assign locked cases to the teams that the policy chooses, each station's as one batch; return how many got one.

    Where there is none, the case stays in the queue and its chief is notified at once. Who declined a case, or did not
    accept it in time, is not asked again for it.
    """
    await locate(work, cases)
    return await _give(work, cases, (await _plan(work, cases, {}, assign_batch)).teams)


async def _plan(
    work: CaseUnitOfWork, cases: Sequence[candidates.Located], officers_of: Mapping[str, list[Candidate]], solve: Solve
) -> Plan:
    """Choose teams, each station's as one batch; `officers_of` are those of stations that were read already."""
    policy = await work.policy()
    known = {**officers_of}
    if unread := {case.station for case in cases if case.station} - known.keys():
        known |= await candidates.candidates(work, unread, policy)
    asked = await candidates.matters(work, cases, policy)
    teams: dict[UUID, Team | NobodyAvailable] = {}
    for station, group in groupby(sorted(cases, key=lambda case: case.station or ""), key=lambda case: case.station):
        batch = [asked[case.case_id] for case in group]
        teams |= (await asyncio.to_thread(solve, batch, known.get(station or "", []), policy)).teams
    return Plan(asked, {case.case_id: case.station for case in cases}, teams)


async def _give(work: CaseUnitOfWork, cases: Sequence[Case], teams: Mapping[UUID, Team | NobodyAvailable]) -> int:
    """Give locked cases to their teams, and tell the chiefs of those that get none; return how many got one."""
    chosen: list[tuple[Case, Team]] = []
    for case in cases:
        team = teams[case.case_id]
        if isinstance(team, Team):
            chosen.append((case, team))
        else:
            work.notify([_nobody(case)])
    await offer_all(work, chosen)
    await record_all(
        work, [(case, lifecycle.apply(case, Action.ASSIGN, SYSTEM), _details(team)) for case, team in chosen]
    )
    return len(chosen)


async def offer_to_next_team(work: CaseUnitOfWork, case: Case, since: datetime) -> bool:
    """Offer a case that nobody has accepted since `since` to the next team, if there is one; return whether.

    Where nobody else can go the present team keeps it: its chief was notified, and decides.
    """
    assignments = tables.assignments.c
    later = await work.connection.scalar(
        select(func.count()).where(
            assignments.case_id == case.case_id, assignments.ended_at.is_(None), assignments.offered_at > since
        )
    )
    if not lifecycle.may(case, Action.WITHDRAW, SYSTEM) or later or await next_team(work, case) is None:
        return False
    await withdraw(work, [case], candidates.NO_ANSWER, _NOT_ACCEPTED)
    await assign_all(work, [case])
    return True


class AssignmentQueue:
    """The pass over the cases without a team. It looks at each when it comes to wait, and again when that may help.

    Who waits, waits for somebody who can go. So a station's queue is looked through again, a page at a time, when an
    officer can go there who could not when that was done last, for whatever reason; else nothing is read of it.
    """

    def __init__(self, page: int, solve: Solve = assign_batch) -> None:
        self._page, self._solve = page, solve
        self._round: Round | None = None
        self._held: set[UUID] = set()
        """Those that somebody else worked on when they were looked at, or when their teams were chosen."""
        self._lost_seen = False
        self._resting_until = 0.0

    def resting(self) -> bool:
        """Whether no case waited a moment ago."""
        return time.monotonic() < self._resting_until

    async def assign_page(self, work: CaseUnitOfWork) -> int:
        """Assign what is next to be looked at, together; return how many got a team.

        Of several replicas one assigns at a time: each sees what the one before has given. Choosing takes seconds, so
        no case is locked meanwhile: what changed until then waits for the next pass.
        """
        self._resting_until = 0.0  # where another replica assigns just now, it may have looked too early
        alone = await work.connection.scalar(text("select pg_try_advisory_xact_lock(hashtext('dispatch.assignment'))"))
        stations = await queues.waiting(work) if alone else []
        if not stations:
            self._resting_until = time.monotonic() + _REST_SECONDS if alone else 0.0
            return 0
        policy = await work.policy()
        known = await candidates.candidates(work, [one.station for one in stations if one.station], policy)
        able = {station: able_at(officers, policy) for station, officers in known.items()}
        await self._begin_round(work, stations, able)
        rows = await self._next(work, able)
        plan = await _plan(work, await _located(work, rows), known, self._solve) if rows else Plan({}, {}, {})
        free = await try_to_lock_enterprises(work, {row.enterprise_code for row in rows}) if rows else set[str]()
        locked = await lock_all(work, [row.case_id for row in rows if row.enterprise_code in free])
        asking = [case for case in locked if lifecycle.may(case, Action.ASSIGN, SYSTEM) and not case.held_above]
        await locate(work, asking)
        waiting = await plan.holds(work, asking)
        self._held = {row.case_id for row in rows if row.enterprise_code not in free}
        self._held |= {case.case_id for case in asking} - {case.case_id for case in waiting}
        assigned = await _give(work, waiting, plan.teams)
        await queues.pass_over(work, [case.case_id for case in waiting if not case.team])
        # Whoever has no room left now is new when there is room again.
        await queues.forget_able(work, {officer for case in waiting for officer in case.officers})
        return assigned

    async def _begin_round(
        self, work: CaseUnitOfWork, stations: Sequence[queues.Queue], able: Mapping[str, frozenset[str]]
    ) -> None:
        """Begin to look through the queues of stations where two can go, and one of them could not before."""
        better: dict[str, frozenset[str]] = {}
        others: dict[str, frozenset[str]] = {}
        for station, before in stations:
            if station is not None and (now := able[station]) != before:
                (better if len(now) >= _TEAM and now - before else others)[station] = now
        lost = not self._lost_seen and any(one.station is None for one in stations)
        if self._round is None and (better or lost):
            self._round, self._lost_seen = Round(better, lost), True
        # Who can go no more is new when they can again.
        await queues.keep_able(work, others)

    async def _next(self, work: CaseUnitOfWork, able: Mapping[str, frozenset[str]]) -> Sequence[Row[Any]]:
        """The next page, with what somebody held before, and what is new elsewhere."""
        held = await queues.of_cases(work, self._held) if self._held else []
        if (round_ := self._round) is None:
            return [*held, *await queues.fresh(work, self._page)]
        # Where two can go no more the rest waits as before.
        helped = [station for station in round_.able if len(able.get(station, ())) >= _TEAM]
        rows = await queues.page_of(work, helped, lost=round_.lost, after=round_.after, limit=self._page)
        if len(rows) == self._page:
            round_.after = rows[-1].opened_at, rows[-1].case_id
        else:
            self._round = None
            await queues.keep_able(work, round_.able)
        return [*held, *rows, *await queues.fresh(work, self._page, but=helped)]


@dataclass
class Round:
    """One look through the queues of stations, page by page, and who could go there when it began."""

    able: Mapping[str, frozenset[str]]
    lost: bool
    """Whether the cases that no station is in charge of are looked at, too."""
    after: tuple[datetime, UUID] | None = None


async def _located(work: CaseUnitOfWork, rows: Sequence[Row[Any]]) -> list[Asked]:
    """The cases of a page, each once and the earliest opened first, where they belong by now."""
    lost = {row.enterprise_code for row in rows if row.station is None}
    found = await stations_in_charge(work, lost) if lost else {}
    ordered = sorted({row.case_id: row for row in rows}.values(), key=lambda row: (row.opened_at, row.case_id))
    return [Asked(row.case_id, row.enterprise_code, row.station or found.get(row.enterprise_code)) for row in ordered]


def _details(team: Team) -> StepDetails:
    return StepDetails(policy_version=team.explanation["policy_version"], detail={"why": team.explanation})


def _nobody(case: Case) -> wording.NoticeDraft:
    if case.station is None:
        return wording.station_unknown(case.facts)
    return wording.nobody_available(
        case_id=case.case_id,
        alert_id=case.alert_id,
        enterprise_code=case.enterprise_code,
        enterprise_name=case.enterprise_name,
        station=case.station,
        revision=case.revision,
    )
