"""What officers do in the field: accept, depart, arrive, decline, and report what they found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AliasChoices, Field
from sqlalchemy import Row, func, insert, select, update

from services.dispatcher import tables
from services.dispatcher.assignments import queue, teams, without_hands
from services.dispatcher.assignments.recusals import RecusalBody, keep_recusal
from services.dispatcher.assignments.views import AssignmentAnswer, assignment_rows
from services.dispatcher.cases.access import lock_case_to_change, require_as_seen, show
from services.dispatcher.cases.steps import StepDetails, note, record
from services.dispatcher.cases.store import Case, lock
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain import follow_ups, lifecycle, own_steps, presence
from services.dispatcher.domain.distance import Place
from services.dispatcher.domain.entry_codes import Scanned
from services.dispatcher.domain.fields import Body, ClaimedTime, Named, Position, Words
from services.dispatcher.domain.follow_ups import Consequences
from services.dispatcher.domain.lifecycle import Action
from services.dispatcher.domain.outcomes import Outcome
from services.dispatcher.evidence import attachments
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from services.dispatcher.visits.arrival_distance import arrival_distance
from services.dispatcher.visits.entry_checks import entry_check
from shared.contract.events import Bilingual, CaseType
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, Invalid, NotFound
from shared.contract.words import CaseState
from shared.time.identifiers import identifier

_STAMP = {Action.ACCEPT: "accepted_at", Action.DEPART: "departed_at", Action.ARRIVE: "arrived_at"}


class _FromField(Body):
    """What a device sends. `time` is the device's and is kept as claimed; the server's receipt decides."""

    time: ClaimedTime | None = Field(default=None, validation_alias=AliasChoices("time", "claimed_at"))


class StepBody(_FromField):
    position: Position | None = None


class ArrivalBody(StepBody):
    """Where the officer is, and what was scanned at the gate of an enterprise that has an entry code (入企码)."""

    entry_code: Scanned | None = None


class DeclineBody(_FromField):
    """Why an officer declines. `ground` recusal (回避): the officer is given no case of this enterprise any more."""

    reason: Words
    ground: Literal["recusal", "other"] = "other"


class VisitReport(Consequences):
    """办理反馈: what was found, what was done about it, what it comes to, and what that carries."""

    findings: Words
    measures: Words
    outcome: Outcome


class MatterReport(VisitReport):
    """The report on one joined case that comes to something else than the visit."""

    case_id: UUID


class FeedbackBody(_FromField, VisitReport):
    """The report of the visit, and of every joined case that is not named in `matters`.

    `off_site` is for cases that are checked off site first (positive list): a report without a visit.
    """

    attachments: Named = Field(default=[])
    matters: Annotated[list[MatterReport], Field(max_length=50)] = Field(default=[])
    off_site: bool = False


async def take_step(
    work: CaseUnitOfWork, caller: Principal, assignment_id: UUID, action: Action, body: StepBody
) -> AssignmentAnswer:
    """Take a step of the caller's own assignment; the case follows the first officer of the team. Raises Conflict."""
    own, case = await _own(work, caller, assignment_id, action)
    target, leads = own_steps.take(CaseState(own.state), case.state, action)
    if action is Action.ACCEPT:
        await _require_able(work, case, own)
    values: dict[str, Any] = {"state": target, _STAMP[action]: work.now}
    detail: dict[str, Any] = {"officer": caller.subject, "part": own.part}
    if body.position is not None:
        values["position"] = detail["position"] = body.position.model_dump()
        if action is Action.ARRIVE:
            detail |= await arrival_distance(work, case, Place(body.position.longitude, body.position.latitude))
    if action is Action.ARRIVE:
        detail["doubts"] = presence.doubts_of_arrival(case.state, positioned=body.position is not None)
    if isinstance(body, ArrivalBody):
        values["entry_check"] = detail["entry_check"] = await entry_check(work, case, body.entry_code)
    await _update(work, assignment_id, values)
    details = StepDetails(
        caller.actor, claimed_at=body.time, policy_version=detail.get("policy_version"), detail=detail
    )
    if leads:
        await record(work, case, lifecycle.apply(case, action, caller.role), details)
        if action is Action.ARRIVE:
            await shared_visits.arrive_joined(work, case, details)
    else:
        await note(work, case, lifecycle.beside(case, action).event, details)
    work.wake(case.officers)
    return await _answer(work, assignment_id)


async def decline_case(
    work: CaseUnitOfWork, caller: Principal, assignment_id: UUID, body: DeclineBody
) -> AssignmentAnswer:
    """Give a case back with a reason, and assign it to others. Raises Conflict for one declined too often."""
    own, case = await _own(work, caller, assignment_id, Action.DECLINE)
    own_steps.require_own(CaseState(own.state), case.state, Action.DECLINE)
    steps = lifecycle.apply(case, Action.DECLINE, caller.role)
    before = await _declines(work, case)
    policy = await work.policy()
    if body.ground == "recusal":
        recusal = RecusalBody(officer=caller.subject, enterprise_code=case.enterprise_code, reason=body.reason)
        await keep_recusal(work, recusal, caller.subject)
    elif before >= policy.declines:
        raise Conflict(
            "declined-too-often",
            f"This case was declined {before} times, which is as often as may be. Your chief can give it to others;"
            " recusal (回避) is always accepted.",
            title="Declined too often",
        )
    details = StepDetails(
        caller.actor,
        reason=body.reason,
        claimed_at=body.time,
        policy_version=policy.version,
        detail={"ground": body.ground},
    )
    await record(work, case, steps, details)
    left = [officer for officer in case.officers if officer != caller.subject]
    who = next(member.name for member in case.team if member.officer == caller.subject)
    reason = Bilingual(zh=f"{who}退回：{body.reason}", en=f"{who} declined: {body.reason}")
    work.notify(wording.taken_back(case.facts, left, reason))
    if body.ground != "recusal" and before + 1 >= policy.declines:
        work.notify([wording.declined_too_often(case.facts, reason)])
    await teams.release(work, [case], "declined with", declined_by=caller.subject)
    if body.ground == "recusal":
        await without_hands.withdraw_recused(work, caller.subject, case.enterprise_code, body.reason)
    await queue.assign_all(work, [case])
    return await _answer(work, assignment_id)


async def _require_able(work: CaseUnitOfWork, case: Case, own: Row[Any]) -> None:
    """Raises Conflict for an officer who may not go for the case that they were offered."""
    found = await without_hands.why_not(work, case, own)
    if found is not None:
        raise Conflict(
            "may-not-go",
            f"You are {found.reason.en}（{found.reason.zh}）, and may not accept this case. Decline it, or ask your"
            " chief.",
            title="Not in your hands",
            barrier=found.barrier,
            allowed=[Action.DECLINE],
        )


async def _declines(work: CaseUnitOfWork, case: Case) -> int:
    """How often the case was declined, recusals apart."""
    timeline = tables.timeline.c
    counted = await work.connection.scalar(
        select(func.count()).where(
            timeline.case_id == case.case_id,
            timeline.type == CaseType.DECLINED,
            func.coalesce(timeline.detail["ground"].astext, "other") != "recusal",
        )
    )
    return counted or 0


async def give_feedback(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: FeedbackBody) -> CaseAnswer:
    """Keep the report of a visit, for its case and for those that joined it. Raises Conflict, Invalid."""
    case = await lock_case_to_change(work, case_id, caller)
    action = Action.OFF_SITE_FEEDBACK if body.off_site else Action.FEEDBACK
    own = await _own_state(work, case, caller)
    own_steps.require_own(own, case.state, action, off_site_first=case.off_site_first)
    steps = lifecycle.apply(case, action, caller.role)
    await _require_whole(work, (body, *body.matters))
    await attachments.require_of(work, case_id, body.attachments)
    detail = body.model_dump(mode="json", exclude={"time", "matters"})
    details = StepDetails(caller.actor, claimed_at=body.time, detail=detail)
    await record(work, case, steps, details)
    own_reports = {matter.case_id: matter for matter in body.matters}
    own_details = {
        one: detail | matter.model_dump(mode="json", exclude={"case_id"}) for one, matter in own_reports.items()
    }
    joined = await shared_visits.answer_joined(work, case, Action.FEEDBACK, details, own_details)
    if strange := own_reports.keys() - {one.case_id for one in joined}:
        raise Invalid("unknown-matter", f"matters: {min(strange)} did not join this visit.", title="Not of this visit")
    await work.connection.execute(
        insert(tables.feedbacks),
        [_feedback(work, caller, one, own_reports.get(one.case_id, body), body.time) for one in (case, *joined)],
    )
    work.notify([wording.report_waiting(case.facts, of_enterprise=False)])
    return await show(work, case_id, caller)


async def _require_whole(work: CaseUnitOfWork, reports: Sequence[VisitReport]) -> None:
    """Raises Invalid where an outcome is not listed, lacks its date or basis, or has one that cannot be."""
    policy = await work.policy()
    for report in reports:
        policy.require_outcome(report.outcome, report.legal_basis)
        follow_ups.require_whole(report.outcome, follow_ups.carried_in(report))
        follow_ups.require_dates(follow_ups.carried_in(report), follow_ups.today(work.now), policy.follow_up)


def _feedback(
    work: CaseUnitOfWork, caller: Principal, case: Case, report: VisitReport, claimed_at: datetime | None
) -> dict[str, object]:
    return {
        "feedback_id": identifier(work.now),
        "case_id": case.case_id,
        "revision": case.revision,
        "enterprise_code": case.enterprise_code,
        "findings": report.findings,
        "measures": report.measures,
        "outcome": report.outcome,
        **follow_ups.carried_in(report)._asdict(),
        "submitted_by": caller.subject,
        "received_at": work.now,
        "claimed_at": claimed_at,
    }


async def _own(work: CaseUnitOfWork, caller: Principal, assignment_id: UUID, action: Action) -> tuple[Row[Any], Case]:
    """Lock the case of the caller's own assignment and return both. Raises NotFound; Conflict for an ended one."""
    assignments = tables.assignments
    mine = select(assignments).where(
        assignments.c.assignment_id == assignment_id, assignments.c.officer == caller.subject
    )
    found = (await work.connection.execute(mine)).one_or_none()
    case = await lock(work, found.case_id) if found else None
    if case is None:
        raise NotFound("assignment", assignment_id)
    own = (await work.connection.execute(mine)).one()  # again, now that nobody else can move it
    if own.ended_at is not None:
        raise lifecycle.refused(CaseState(own.state), action, [])
    require_as_seen(work, case)
    return own, case


async def _own_state(work: CaseUnitOfWork, case: Case, caller: Principal) -> CaseState:
    assignments = tables.assignments
    own = await work.connection.execute(
        select(assignments.c.state).where(
            assignments.c.case_id == (case.merged_into or case.case_id),
            assignments.c.officer == caller.subject,
            assignments.c.ended_at.is_(None),
        )
    )
    return CaseState(own.scalar_one())


async def _update(work: CaseUnitOfWork, assignment_id: UUID, values: dict[str, Any]) -> None:
    await work.connection.execute(
        update(tables.assignments).where(tables.assignments.c.assignment_id == assignment_id).values(**values)
    )


async def _answer(work: CaseUnitOfWork, assignment_id: UUID) -> AssignmentAnswer:
    rows = assignment_rows().where(tables.assignments.c.assignment_id == assignment_id)
    return AssignmentAnswer.model_validate((await work.connection.execute(rows)).one())
