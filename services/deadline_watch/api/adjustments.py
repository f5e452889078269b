"""The routes of pausing, resuming and extending a deadline: with a reason, a legal ground, and an approver."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Self, TypeAlias
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, model_validator

from services.deadline_watch.domain.fields import Name, Sentence
from services.deadline_watch.domain.policy import Span
from services.deadline_watch.handlers.adjust_deadline import Adjustments
from services.deadline_watch.handlers.show_deadline import DeadlineWithSteps, read_deadline
from services.deadline_watch.store.clock_versions import Cause, Grounds
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid
from shared.contract.roles import Role
from shared.messaging.unit_of_work import UnitOfWork
from shared.web.idempotency import Mutations
from shared.web.identity import require

_GROUND = AliasChoices("legal_ground", "ground")
_ASKERS = (Role.SECTION, Role.LEADER, Role.ADMIN)

Adjust: TypeAlias = Callable[[UnitOfWork, UUID, Grounds], Awaitable[None]]


class Asked(BaseModel):
    """Why, on what legal ground, and who approved it: somebody other than whoever asks."""

    model_config = ConfigDict(extra="forbid")

    reason: Sentence
    legal_ground: Sentence = Field(validation_alias=_GROUND)
    approver: Name


class Extended(Asked):
    """How much more time: natural hours or working days."""

    hours: Annotated[float, Field(gt=0, le=8_784)] | None = None
    working_days: Annotated[int, Field(gt=0, le=366)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.hours is None) == (self.working_days is None):
            raise ValueError("give one of hours, working_days")
        return self


class Resumed(BaseModel):
    """Going on needs no more than a reason; a ground and an approver are kept where they are given."""

    model_config = ConfigDict(extra="forbid")

    reason: Sentence
    legal_ground: Sentence | None = Field(default=None, validation_alias=_GROUND)
    approver: Name | None = None


def router(adjustments: Adjustments, mutations: Mutations[UnitOfWork]) -> APIRouter:
    routes = APIRouter(tags=["deadlines"])

    async def done(
        request: Request, caller: Principal, deadline_id: UUID, cause: Cause, asked: Asked | Resumed, adjust: Adjust
    ) -> Response:
        grounds = Grounds(
            cause=cause,
            reason=asked.reason,
            ground=asked.legal_ground or asked.reason,
            requested_by=caller.subject,
            approver=asked.approver,
        )
        if grounds.approver == caller.subject:
            raise Invalid("two-people", "Whoever asks for it does not approve it.", title="Two people")

        async def mutate(work: UnitOfWork) -> DeadlineWithSteps:
            await adjust(work, deadline_id, grounds)
            return await read_deadline(work.connection, deadline_id, caller)

        return await mutations.run(request, caller, mutate)

    @routes.post("/v1/deadlines/{deadline_id}/pause", response_model=DeadlineWithSteps)
    async def pause(
        deadline_id: UUID, asked: Asked, request: Request, caller: Principal = require(*_ASKERS)
    ) -> Response:
        """Let a running clock stand still (force majeure, a legal suspension). Nothing is late while it does."""
        return await done(request, caller, deadline_id, "pause", asked, adjustments.pause)

    @routes.post("/v1/deadlines/{deadline_id}/resume", response_model=DeadlineWithSteps)
    async def resume(
        deadline_id: UUID, asked: Resumed, request: Request, caller: Principal = require(*_ASKERS)
    ) -> Response:
        """Let it go on: what was left when it was paused is left now, to the second."""
        return await done(request, caller, deadline_id, "resume", asked, adjustments.resume)

    @routes.post("/v1/deadlines/{deadline_id}/extend", response_model=DeadlineWithSteps)
    async def extend(
        deadline_id: UUID, asked: Extended, request: Request, caller: Principal = require(*_ASKERS)
    ) -> Response:
        """Give a running clock more time; the due time that is superseded is kept."""
        by = Span(hours=asked.hours, working_days=asked.working_days)

        async def extended(work: UnitOfWork, deadline_id: UUID, grounds: Grounds) -> None:
            await adjustments.extend(work, deadline_id, by, grounds)

        return await done(request, caller, deadline_id, "extend", asked, extended)

    return routes
