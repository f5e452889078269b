"""Stations, officers and enterprises: written by the bureau, read by all who work with cases."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Row, Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.api import parameters
from services.dispatcher.api.callers import Keeper, Reader, ReaderOrEnterprise, Registrar
from services.dispatcher.api.desk import Desk
from services.dispatcher.api.parameters import RecordCode
from services.dispatcher.assignments.queue import replan
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.domain.master_records import (
    Code,
    Enterprise,
    EnterpriseFields,
    Officer,
    OfficerFields,
    Station,
    StationFields,
)
from services.dispatcher.tables import enterprises, officers, stations
from shared.contract.events import ENTERPRISE_REGISTERED, EnterpriseRegistered
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.web.idempotency import Mutations
from shared.web.identity import Principal, forbidden
from shared.web.paging import Page, Paging, PagingQuery
from shared.web.problems import Problem, not_found

R = TypeVar("R", bound=BaseModel)

StationFilter = Annotated[Code | None, Query(description="only those of this station")]


def router(database: Database, mutations: Mutations, clock: Clock, desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["master data"])
    _add_station_writes(routes, mutations, clock)
    _add_writes(routes, desk, clock)
    _add_reads(routes, database)
    return routes


def _add_station_writes(routes: APIRouter, mutations: Mutations, clock: Clock) -> None:
    """A PUT creates or replaces, and answers the record as it is stored."""

    @routes.put("/v1/stations/{code}", response_model=Station)
    async def put_station(code: RecordCode, fields: StationFields, request: Request, caller: Registrar) -> Response:
        async def mutate(connection: AsyncConnection) -> Station:
            return Station.model_validate(await _write(connection, stations, code, fields, clock))

        return await mutations.run(request, caller, mutate)


def _add_writes(routes: APIRouter, desk: Desk, clock: Clock) -> None:
    """A PUT creates or replaces, tells whom it concerns, and answers the record as it is stored."""

    @routes.put("/v1/officers/{code}", response_model=Officer)
    async def put_officer(
        code: RecordCode,
        fields: OfficerFields,
        request: Request,
        caller: Keeper,
    ) -> Response:
        """A station's chief writes the officers of that station, and neither takes nor gives any away.

        What an officer who goes off duty, or is certified no more, has not accepted goes to others.
        """

        async def deed(work: Work) -> Officer:
            await _require_reach(work.connection, caller, code, fields.station)
            await _require_station(work.connection, fields.station)
            row = await _write(work.connection, officers, code, fields, clock)
            await replan(work, {code})
            return Officer.model_validate(row)

        return await desk.act(request, caller, deed)

    @routes.put("/v1/enterprises/{code}", response_model=Enterprise)
    async def put_enterprise(
        code: RecordCode, fields: EnterpriseFields, request: Request, caller: Registrar
    ) -> Response:
        """Told on the topic `cases` too: grading goes by the classification."""

        async def deed(work: Work) -> Enterprise:
            if fields.station is not None:
                await _require_station(work.connection, fields.station)
            row = await _write(work.connection, enterprises, code, fields, clock, source="master")
            registered = EnterpriseRegistered(
                code=code,
                name=row.name,
                district=row.district,
                classification=row.classification,
                at=row.updated_at,
            )
            work.tell(ENTERPRISE_REGISTERED, code, registered)
            return Enterprise.model_validate(row)

        return await desk.act(request, caller, deed)


def _add_reads(routes: APIRouter, database: Database) -> None:
    @routes.get("/v1/stations/{code}")
    async def get_station(code: RecordCode, _: Reader) -> Station:
        return Station.model_validate(await _read(database, stations, code))

    @routes.get("/v1/officers/{code}")
    async def get_officer(code: RecordCode, _: Reader) -> Officer:
        return Officer.model_validate(await _read(database, officers, code))

    @routes.get("/v1/enterprises/{code}")
    async def get_enterprise(code: RecordCode, caller: ReaderOrEnterprise) -> Enterprise:
        """An enterprise sees itself only."""
        if caller.role is Role.ENTERPRISE and caller.enterprise != code:
            raise not_found("enterprise", code)
        return Enterprise.model_validate(await _read(database, enterprises, code))

    @routes.get("/v1/stations")
    async def list_stations(paging: PagingQuery, _: Reader) -> Page[Station]:
        return await _list(database, stations, Station, paging)

    @routes.get("/v1/officers")
    async def list_officers(paging: PagingQuery, _: Reader, station: StationFilter = None) -> Page[Officer]:
        return await _list(database, officers, Officer, paging, *_of(officers, station))

    @routes.get("/v1/enterprises")
    async def list_enterprises(paging: PagingQuery, _: Reader, station: StationFilter = None) -> Page[Enterprise]:
        return await _list(database, enterprises, Enterprise, paging, *_of(enterprises, station))


async def _write(
    connection: AsyncConnection, table: Table, code: str, fields: BaseModel, clock: Clock, **more: str
) -> Row[Any]:
    values = {**fields.model_dump(), **more, "updated_at": clock.now()}
    statement = insert(table).values(code=code, **values).on_conflict_do_update(index_elements=["code"], set_=values)
    row: Row[Any] = (await connection.execute(statement.returning(table))).one()
    return row


async def _require_reach(connection: AsyncConnection, caller: Principal, officer: str, station: str) -> None:
    """A chief's reach is the own station: both the one an officer belongs to now and the one to come."""
    if caller.role is not Role.STATION_CHIEF:
        return
    present = await connection.scalar(select(officers.c.station).where(officers.c.code == officer).with_for_update())
    if caller.station is None or {present or station, station} != {caller.station}:
        raise forbidden(f"You write the officers of your own station only; it is {caller.station}.")


async def _require_station(connection: AsyncConnection, code: str) -> None:
    if await connection.scalar(select(stations.c.code).where(stations.c.code == code)) is None:
        raise Problem(
            422,
            "unknown-station",
            "Unknown station",
            f"station: there is no station {code}; write it first.",
            field="station",
        )


async def _read(database: Database, table: Table, code: str) -> Row[Any]:
    async with database.transaction() as connection:
        row = (await connection.execute(select(table).where(table.c.code == code))).one_or_none()
    if row is None:
        raise not_found(table.name.removesuffix("s"), code)
    return row


async def _list(
    database: Database, table: Table, record: type[R], paging: Paging, *conditions: ColumnElement[bool]
) -> Page[R]:
    """By code, ascending."""
    statement = select(table).where(*conditions).order_by(table.c.code).limit(paging.limit + 1)
    if paging.after is not None:
        statement = statement.where(table.c.code > paging.after_as(parameters.code)[0])
    async with database.transaction() as connection:
        rows = (await connection.execute(statement)).all()
    return paging.page([record.model_validate(row) for row in rows], [(row.code,) for row in rows])


def _of(table: Table, station: str | None) -> list[ColumnElement[bool]]:
    return [] if station is None else [table.c.station == station]
