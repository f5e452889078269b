"""The routes that hand a case over, transfer, suspend and resume it."""

from uuid import UUID

from fastapi import Request, Response

from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain.fields import ReasonBody
from services.dispatcher.handlers.hand_over import (
    HandOverBody,
    TransferBody,
    hand_over_case,
    resume_case,
    suspend_case,
    transfer_case,
)
from shared.web.problems import NOT_POSSIBLE_NOW
from shared.web.routes import Routes
from shared.web.scope import Caller


def router(mutations: CaseMutations) -> Routes:
    routes = Routes(tags=["cases"], responses=NOT_POSSIBLE_NOW)

    @routes.post("/v1/cases/{case_id}/hand-over", response_model=CaseAnswer)
    async def hand_over(case_id: UUID, body: HandOverBody, request: Request, caller: Caller) -> Response:
        """移交: one officer of the team is replaced, the case stays where it is. By the officer, or the office."""
        return await mutations.run(request, caller, lambda work: hand_over_case(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/transfer", response_model=CaseAnswer)
    async def transfer(case_id: UUID, body: TransferBody, request: Request, caller: Caller) -> Response:
        """移送: another station takes the case, or the section decides who does. The deadline is not touched."""
        return await mutations.run(request, caller, lambda work: transfer_case(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/suspend", response_model=CaseAnswer)
    async def suspend(case_id: UUID, body: ReasonBody, request: Request, caller: Caller) -> Response:
        """中止: nothing is done on the case until it is resumed. Its deadline runs on; that is paused separately."""
        return await mutations.run(request, caller, lambda work: suspend_case(work, caller, case_id, body))

    @routes.post("/v1/cases/{case_id}/resume", response_model=CaseAnswer)
    async def resume(case_id: UUID, body: ReasonBody, request: Request, caller: Caller) -> Response:
        """恢复: the case goes on in the state that it had."""
        return await mutations.run(request, caller, lambda work: resume_case(work, caller, case_id, body))

    return routes
