"""The queue of cases without a team: assigned in batches, offered to the next team."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from sqlalchemy import func, select, text, true, tuple_

from services.dispatcher import tables
from services.dispatcher.assignments import candidates
from services.dispatcher.assignments.teams import locate, next_team, offer_all, withdraw
from services.dispatcher.cases import conditions
from services.dispatcher.cases.enterprises import try_to_lock_enterprises
from services.dispatcher.cases.steps import StepDetails, record_all
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.batch_assignment import assign_batch
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.domain.team_choice import Team
from services.dispatcher.notices import wording
from shared.contract.events import Bilingual

_NOT_ACCEPTED = Bilingual(zh="未按时签收", en="not accepted in time")


async def assign_all(work: CaseUnitOfWork, cases: Sequence[Case]) -> int:
    """Assign cases to the teams that the policy chooses, each station's as one batch; return how many got a team.

    Where there is none, the case stays in the queue and its chief is notified at once. Who declined a case, or did not
    accept it in time, is not asked again for it.
    """
    await locate(work, cases)
    policy = await work.policy()
    known = await candidates.candidates(work, {case.station for case in cases if case.station}, policy)
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
    """The pass over all cases without a team, a page at a time: those that cannot be helped now hide none behind."""

    def __init__(self, page: int) -> None:
        self._page = page
        self._after: tuple[datetime, UUID] | None = None

    async def assign_page(self, work: CaseUnitOfWork) -> int:
        """Assign the cases of the next page together; return how many got a team.

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
