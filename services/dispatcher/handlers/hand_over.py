"""Handing a case over to a colleague, transferring it to another station or upward, suspending and resuming it."""

from uuid import UUID

from sqlalchemy import select

from services.dispatcher import tables
from services.dispatcher.assignments import candidates, queue, teams
from services.dispatcher.cases.access import lock_case_to_change, show
from services.dispatcher.cases.steps import StepDetails, record
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain import lifecycle
from services.dispatcher.domain.fields import Body, Code, ReasonBody, Words
from services.dispatcher.domain.lifecycle import Action
from services.dispatcher.domain.team_choice import Candidate, barrier_of, obstacle
from services.dispatcher.notices import wording
from services.dispatcher.visits import shared_visits
from shared.contract.events import Bilingual
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid
from shared.contract.roles import Role


class HandOverBody(Body):
    """`to` takes the place of `leaving`, an officer of the team; an officer who hands over is that one.

    `call_in` (召回) is why `to` goes though off duty or on leave, as a chief says; without it that is refused.
    """

    to: Code
    leaving: Code | None = None
    reason: Words
    call_in: Words | None = None


class TransferBody(Body):
    """The `station` that takes the case; without one it goes upward, to the enforcement section."""

    station: Code | None = None
    reason: Words


async def hand_over_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: HandOverBody) -> CaseAnswer:
    """Have another officer of the station take the place of one of the team. Raises Conflict, Invalid."""
    case = await lock_case_to_change(work, case_id, caller)
    steps = lifecycle.apply(case, Action.HAND_OVER, caller.role)
    leaving = body.leaving or caller.subject
    if caller.role is Role.OFFICER and leaving != caller.subject:
        raise _impossible("leaving: an officer hands over the own part only; the chief may hand over any.")
    if leaving not in case.officers:
        raise _impossible(f"leaving: {leaving} is not of the team.")
    if caller.role is Role.OFFICER and body.call_in is not None:
        raise _impossible("call_in: a chief calls somebody in, an officer does not.")
    coming = await _successor(work, case, body.to, called_in=body.call_in is not None)
    await teams.replace(work, case, leaving, coming, body.reason, body.call_in)
    detail = {"leaving": leaving, "coming": coming.officer} | teams.called_in([coming], body.call_in)
    version = (await work.policy()).version
    await record(
        work, case, steps, StepDetails(caller.actor, reason=body.reason, policy_version=version, detail=detail)
    )
    if caller.subject != leaving:
        work.notify(wording.taken_back(case.facts, [leaving], Bilingual(zh=body.reason, en=body.reason)))
    return await show(work, case_id, caller)


async def _successor(work: CaseUnitOfWork, case: Case, code: str, *, called_in: bool) -> Candidate:
    """The officer who takes over. Raises Invalid with the reason why this one cannot."""
    if code in case.officers:
        raise _impossible(f"to: {code} is of the team already.")
    policy = await work.policy()
    known = (await candidates.candidates(work, {case.station}, policy)).get(case.station, []) if case.station else []
    coming = next((one for one in known if one.officer == code), None)
    if coming is None:
        raise _impossible(f"to: {code} is not an officer of the station in charge.")
    matter = (await candidates.matters(work, [case], policy))[case.case_id]
    if (reason := obstacle(matter, coming, policy, called_in=called_in)) is not None:
        found = barrier_of(matter, coming, called_in=called_in)
        hint = "" if found is None else teams.how_to_call_in(found)
        raise _impossible(f"to: {code} cannot take it: {reason.en}（{reason.zh}）{hint}.")
    return coming


async def transfer_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: TransferBody) -> CaseAnswer:
    """Take a case from its team, and give it to another station or to the section. Raises Conflict, Invalid."""
    case = await lock_case_to_change(work, case_id, caller)
    steps = lifecycle.apply(case, Action.TRANSFER, caller.role)
    if body.station == case.station and not (body.station is None and not case.held_above):
        raise _impossible("station: the case is there already.")
    known = select(tables.stations.c.code).where(tables.stations.c.code == body.station)
    if body.station is not None and await work.connection.scalar(known) is None:
        raise Invalid("unknown-station", f"station: there is no station {body.station}.", title="Unknown station")
    reason, before, leaving = Bilingual(zh=body.reason, en=body.reason), case.station, case.officers
    await teams.release(work, [case], "transferred")
    case.station, case.held_above = body.station, body.station is None
    detail = {"from": before, "to": body.station or "section"}
    await record(work, case, steps, StepDetails(caller.actor, reason=body.reason, detail=detail))
    await shared_visits.transfer_joined(work, case, caller.actor, body.reason)
    work.notify(wording.taken_back(case.facts, leaving, reason))
    if body.station is None:
        work.notify([wording.transferred_upward(case.facts, reason)])
    else:
        work.notify([wording.transferred(case.facts, reason)])
        await queue.assign_all(work, [case])
    return await show(work, case_id, caller)


async def suspend_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: ReasonBody) -> CaseAnswer:
    """Suspend a case; its team keeps it. Raises Conflict."""
    case = await lock_case_to_change(work, case_id, caller)
    steps = lifecycle.apply(case, Action.SUSPEND, caller.role)
    await record(work, case, steps, StepDetails(caller.actor, reason=body.reason))
    work.notify(wording.suspended(case.facts, case.officers, Bilingual(zh=body.reason, en=body.reason)))
    return await show(work, case_id, caller)


async def resume_case(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: ReasonBody) -> CaseAnswer:
    """Resume a suspended case in the state that it had. Raises Conflict."""
    case = await lock_case_to_change(work, case_id, caller)
    steps = lifecycle.apply(case, Action.RESUME, caller.role)
    await record(work, case, steps, StepDetails(caller.actor, reason=body.reason))
    work.notify(wording.resumed(case.facts, case.officers, Bilingual(zh=body.reason, en=body.reason)))
    return await show(work, case_id, caller)


def _impossible(detail: str) -> Invalid:
    return Invalid("hand-over-impossible", detail, title="Not in these hands")
