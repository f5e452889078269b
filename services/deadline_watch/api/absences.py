"""Absences over HTTP: who of the ladder is away, so that a rung reaches somebody who is there."""

from typing import Literal, Self
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import insert, select, update

from services.deadline_watch import tables
from services.deadline_watch.api.adjustments import Name, Sentence
from services.deadline_watch.domain.policy import LadderRole
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, NotAllowed, NotFound
from shared.contract.roles import OFFICE, READERS, Role
from shared.messaging.unit_of_work import UnitOfWork
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.identifiers import identifier
from shared.time.instants import Instant
from shared.web.idempotency import Mutations
from shared.web.identity import require

_ABSENCES = tables.absences.c


class Recorded(BaseModel):
    """`until` is the half-open end. A station chief is away from a station, the others from their office."""

    model_config = ConfigDict(extra="forbid")

    role: LadderRole
    station: Name | None = None
    since: Instant
    until: Instant
    reason: Sentence

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.role == "station_chief") != (self.station is not None):
            raise ValueError("station: of a station chief the station is given, of nobody else")
        if self.since >= self.until:
            raise ValueError("until: must be after since")
        return self


class Absence(BaseModel):
    absence_id: UUID
    role: LadderRole
    station: str | None
    since: Instant
    until: Instant
    reason: str
    recorded_by: str
    recorded_at: Instant


class Absences(BaseModel):
    items: list[Absence]
    next: Literal[None] = None


def router(database: Database, mutations: Mutations[UnitOfWork], clock: Clock) -> APIRouter:
    routes = APIRouter(tags=["absences"])

    @routes.get("/v1/absences")
    async def list_absences(caller: Principal = require(*READERS)) -> Absences:
        """Who is away now or will be, the earliest first."""
        del caller
        async with database.transaction() as connection:
            rows = await connection.execute(
                select(tables.absences).where(_ABSENCES.until > clock.now()).order_by(_ABSENCES.since).limit(1_000)
            )
            return Absences(items=[Absence.model_validate(row, from_attributes=True) for row in rows])

    @routes.post("/v1/absences", status_code=201, response_model=Absence)
    async def record(given: Recorded, request: Request, caller: Principal = require(*OFFICE)) -> Response:
        """Record an absence. While it lasts, what would reach that office reaches the next level up."""
        _within_reach(caller, given.station)

        async def mutate(work: UnitOfWork) -> Absence:
            now = work.now
            kept = await work.connection.execute(
                insert(tables.absences)
                .values(absence_id=identifier(now), recorded_by=caller.subject, recorded_at=now, **given.model_dump())
                .returning(tables.absences)
            )
            return Absence.model_validate(kept.one(), from_attributes=True)

        return await mutations.run(request, caller, mutate, status=201)

    @routes.post("/v1/absences/{absence_id}/end", response_model=Absence)
    async def end(absence_id: UUID, request: Request, caller: Principal = require(*OFFICE)) -> Response:
        """Back early: the absence ends now."""

        async def mutate(work: UnitOfWork) -> Absence:
            row = (
                await work.connection.execute(select(tables.absences).where(_ABSENCES.absence_id == absence_id))
            ).one_or_none()
            if row is None:
                raise NotFound("absence", absence_id)
            _within_reach(caller, row.station)
            if not row.since < work.now < row.until:
                raise Conflict("not-away", "Only an absence that lasts can end now.", title="Not away")
            return Absence.model_validate(await _ended(work, absence_id), from_attributes=True)

        return await mutations.run(request, caller, mutate)

    return routes


async def _ended(work: UnitOfWork, absence_id: UUID) -> object:
    columns = tables.absences
    ended = await work.connection.execute(
        update(columns).where(_ABSENCES.absence_id == absence_id).values(until=work.now).returning(columns)
    )
    return ended.one()


def _within_reach(caller: Principal, station: str | None) -> None:
    if caller.role is Role.STATION_CHIEF and caller.station != station:
        raise NotAllowed("A station chief records absences of the own station.", title="Not yours")
