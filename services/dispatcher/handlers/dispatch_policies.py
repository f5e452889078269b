"""Changing the dispatch policy: preview what it would decide otherwise, then publish it in one audited step."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, select

from services.dispatcher import tables
from services.dispatcher.assignments import candidates
from services.dispatcher.cases import conditions, verification
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.batch_assignment import assign_batch
from services.dispatcher.domain.policy import DispatchPolicy, VerificationPolicy
from services.dispatcher.domain.team_choice import NobodyAvailable, Team, choose
from services.dispatcher.domain.verification_draw import is_repeat
from services.dispatcher.policies.versions import (
    LEAD,
    DispatchPolicies,
    in_force_from,
    is_published,
    keep_policy,
    lock_to_publish,
)
from shared.contract.events import Actor
from shared.contract.refusals import Conflict
from shared.evidence.domain.facts import act
from shared.time.clock import Clock
from shared.time.instants import Instant

PUBLISHED = "cn.tricolor.dispatch_policy.published.v1"
_EXAMINED = 500
_LISTED = 100


class TeamChange(BaseModel):
    """A case, and the two who would go by the policy in force and by the new one; empty where nobody could."""

    case_id: UUID
    before: list[str]
    after: list[str]


class TeamChanges(BaseModel):
    """How many cases were looked at, the earliest first, and how many of them would have another team."""

    examined: int
    changed: int
    cases: list[TeamChange]


class DrawChanges(BaseModel):
    """How many self-reports wait for review, and how many of them can be expected to be verified when accepted."""

    examined: int
    verified_before: int
    verified_after: int


class Preview(BaseModel):
    """What the new policy would decide otherwise than the one in force, if all of it were decided now.

    `waiting` are cases without a team, `unaccepted` those whose team has not accepted. These teams stay: a policy
    decides what is decided from its instant on, and takes nothing back.
    """

    waiting: TeamChanges
    unaccepted: TeamChanges
    reports: DrawChanges


class Changed(BaseModel):
    """A publication, done or (`dry_run`) only looked at."""

    dry_run: bool
    version: str
    effective_from: Instant
    preview: Preview


@dataclass(frozen=True)
class By:
    """Who publishes a policy and why, and who confirmed it; a preview has nobody who did."""

    subject: str
    reason: str
    confirmed_by: str | None = None
    actor: Actor | None = None
    """Who brings it into force, where that is not whoever calls."""


class PolicyChanges:
    """Publishes dispatch policies, in the caller's unit of work."""

    def __init__(self, policies: DispatchPolicies, clock: Clock) -> None:
        self._policies, self._clock = policies, clock

    async def publish(
        self, work: CaseUnitOfWork, body: str, effective_from: datetime | None, by: By, *, dry_run: bool
    ) -> Changed:
        """Publish the policy written as `body`, to decide from `effective_from`, or else from its own instant, on.

        Raises Invalid, and Conflict for a version there is and for an instant that is too soon.
        """
        policy = DispatchPolicy.parse(body)
        preview = await _preview(work, await self._policies.at(work.connection, work.now), policy)
        if not dry_run:
            await lock_to_publish(work.connection)
        # Read once nobody decides any more: whoever waited must not publish what is in force already.
        soonest = self._clock.now() + LEAD
        policy = in_force_from(policy, effective_from or max(policy.effective_from, soonest))
        if policy.effective_from < soonest:
            raise _refused("effective-too-soon", f"a policy takes effect in {LEAD.seconds} seconds at the soonest")
        if await is_published(work.connection, policy.version):
            raise _refused("version-exists", f"version {policy.version} was published; a change is a new version")
        if not dry_run:
            await keep_policy(
                work.connection,
                policy,
                body,
                reason=by.reason,
                published_by=by.subject,
                published_at=work.now,
                confirmed_by=by.confirmed_by,
                preview=preview.model_dump(mode="json"),
            )
            said = {"version": policy.version, "effective_from": policy.effective_from, "body": body, **asdict(by)}
            work.record(act(PUBLISHED, "dispatch-policy", said, actor=by.actor, policy={"policy": policy.version}))
        return Changed(dry_run=dry_run, version=policy.version, effective_from=policy.effective_from, preview=preview)


class _Case(NamedTuple):
    case_id: UUID
    enterprise_code: str
    station: str | None


async def _preview(work: CaseUnitOfWork, before: DispatchPolicy, after: DispatchPolicy) -> Preview:
    """Nothing is locked for it, and nothing is assigned."""
    waiting = await _cases(work, conditions.waits_for_team() & tables.cases.c.held_above.is_(False))
    unaccepted = await _cases(work, conditions.offered())
    reports = await _cases(work, conditions.waits_for_review())
    return Preview(
        waiting=_compared(
            waiting, await _teams_together(work, waiting, before), await _teams_together(work, waiting, after)
        ),
        unaccepted=_compared(
            unaccepted, await _teams_each(work, unaccepted, before), await _teams_each(work, unaccepted, after)
        ),
        reports=DrawChanges(
            examined=len(reports),
            verified_before=await _verified(work, reports, before.truth_check),
            verified_after=await _verified(work, reports, after.truth_check),
        ),
    )


async def _cases(work: CaseUnitOfWork, condition: ColumnElement[bool]) -> list[_Case]:
    cases = tables.cases.c
    rows = await work.connection.execute(
        select(cases.case_id, cases.enterprise_code, cases.station)
        .where(condition)
        .order_by(cases.opened_at, cases.case_id)
        .limit(_EXAMINED)
    )
    return [_Case(*row) for row in rows]


async def _teams_together(
    work: CaseUnitOfWork, cases: Sequence[_Case], policy: DispatchPolicy
) -> dict[UUID, list[str]]:
    """Whom `policy` would choose for each, those of a station as one batch."""
    known = await candidates.candidates(work, {case.station for case in cases if case.station}, policy)
    matters = await candidates.matters(work, cases, policy)
    teams: dict[UUID, list[str]] = {}
    for station, group in groupby(sorted(cases, key=lambda case: case.station or ""), key=lambda case: case.station):
        asked = [matters[case.case_id] for case in group]
        plan = await asyncio.to_thread(assign_batch, asked, known.get(station or "", []), policy)
        teams |= {case_id: _officers(team) for case_id, team in plan.teams.items()}
    return teams


async def _teams_each(work: CaseUnitOfWork, cases: Sequence[_Case], policy: DispatchPolicy) -> dict[UUID, list[str]]:
    """Whom `policy` would choose for each, if it alone were to be assigned."""
    known = await candidates.candidates(work, {case.station for case in cases if case.station}, policy)
    matters = await candidates.matters(work, cases, policy)

    def chosen() -> dict[UUID, list[str]]:
        return {
            case.case_id: _officers(choose(matters[case.case_id], known.get(case.station or "", []), policy))
            for case in cases
        }

    return await asyncio.to_thread(chosen)


async def _verified(work: CaseUnitOfWork, reports: Sequence[_Case], policy: VerificationPolicy) -> int:
    """How many would be verified: every repeat offender's, and of the others the share. Nothing is drawn for it."""
    lately = await verification.cases_lately(work, {one.enterprise_code for one in reports}, policy.repeat_days)
    repeats = sum(is_repeat(lately.get(one.enterprise_code, 0), policy) for one in reports)
    return repeats + round(policy.share * (len(reports) - repeats))


def _compared(cases: Sequence[_Case], before: Mapping[UUID, list[str]], after: Mapping[UUID, list[str]]) -> TeamChanges:
    changes = [
        TeamChange(case_id=case.case_id, before=before[case.case_id], after=after[case.case_id])
        for case in cases
        if before[case.case_id] != after[case.case_id]
    ]
    return TeamChanges(examined=len(cases), changed=len(changes), cases=changes[:_LISTED])


def _officers(team: Team | NobodyAvailable) -> list[str]:
    return [] if isinstance(team, NobodyAvailable) else [team.lead.officer, team.second.officer]


def _refused(code: str, detail: str) -> Conflict:
    return Conflict(code, detail, title="Not published")
