"""The queue of cases without a team: assigned in batches, offered to the next team."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, text

from services.dispatcher import tables
from services.dispatcher.assignments import candidates, queues
from services.dispatcher.assignments.teams import locate, next_team, offer_all, withdraw
from services.dispatcher.cases.enterprises import try_to_lock_enterprises
from services.dispatcher.cases.steps import StepDetails, record_all
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.batch_assignment import assign_batch
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.domain.team_choice import Candidate, Team, able_at
from services.dispatcher.notices import wording
from shared.contract.events import Bilingual

_TEAM = 2
_REST_SECONDS = 10.0
"""Where no case waits: one that comes to wait ends the rest of the process that had it wait."""
_NOT_ACCEPTED = Bilingual(zh="未按时签收", en="not accepted in time")


async def assign_all(
    work: CaseUnitOfWork, cases: Sequence[Case], officers_of: Mapping[str, list[Candidate]] | None = None
) -> int:
    """Assign cases to the teams that the policy chooses, each station's as one batch; return how many got a team.

    Where there is none, the case stays in the queue and its chief is notified at once. Who declined a case, or did not
    accept it in time, is not asked again for it. `officers_of` are those of stations that were read already.
    """
    await locate(work, cases)
    policy = await work.policy()
    known = {**(officers_of or {})}
    if unread := {case.station for case in cases if case.station} - known.keys():
        known |= await candidates.candidates(work, unread, policy)
    asked = await candidates.matters(work, cases, policy)
    chosen: list[tuple[Case, Team]] = []
    for station, group in groupby(sorted(cases, key=lambda case: case.station or ""), key=lambda case: case.station):
        batch = list(group)
        matters, officers = [asked[case.case_id] for case in batch], known.get(station or "", [])
        plan = await asyncio.to_thread(assign_batch, matters, officers, policy)
        for case in batch:
            team = plan.teams[case.case_id]
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

    def __init__(self, page: int) -> None:
        self._page = page
        self._round: Round | None = None
        self._held: set[UUID] = set()
        """Those that somebody else worked on when they were looked at."""
        self._lost_seen = False
        self._resting_until = 0.0

    def resting(self) -> bool:
        """Whether no case waited a moment ago."""
        return time.monotonic() < self._resting_until

    async def assign_page(self, work: CaseUnitOfWork) -> int:
        """Assign what is next to be looked at, together; return how many got a team.

        Of several replicas one assigns at a time: each sees what the one before has given.
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
        free = await try_to_lock_enterprises(work, {row.enterprise_code for row in rows}) if rows else set[str]()
        self._held = {row.case_id for row in rows if row.enterprise_code not in free}
        locked = await lock_all(work, [row.case_id for row in rows if row.enterprise_code in free])
        waiting = [case for case in locked if lifecycle.may(case, Action.ASSIGN, SYSTEM) and not case.held_above]
        assigned = await assign_all(work, waiting, known) if waiting else 0
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
