"""Leave and recusals, as chiefs keep them: who is given nothing for some days, and who never anything somewhere."""

from datetime import date, timedelta
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator

from services.dispatcher.assignments import duty, leave, queues, recusals
from services.dispatcher.assignments.duty_rota import planned_for, require_officers
from services.dispatcher.assignments.recusals import RecusalBody, keep_recusal, lock_recusal
from services.dispatcher.assignments.without_hands import replan, withdraw_recused
from services.dispatcher.cases.enterprises import lock_enterprises
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, Code, Words
from services.dispatcher.domain.record_changes import Author, Change
from services.dispatcher.domain.replanning import Replanned
from services.dispatcher.master_data import history
from shared.contract.principal import Principal
from shared.evidence.domain.facts import act
from shared.time.instants import CalendarDate, Instant

GRANTED = "cn.tricolor.leave.granted.v1"
_RECUSAL_KEY = ("enterprise_code", "officer")
_LONGEST = timedelta(days=366)


class LeaveBody(Body):
    """`first_day` and `last_day` are both included."""

    officer: Code
    first_day: CalendarDate
    last_day: CalendarDate
    reason: Words

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.first_day <= self.last_day <= self.first_day + _LONGEST:
            raise ValueError("`last_day` is at or after `first_day`, within a year")
        return self


class Leave(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    leave_id: UUID
    officer: str
    first_day: CalendarDate
    last_day: CalendarDate
    reason: str
    recorded_by: str
    recorded_at: Instant
    cancelled_at: Instant | None


class LeaveWritten(Leave, Replanned):
    """`kept` also names what the officer has and is due during the leave, `on_duty` the days of it with the officer on
    the rota, or as somebody's substitute: both are for the chief to plan anew.
    """

    on_duty: list[date] = []


class Recusal(RecusalBody):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    recorded_by: str
    recorded_at: Instant
    ended_at: Instant | None


class RecusalWritten(Recusal, Replanned):
    """`kept` are cases there that the officer has accepted: the chief hands them over to a colleague."""


async def grant_leave(work: CaseUnitOfWork, caller: Principal, body: LeaveBody) -> LeaveWritten:
    """Keep an officer's leave, give what they have not accepted to others, and name what is planned for them meanwhile.

    Raises NotAllowed, Invalid.
    """
    await require_officers(work, caller, {body.officer})
    row = await leave.write_leave(work, caller.subject, **body.model_dump())
    work.record(act(GRANTED, f"leave:{row.leave_id}", Leave.model_validate(row), actor=caller.actor))
    days = [body.first_day + timedelta(days=number) for number in range((body.last_day - body.first_day).days + 1)]
    done = await replan(work, {body.officer}, days)
    on_duty = [day for day in await planned_for(work, body.officer, days) if day >= duty.today(work)]
    return LeaveWritten(**row._mapping, **done, on_duty=on_duty)


async def cancel_leave_of(work: CaseUnitOfWork, caller: Principal, leave_id: UUID) -> Leave:
    """Cancel a leave. Raises NotFound for one that is not in force, NotAllowed beyond a chief's reach."""
    row = await leave.cancel_leave(work, leave_id)
    await require_officers(work, caller, {row.officer})
    named = {"leave_id": str(leave_id)}
    change = Change(named | {"in_force": True}, named | {"in_force": False})
    await history.keep(work, "leaves", ["leave_id"], [change], Author(caller.actor, "post"))
    return Leave.model_validate(row)


async def recuse_officer(work: CaseUnitOfWork, caller: Principal, body: RecusalBody) -> RecusalWritten:
    """Keep a recusal, and give what the officer has not accepted there to others. Raises NotAllowed, Invalid."""
    await require_officers(work, caller, {body.officer})
    present = await lock_recusal(work, body.enterprise_code, body.officer)
    row = await keep_recusal(work, body, caller.subject)
    before = None if present is None else _recusal(present)
    await history.keep(work, "recusals", _RECUSAL_KEY, [Change(before, _recusal(row))], Author(caller.actor, "post"))
    done = await withdraw_recused(work, body.officer, body.enterprise_code, body.reason)
    return RecusalWritten(**row._mapping, **done)


async def end_recusal_of(work: CaseUnitOfWork, caller: Principal, enterprise_code: str, officer: str) -> Recusal:
    """End a recusal. Raises NotFound for one that is not in force, NotAllowed beyond a chief's reach."""
    await require_officers(work, caller, {officer})
    await lock_enterprises(work, [enterprise_code])
    row = await recusals.end_recusal(work, enterprise_code, officer)
    await queues.look_again(work, enterprise_code)
    change = Change(_recusal(row) | {"in_force": True}, _recusal(row))
    await history.keep(work, "recusals", _RECUSAL_KEY, [change], Author(caller.actor, "post"))
    return Recusal.model_validate(row)


def _recusal(row: Any) -> dict[str, Any]:
    """What the history says of a recusal."""
    return {
        "enterprise_code": row.enterprise_code,
        "officer": row.officer,
        "reason": row.reason,
        "in_force": row.ended_at is None,
    }
