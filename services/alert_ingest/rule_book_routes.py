"""The rule book over HTTP: the one in force, and what it would make of an event."""

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.alert_ingest.intake import Intake
from shared.cloudevents import Refused
from shared.events import Doubt, Grading, Level
from shared.identity import Principal, require
from shared.problems import Problem
from shared.roles import Role


class Tried(BaseModel):
    """The grading an event would get."""

    level: Level
    grading: Grading
    doubts: list[Doubt]


def router(intake: Intake) -> APIRouter:
    routes = APIRouter(tags=["rule book"])

    @routes.get("/v1/rule-book")
    async def read_rule_book(caller: Principal = require(*Role)) -> dict[str, Any]:
        """The rule book in force: each rule, its condition, its source, and whether the plan itself states it."""
        del caller
        return intake.book.public()

    @routes.post(
        "/v1/rule-book/try", openapi_extra={"requestBody": {"required": True, "content": {"application/json": {}}}}
    )
    async def try_event(request: Request, caller: Principal = require(*Role)) -> Tried:
        """Grade an event without storing anything. Refused events answer 422 with the reason."""
        del caller
        try:
            graded = intake.try_out(await request.body())
        except Refused as refusal:
            raise Problem(422, refusal.code, "Refused", refusal.detail) from refusal
        return Tried(level=graded.level, grading=graded.grading, doubts=graded.doubts)

    return routes
