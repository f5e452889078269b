"""The routes of pausing, resuming and extending a deadline: with a reason and a legal ground, by two people."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Request, Response
from pydantic import AliasChoices, Field, model_validator

from services.deadline_watch.domain.fields import Sentence
from services.deadline_watch.domain.policy import Span
from services.deadline_watch.handlers.adjust_deadline import Adjusting
from services.deadline_watch.handlers.clock_proposals import ClockProposals
from shared.contract.commands import Command
from shared.contract.principal import Principal
from shared.messaging.proposals.people import Person
from shared.messaging.proposals.proposals import Draft, Proposals
from shared.messaging.proposals.views import Proposed
from shared.messaging.unit_of_work import UnitOfWork
from shared.web.idempotency import Mutations
from shared.web.proposals import propose
from shared.web.routes import Routes
from shared.web.scope import Caller

_GROUND = AliasChoices("legal_ground", "ground")


class _Asked(Command):
    reason: Sentence

    @model_validator(mode="before")
    @classmethod
    def _no_typed_approval(cls, given: Any) -> Any:
        if isinstance(given, dict) and "approver" in given:
            raise ValueError(
                "a name typed in is no approval: leave `approver` out, and another signed-in person confirms the"
                " proposal with POST /v1/proposals/{proposal_id}/confirm"
            )
        return given


class Paused(_Asked):
    """Why, and on what legal ground."""

    legal_ground: Sentence = Field(validation_alias=_GROUND)


class Extended(Paused):
    """How much more time: natural hours or working days."""

    hours: Annotated[float, Field(gt=0, le=8_784)] | None = None
    working_days: Annotated[int, Field(gt=0, le=366)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if (self.hours is None) == (self.working_days is None):
            raise ValueError("give one of hours, working_days")
        return self


class Resumed(_Asked):
    """Going on needs no more than a reason; a ground is kept where it is given."""

    legal_ground: Sentence | None = Field(default=None, validation_alias=_GROUND)


def router(
    clock_proposals: ClockProposals, proposals: Proposals[UnitOfWork], mutations: Mutations[UnitOfWork]
) -> Routes:
    routes = Routes(tags=["deadlines"])

    async def proposed(request: Request, caller: Principal, adjusting: Adjusting, asked: Paused | Resumed) -> Response:
        async def draft(work: UnitOfWork) -> Draft:
            ground = asked.legal_ground or asked.reason
            return await clock_proposals.draft(work, adjusting, asked.reason, ground, Person.of(caller))

        return await propose(request, caller, proposals, mutations, draft)

    @routes.post("/v1/deadlines/{deadline_id}/pause", status_code=202, response_model=Proposed)
    async def pause(deadline_id: UUID, asked: Paused, request: Request, caller: Caller) -> Response:
        """Propose that a running clock stands still (force majeure, a legal suspension), once somebody confirms it.

        Nothing is late while it does.
        """
        return await proposed(request, caller, Adjusting("pause", deadline_id), asked)

    @routes.post("/v1/deadlines/{deadline_id}/resume", status_code=202, response_model=Proposed)
    async def resume(deadline_id: UUID, asked: Resumed, request: Request, caller: Caller) -> Response:
        """Propose that it goes on: what was left when it was paused is left then, to the second."""
        return await proposed(request, caller, Adjusting("resume", deadline_id), asked)

    @routes.post("/v1/deadlines/{deadline_id}/extend", status_code=202, response_model=Proposed)
    async def extend(deadline_id: UUID, asked: Extended, request: Request, caller: Caller) -> Response:
        """Propose more time for a running clock; the due time that is superseded is kept."""
        by = Span(hours=asked.hours, working_days=asked.working_days)
        return await proposed(request, caller, Adjusting("extend", deadline_id, by), asked)

    return routes
