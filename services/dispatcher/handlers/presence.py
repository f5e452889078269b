"""Who was on site: the officers' own arrivals, and a chief's record where a device failed somebody."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import func, select

from services.dispatcher import tables
from services.dispatcher.assignments.duty import people
from services.dispatcher.cases.access import lock_case_to_change, show
from services.dispatcher.cases.steps import StepDetails, note
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain import lifecycle, presence
from services.dispatcher.domain.fields import Body, ClaimedTime, Code, Words
from services.dispatcher.domain.lifecycle import Action
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid

PRESENCE_RECORDED = "cn.tricolor.case.presence_recorded.v1"
"""The timeline's entry of a chief's record; it stays there, beside the arrivals that officers recorded themselves."""
_ASSIGNMENTS, _TIMELINE = tables.assignments.c, tables.timeline.c


class PresenceBody(Body):
    """到场补录: which officers were on site, when, and why their own devices do not say so."""

    officers: Annotated[list[Code], Field(min_length=1, max_length=10)]
    arrived_at: ClaimedTime
    ground: Literal["device_lost", "device_failed", "no_network", "other"]
    reason: Words


async def record_presence(work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: PresenceBody) -> CaseAnswer:
    """Record for the file who was on site. Raises Conflict before anybody arrived, Invalid for an unknown officer."""
    case = await lock_case_to_change(work, case_id, caller)
    on_site = lifecycle.sources(case.kind, Action.FEEDBACK) | lifecycle.sources(case.kind, Action.APPROVE)
    if case.arrived_at is None or case.state not in on_site:
        raise lifecycle.refused(case.state, "presence", lifecycle.allowed(case.kind, case.state, caller.role))
    known = set(
        await work.connection.scalars(select(tables.officers.c.code).where(tables.officers.c.code.in_(body.officers)))
    )
    if unknown := sorted(set(body.officers) - known):
        raise Invalid(
            "unknown-officer", f"officers: there is no officer {', '.join(unknown)}.", title="Unknown officer"
        )
    detail = body.model_dump(mode="json", include={"officers", "arrived_at", "ground"})
    details = StepDetails(caller.actor, reason=body.reason, claimed_at=body.arrived_at, detail=detail)
    await note(work, case, PRESENCE_RECORDED, details)
    return await show(work, case_id, caller)


async def require_two_on_site(work: CaseUnitOfWork, case: Case) -> None:
    """Raises Conflict where officers went on site and fewer than two of the present team's visit are recorded there."""
    if case.arrived_at is None:
        return  # checked off site first, by policy: nobody was at the door
    of_case = _ASSIGNMENTS.case_id == case.case_id
    latest = select(func.max(_ASSIGNMENTS.round)).where(of_case).scalar_subquery()
    team = (
        await work.connection.execute(
            select(_ASSIGNMENTS.officer, _ASSIGNMENTS.offered_at, _ASSIGNMENTS.arrived_at).where(
                of_case, _ASSIGNMENTS.round == latest
            )
        )
    ).all()
    arrived = {row.officer for row in team if row.arrived_at is not None}
    records = await work.connection.scalars(
        select(_TIMELINE.detail).where(
            _TIMELINE.case_id == case.case_id,
            _TIMELINE.type == PRESENCE_RECORDED,
            _TIMELINE.at >= min(row.offered_at for row in team),
        )
    )
    arrived = arrived.union(*(record["officers"] for record in records))
    names = {code: person.name for code, person in (await people(work, arrived)).items()}
    presence.require_two_officers(arrived, names)
