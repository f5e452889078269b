"""Leave and recusals, as chiefs keep them: who is given nothing for some days, and who never anything somewhere."""

from datetime import date, timedelta
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import insert, select, update

from services.dispatcher import tables
from services.dispatcher.api.callers import Keeper, Reader
from services.dispatcher.api.desk import Desk
from services.dispatcher.assignments.duty_rota import Replanned, require_officers
from services.dispatcher.assignments.queue import replan, step_back
from services.dispatcher.assignments.recusals import RecusalBody, keep_recusal
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.domain.fields import Body, Code, Words
from shared.storage.database import Database
from shared.time.identifiers import identifier
from shared.time.instants import Instant
from shared.web.problems import not_found

_LONGEST = timedelta(days=366)


class LeaveBody(Body):
    """`first_day` and `last_day` are both included."""

    officer: Code
    first_day: date
    last_day: date
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
    first_day: date
    last_day: date
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
    """`kept` are cases there that the officer has accepted: the chief hands the officer's part over."""


def router(desk: Desk, database: Database) -> APIRouter:
    routes = APIRouter(tags=["rota"])
    _add_leaves(routes, desk, database)
    _add_recusals(routes, desk, database)
    return routes


def _add_leaves(routes: APIRouter, desk: Desk, database: Database) -> None:
    @routes.post("/v1/leaves", response_model=LeaveWritten)
    async def take_leave(body: LeaveBody, request: Request, caller: Keeper) -> Response:
        """请假: the officer is given nothing from the first day to the last."""

        async def deed(work: Work) -> LeaveWritten:
            await require_officers(work, caller, {body.officer})
            row = (
                await work.connection.execute(
                    insert(tables.leaves)
                    .values(
                        leave_id=identifier(work.now),
                        recorded_by=caller.subject,
                        recorded_at=work.now,
                        **body.model_dump(),
                    )
                    .returning(tables.leaves)
                )
            ).one()
            return LeaveWritten(**row._mapping, **await replan(work, {body.officer}))

        return await desk.act(request, caller, deed)

    @routes.post("/v1/leaves/{leave_id}/cancel", response_model=Leave)
    async def cancel_leave(leave_id: UUID, request: Request, caller: Keeper) -> Response:
        """销假: the officer is back. The leave is kept, cancelled."""

        async def deed(work: Work) -> Leave:
            leaves = tables.leaves.c
            row = (
                await work.connection.execute(
                    update(tables.leaves)
                    .where(leaves.leave_id == leave_id, leaves.cancelled_at.is_(None))
                    .values(cancelled_at=work.now)
                    .returning(tables.leaves)
                )
            ).one_or_none()
            if row is None:
                raise not_found("leave", leave_id)
            await require_officers(work, caller, {row.officer})
            return Leave.model_validate(row)

        return await desk.act(request, caller, deed)

    @routes.get("/v1/leaves")
    async def list_leaves(
        _: Reader, from_day: date | None = None, officer: Annotated[Code | None, Query()] = None
    ) -> list[Leave]:
        """Leave that ends on `from_day` or later; at most 500, the next first."""
        leaves = tables.leaves.c
        asked = select(tables.leaves).order_by(leaves.first_day, leaves.leave_id).limit(500)
        if from_day is not None:
            asked = asked.where(leaves.last_day >= from_day)
        if officer is not None:
            asked = asked.where(leaves.officer == officer)
        async with database.transaction() as connection:
            return [Leave.model_validate(row) for row in await connection.execute(asked)]


def _add_recusals(routes: APIRouter, desk: Desk, database: Database) -> None:
    @routes.post("/v1/recusals", response_model=RecusalWritten)
    async def recuse(body: RecusalBody, request: Request, caller: Keeper) -> Response:
        """回避: no case of the enterprise is given to the officer, and what was not accepted there goes to others."""

        async def deed(work: Work) -> RecusalWritten:
            await require_officers(work, caller, {body.officer})
            row = await keep_recusal(work, body, caller.subject)
            done = await step_back(work, body.officer, body.enterprise_code)
            return RecusalWritten(**row._mapping, **done)

        return await desk.act(request, caller, deed)

    @routes.post("/v1/recusals/{enterprise_code}/{officer}/end", response_model=Recusal)
    async def end_recusal(enterprise_code: Code, officer: Code, request: Request, caller: Keeper) -> Response:
        """The ground is gone: the officer may be given cases there again."""

        async def deed(work: Work) -> Recusal:
            await require_officers(work, caller, {officer})
            recusals = tables.recusals.c
            row = (
                await work.connection.execute(
                    update(tables.recusals)
                    .where(
                        recusals.enterprise_code == enterprise_code,
                        recusals.officer == officer,
                        recusals.ended_at.is_(None),
                    )
                    .values(ended_at=work.now)
                    .returning(tables.recusals)
                )
            ).one_or_none()
            if row is None:
                raise not_found("recusal", f"{enterprise_code}/{officer}")
            return Recusal.model_validate(row)

        return await desk.act(request, caller, deed)

    @routes.get("/v1/recusals")
    async def list_recusals(_: Reader, officer: Annotated[Code | None, Query()] = None) -> list[Recusal]:
        """Those in force; at most 500."""
        recusals = tables.recusals.c
        asked = select(tables.recusals).where(recusals.ended_at.is_(None)).order_by(recusals.recorded_at).limit(500)
        if officer is not None:
            asked = asked.where(recusals.officer == officer)
        async with database.transaction() as connection:
            return [Recusal.model_validate(row) for row in await connection.execute(asked)]
