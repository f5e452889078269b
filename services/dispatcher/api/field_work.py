"""The routes of officers in the field: accept, decline, depart, arrive, and report what they found."""

from uuid import UUID

from fastapi import Request, Response

from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.assignments.views import AssignmentAnswer
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain import own_steps
from services.dispatcher.domain.lifecycle import Action
from services.dispatcher.handlers.field_work import (
    ArrivalBody,
    DeclineBody,
    FeedbackBody,
    StepBody,
    decline_case,
    give_feedback,
    take_step,
)
from shared.web.problems import NOT_POSSIBLE_NOW
from shared.web.routes import Routes
from shared.web.scope import Caller


def router(mutations: CaseMutations) -> Routes:
    routes = Routes(tags=["officers"], responses=NOT_POSSIBLE_NOW)

    def add_step(action: Action) -> None:
        @routes.post(f"/v1/assignments/{{assignment_id}}/{action}", response_model=AssignmentAnswer, name=action)
        async def take(assignment_id: UUID, request: Request, caller: Caller, body: StepBody | None = None) -> Response:
            """Take one's own step. The case goes with the first officer of the team who does."""
            return await mutations.run(
                request, caller, lambda work: take_step(work, caller, assignment_id, action, body or StepBody())
            )

    for action in own_steps.STEPS:
        if action is not Action.ARRIVE:
            add_step(action)

    @routes.post("/v1/assignments/{assignment_id}/arrive", response_model=AssignmentAnswer)
    async def arrive(
        assignment_id: UUID, request: Request, caller: Caller, body: ArrivalBody | None = None
    ) -> Response:
        """Arrive at the door. A distance, or an entry code that does not match, is recorded and refuses nothing."""
        return await mutations.run(
            request,
            caller,
            lambda work: take_step(work, caller, assignment_id, Action.ARRIVE, body or ArrivalBody()),
        )

    @routes.post("/v1/assignments/{assignment_id}/decline", response_model=AssignmentAnswer)
    async def decline(assignment_id: UUID, body: DeclineBody, request: Request, caller: Caller) -> Response:
        """Give the case back with a reason; others are assigned at once, without the one who declined."""
        return await mutations.run(request, caller, lambda work: decline_case(work, caller, assignment_id, body))

    @routes.post("/v1/cases/{case_id}/feedback", response_model=CaseAnswer)
    async def feedback(case_id: UUID, body: FeedbackBody, request: Request, caller: Caller) -> Response:
        """Report from the site. Received before the due instant, it meets the deadline."""
        return await mutations.run(request, caller, lambda work: give_feedback(work, caller, case_id, body))

    return routes
