"""The route for actions that officers took without a network: applied in order, each once, each answered."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field, StringConstraints, ValidationError
from pydantic_core import from_json

from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.assignments.views import AssignmentAnswer, latest_assignment
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.fields import Body, ClaimedTime
from services.dispatcher.domain.lifecycle import Action
from services.dispatcher.handlers import field_work
from shared.contract.refusals import Invalid, Refusal
from shared.storage.database import Database, is_transient
from shared.web.languages import Language, language_of
from shared.web.problems import problem_of
from shared.web.routes import Routes
from shared.web.scope import Caller

_MOST = 200


class OfflineAction(Body):
    """One action, as its own route takes it. `time` is when the device says it was done, `key` the device's own for it.

    A step names its `assignment_id`, feedback its `case_id`; `body` is what the action's route takes beside the time.
    """

    key: Annotated[str, StringConstraints(min_length=1, max_length=255, pattern=r"^[^\x00]*$")]
    action: Literal["accept", "decline", "depart", "arrive", "feedback"]
    assignment_id: UUID | None = None
    case_id: UUID | None = None
    time: ClaimedTime
    body: dict[str, Any] = Field(default={})


class OfflineActions(Body):
    actions: Annotated[list[OfflineAction], Field(min_length=1, max_length=_MOST)]


class OfflineResult(BaseModel):
    """What became of one action.

    `done`, now or when it was sent before, with the route's `answer`; `conflict` where the case has moved on, with the
    `present` state of the caller's assignment; `refused` for what can never be done. `unavailable` was not applied: it
    is to be sent again, and so is what follows it.
    """

    key: str
    status: Literal["done", "conflict", "refused", "unavailable"]
    answer: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    present: AssignmentAnswer | None = None


class OfflineResults(BaseModel):
    results: list[OfflineResult]


def router(mutations: CaseMutations, database: Database) -> Routes:
    routes = Routes(tags=["officers"])

    @routes.post("/v1/offline-actions")
    async def apply_offline_actions(body: OfflineActions, request: Request, caller: Caller) -> OfflineResults:
        """Apply each action in a transaction of its own, in the order given; a refused one hinders none that follows.

        When the answer is lost on the way, all are sent again: what was done is answered as the first time.
        """
        language = language_of(request.headers.get("accept-language"))
        results: list[OfflineResult] = []
        for action in body.actions:
            try:
                results.append(await _apply(mutations, database, caller, action, language))
            except Exception as error:
                if not is_transient(error):
                    raise
                left = body.actions[len(results) :]
                results += [OfflineResult(key=one.key, status="unavailable") for one in left]
                break
        return OfflineResults(results=results)

    return routes


async def _apply(
    mutations: CaseMutations, database: Database, caller: Caller, action: OfflineAction, language: Language
) -> OfflineResult:
    content = action.model_dump_json(exclude={"key"}).encode()

    async def change(work: CaseUnitOfWork) -> BaseModel:
        return await _do(work, caller, action)

    try:
        _, answer = await mutations.once(caller, action.key, content, change)
    except Refusal as refusal:
        problem = problem_of(refusal)
        # A case that others have by now is not found any more: for who was on its team, that is a conflict.
        present = None
        if problem.status in (404, 409):
            async with database.transaction() as connection:
                present = await latest_assignment(
                    connection, caller.subject, assignment_id=action.assignment_id, case_id=action.case_id
                )
        status: Literal["conflict", "refused"] = "conflict" if present or problem.status == 409 else "refused"
        return OfflineResult(key=action.key, status=status, problem=problem.document(language), present=present)
    return OfflineResult(key=action.key, status="done", answer=from_json(answer))


async def _do(work: CaseUnitOfWork, caller: Caller, action: OfflineAction) -> BaseModel:
    """Do an action. Raises Invalid for a body that the action's own route would not take either."""
    body = action.body | {"time": action.time}
    try:
        if action.action == "feedback":
            report = field_work.FeedbackBody.model_validate(body)
            return await field_work.give_feedback(work, caller, _named(action.case_id, "case_id"), report)
        assignment_id = _named(action.assignment_id, "assignment_id")
        if action.action == "decline":
            return await field_work.decline_case(
                work, caller, assignment_id, field_work.DeclineBody.model_validate(body)
            )
        step_body = field_work.ArrivalBody if action.action == "arrive" else field_work.StepBody
        step = step_body.model_validate(body)
        return await field_work.take_step(work, caller, assignment_id, Action(action.action), step)
    except ValidationError as invalid:
        fault = invalid.errors(include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in fault["loc"])
        raise Invalid("invalid-request", f"{name}: {fault['msg']}") from invalid


def _named(identifier: UUID | None, name: str) -> UUID:
    if identifier is None:
        raise Invalid("invalid-request", f"{name}: this action needs it.")
    return identifier
