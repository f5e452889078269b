"""The enterprise's self-report, and what chiefs decide on a case: approve, return, reassign."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field
from sqlalchemy import insert, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from services.dispatcher import tables
from services.dispatcher.assignments import teams
from services.dispatcher.cases.access import lock_case_to_change, show
from services.dispatcher.cases.steps import StepDetails, record
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import CLOSED_WITH_CASE, CaseAnswer
from services.dispatcher.domain import disclosure, lifecycle, own_steps
from services.dispatcher.domain.fields import Body, Code, Remark, Words
from services.dispatcher.domain.follow_ups import Consequences, carried_in, require_whole
from services.dispatcher.domain.lifecycle import Action
from services.dispatcher.domain.outcomes import ACCEPTED_REPORT, Outcome
from services.dispatcher.domain.self_reports import SelfReportBody, check_times, require_first_interim
from services.dispatcher.domain.team_choice import Team
from services.dispatcher.evidence import attachments
from services.dispatcher.handlers.follow_ups import follow_outcomes
from services.dispatcher.handlers.interim_reports import accept_interim
from services.dispatcher.handlers.markings import accept_marking, question_marking
from services.dispatcher.handlers.presence import require_two_on_site
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from services.dispatcher.visits.verifications import verify_if_drawn
from shared.contract.events import Bilingual, CaseKind
from shared.contract.principal import Principal
from shared.contract.refusals import NotAllowed
from shared.time.identifiers import identifier


class ApproveBody(Consequences):
    """`outcome`, when given, is the reviewer's: the case closes in it instead of the one that was reported.

    So do the cases that joined its visit and were reported to come to the same. What the outcome carries is the
    report's, unless it is given here.
    """

    comment: Remark | None = None
    outcome: Outcome | None = None


class ReturnBody(Body):
    reason: Words


class ReassignBody(Body):
    """`team`, when given: two officers of the station, the lead first.

    `call_in` (召回) is why those among them go who are off duty or on leave; without it they are refused.
    """

    reason: Words
    team: Annotated[list[Code], Field(min_length=2, max_length=2)] | None = None
    call_in: Words | None = None


async def submit_self_report(
    work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: SelfReportBody
) -> CaseAnswer:
    """Keep the self-report of an enterprise on its yellow case. Raises Conflict, Invalid.

    It answers whatever was asked of the enterprise before it and not answered yet: the matters that joined the case,
    and any case that still lies open beside. Sent to a matter that joined, it is the report of the case it belongs to.
    """
    case = await lock_case_to_change(work, case_id, caller)
    if case.kind is not CaseKind.SELF_REPORT:  # refused without telling how far the visit is
        arrived = case.arrived_at is not None
        state = disclosure.shown_state(caller, case.kind, case.state, arrived=arrived)
        raise lifecycle.refused(state, Action.SELF_REPORT, [])
    lead = await shared_visits.leading(work, case)
    action = Action.INTERIM_REPORT if body.interim else Action.SELF_REPORT
    steps = lifecycle.apply(lead, action, caller.role)
    require_first_interim(body, lead.planned_end)
    check_times(body, work.now, (await work.policy()).self_report)
    await attachments.require_of(work, case_id, body.attachments)
    await shared_visits.gather(work, lead)
    details = StepDetails(caller.actor, detail=body.model_dump(mode="json"))
    await record(work, lead, steps, details)
    joined = await shared_visits.answer_joined(work, lead, action, details)
    await work.connection.execute(
        insert(tables.self_reports), [_self_report(work, caller, one, body) for one in (lead, *joined)]
    )
    work.notify([wording.report_waiting(lead.facts, of_enterprise=True)])
    return await show(work, case_id, caller)


def _self_report(work: CaseUnitOfWork, caller: Principal, case: Case, body: SelfReportBody) -> dict[str, object]:
    return {
        "self_report_id": identifier(work.now),
        "case_id": case.case_id,
        "enterprise_code": case.enterprise_code,
        "submitted_by": caller.subject,
        "received_at": work.now,
        **body.model_dump(exclude={"attachments"}),
    }


async def approve_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: ApproveBody) -> CaseAnswer:
    """Accept what was reported and close the case, with those that joined it. Raises Conflict, NotAllowed."""
    case = await _case_to_review(work, caller, case_id)
    way = lifecycle.follow(case.kind, case.state, Action.APPROVE, caller.role)
    if case.kind in (CaseKind.SELF_REPORT, CaseKind.MARKING):
        require_whole(ACCEPTED_REPORT, carried_in(body))  # no date or number is lost on what carries none
    if case.kind is CaseKind.MARKING:
        await accept_marking(work, caller, case, body.comment)
        return await show(work, case_id, caller)
    if not way.closes:
        await accept_interim(work, caller, case, body.comment)
        return await show(work, case_id, caller)
    if case.kind is not CaseKind.SELF_REPORT:
        await require_two_on_site(work, case)
        if body.outcome is not None:
            (await work.policy()).require_outcome(body.outcome, body.legal_basis)
    joined = await shared_visits.joined_cases(work, case)
    outcomes = await _outcomes(work, case, joined, body.outcome)
    details = StepDetails(caller.actor, reason=body.comment)
    await record(work, case, lifecycle.apply(case, Action.APPROVE, caller.role, outcome=outcomes[case_id]), details)
    await shared_visits.close_joined(work, case, joined, details, outcomes)
    if case.kind is CaseKind.SELF_REPORT:
        await verify_if_drawn(work, case, joined)
    else:
        await follow_outcomes(work, (case, *joined), outcomes, body)
    await teams.release(work, [case], CLOSED_WITH_CASE)
    return await show(work, case_id, caller)


async def return_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: ReturnBody) -> CaseAnswer:
    """Return a report to whoever wrote it, with a reason. Raises Conflict, NotAllowed."""
    case = await _case_to_review(work, caller, case_id)
    if case.kind is CaseKind.MARKING:
        await question_marking(work, caller, case, body.reason)
        return await show(work, case_id, caller)
    details = StepDetails(caller.actor, reason=body.reason)
    await record(work, case, lifecycle.apply(case, Action.RETURN, caller.role), details)
    await shared_visits.answer_joined(work, case, Action.RETURN, details)
    if case.kind is CaseKind.SELF_REPORT:
        await shared_visits.gather(work, case)
    # Whoever has to go again may set out, or say that they are there still.
    await work.connection.execute(
        update(tables.assignments)
        .where(tables.assignments.c.case_id == case_id, tables.assignments.c.ended_at.is_(None))
        .values(state=own_steps.after(Action.RETURN))
    )
    work.notify(
        wording.returned(
            case_id=case_id,
            alert_id=case.alert_id,
            enterprise_code=case.enterprise_code,
            enterprise_name=case.enterprise_name,
            kind=case.kind,
            reason=body.reason,
            revision=case.revision,
            officers=case.officers,
        )
    )
    return await show(work, case_id, caller)


async def reassign_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: ReassignBody) -> CaseAnswer:
    """Give a case to another team, named or chosen by the policy. Raises Conflict, Invalid."""
    case = await lock_case_to_change(work, case_id, caller)
    steps = lifecycle.apply(case, Action.REASSIGN, caller.role)
    team = await _team_asked_for(work, case, body)
    leaving = [officer for officer in case.officers if officer not in team.officers]
    await teams.release(work, [case], "reassigned")
    await teams.offer_all(work, [(case, team)])
    case.held_above = False
    case.station = case.station or await _home(work, team.lead.officer)
    details = StepDetails(
        caller.actor,
        reason=body.reason,
        policy_version=team.explanation.get("policy_version"),
        detail={"why": team.explanation},
    )
    await record(work, case, steps, details)
    work.notify(wording.taken_back(case.facts, leaving, Bilingual(zh=body.reason, en=body.reason)))
    return await show(work, case_id, caller)


async def _team_asked_for(work: CaseUnitOfWork, case: Case, body: ReassignBody) -> Team:
    """The officers named, or the policy's choice of others. Raises Invalid where there is no such team."""
    if body.team is not None:
        return await teams.named_team(work, case, body.team, body.call_in)
    if body.call_in is not None:
        raise teams.impossible("call_in: `team` names who is called in")
    team = await teams.next_team(work, case)
    if team is None:
        raise teams.impossible("nobody else of the station is on duty and certified")
    return team


async def _home(work: CaseUnitOfWork, officer: str) -> str | None:
    """The station of an officer: a case that was held above is that station's from now on."""
    officers = tables.officers.c
    return await work.connection.scalar(select(officers.station).where(officers.code == officer))


async def _case_to_review(work: CaseUnitOfWork, caller: Principal, case_id: UUID) -> Case:
    """The case under lock. Raises NotAllowed for a caller who was ever on its team."""
    case = await lock_case_to_change(work, case_id, caller)
    assignments = tables.assignments.c
    handled = select(assignments.assignment_id).where(
        assignments.case_id == case_id, assignments.officer == caller.subject
    )
    if (await work.connection.execute(handled)).first() is not None:
        raise NotAllowed("Who handled a case does not review it.")
    return case


async def _outcomes(work: CaseUnitOfWork, case: Case, joined: Sequence[Case], decided: str | None) -> dict[UUID, str]:
    """The outcome that the case, and each that joined its visit, closes in."""
    if case.kind is CaseKind.SELF_REPORT:
        return {one.case_id: ACCEPTED_REPORT for one in (case, *joined)}
    feedbacks = tables.feedbacks.c
    ids = [case.case_id, *(one.case_id for one in joined)]
    latest = await work.connection.execute(
        select(feedbacks.case_id, feedbacks.outcome)
        .where(feedbacks.case_id.in_(ids))
        .ext(distinct_on(feedbacks.case_id))
        .order_by(feedbacks.case_id, feedbacks.revision.desc())
    )
    reported = {row.case_id: row.outcome for row in latest}
    of_visit = reported[case.case_id]
    return {one: decided if decided and outcome == of_visit else outcome for one, outcome in reported.items()}
