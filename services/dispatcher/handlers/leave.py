"""Leave and recusals, as chiefs keep them: who is given nothing for some days, and who never anything somewhere."""

from datetime import timedelta
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator

from services.dispatcher.assignments import leave, recusals
from services.dispatcher.assignments.duty_rota import Replanned, require_officers
from services.dispatcher.assignments.queue import replan, withdraw_recused
from services.dispatcher.assignments.recusals import RecusalBody, keep_recusal
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, Code, Words
from shared.contract.principal import Principal
from shared.time.instants import CalendarDate, Instant

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
    pass


class Recusal(RecusalBody):
    model_config = ConfigDict(from_attributes=True, extra="ignore")

    recorded_by: str
    recorded_at: Instant
    ended_at: Instant | None


class RecusalWritten(Recusal, Replanned):
    """`kept` are cases there that the officer has accepted: the chief hands them over to a colleague."""


async def grant_leave(work: CaseUnitOfWork, caller: Principal, body: LeaveBody) -> LeaveWritten:
    """Keep an officer's leave, and give what the officer has not accepted to others. Raises NotAllowed, Invalid."""
    await require_officers(work, caller, {body.officer})
    row = await leave.write_leave(work, caller.subject, **body.model_dump())
    return LeaveWritten(**row._mapping, **await replan(work, {body.officer}))


async def cancel_leave_of(work: CaseUnitOfWork, caller: Principal, leave_id: UUID) -> Leave:
    """Cancel a leave. Raises NotFound for one that is not in force, NotAllowed beyond a chief's reach."""
    row = await leave.cancel_leave(work, leave_id)
    await require_officers(work, caller, {row.officer})
    return Leave.model_validate(row)


async def recuse_officer(work: CaseUnitOfWork, caller: Principal, body: RecusalBody) -> RecusalWritten:
    """Keep a recusal, and give what the officer has not accepted there to others. Raises NotAllowed, Invalid."""
    await require_officers(work, caller, {body.officer})
    row = await keep_recusal(work, body, caller.subject)
    done = await withdraw_recused(work, body.officer, body.enterprise_code)
    return RecusalWritten(**row._mapping, **done)


async def end_recusal_of(work: CaseUnitOfWork, caller: Principal, enterprise_code: str, officer: str) -> Recusal:
    """End a recusal. Raises NotFound for one that is not in force, NotAllowed beyond a chief's reach."""
    await require_officers(work, caller, {officer})
    row = await recusals.end_recusal(work, enterprise_code, officer)
    return Recusal.model_validate(row)
