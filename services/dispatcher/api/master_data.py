"""The routes of stations, officers and enterprises: written by the bureau, read by all who work with cases."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from services.dispatcher.api import parameters
from services.dispatcher.api.callers import Reader, ReaderOrEnterprise, Registrar, StationOffice
from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.api.parameters import RecordCode
from services.dispatcher.domain import disclosure
from services.dispatcher.domain.master_records import (
    Code,
    Enterprise,
    EnterpriseFields,
    Officer,
    OfficerFields,
    Station,
    StationFields,
)
from services.dispatcher.handlers.master_data import write_enterprise, write_officer, write_station
from services.dispatcher.master_data import store
from services.dispatcher.master_data.store import RecordKind
from shared.contract.disclosure import Sight, shown
from shared.contract.refusals import NotFound
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.web.paging import Page, Paging, PagingQuery

R = TypeVar("R", bound=BaseModel)

StationFilter = Annotated[Code | None, Query(description="only those of this station")]


def router(database: Database, mutations: CaseMutations) -> APIRouter:
    routes = APIRouter(tags=["master data"])
    _add_station_writes(routes, mutations)
    _add_writes(routes, mutations)
    _add_reads(routes, database)
    return routes


def _add_station_writes(routes: APIRouter, mutations: CaseMutations) -> None:
    """Add the route that creates or replaces a station and answers the record as it is stored."""

    @routes.put("/v1/stations/{code}", response_model=Station)
    async def put_station(code: RecordCode, fields: StationFields, request: Request, caller: Registrar) -> Response:
        return await mutations.run(request, caller, lambda work: write_station(work, code, fields))


def _add_writes(routes: APIRouter, mutations: CaseMutations) -> None:
    """Add the routes that create or replace officers and enterprises and answer the record as it is stored."""

    @routes.put("/v1/officers/{code}", response_model=Officer)
    async def put_officer(code: RecordCode, fields: OfficerFields, request: Request, caller: StationOffice) -> Response:
        """A station's chief writes the officers of that station, and neither takes nor gives any away.

        What an officer who goes off duty, or is certified no more, has not accepted goes to others.
        """
        return await mutations.run(request, caller, lambda work: write_officer(work, caller, code, fields))

    @routes.put("/v1/enterprises/{code}", response_model=Enterprise)
    async def put_enterprise(
        code: RecordCode, fields: EnterpriseFields, request: Request, caller: Registrar
    ) -> Response:
        """Create or replace an enterprise. Its registration is emitted too: grading goes by the classification."""
        return await mutations.run(request, caller, lambda work: write_enterprise(work, code, fields))


def _add_reads(routes: APIRouter, database: Database) -> None:
    @routes.get("/v1/stations/{code}")
    async def get_station(code: RecordCode, _: Reader) -> Station:
        return Station.model_validate(await _read(database, "stations", code))

    @routes.get("/v1/officers/{code}")
    async def get_officer(code: RecordCode, _: Reader) -> Officer:
        return Officer.model_validate(await _read(database, "officers", code))

    @routes.get("/v1/enterprises/{code}")
    async def get_enterprise(code: RecordCode, caller: ReaderOrEnterprise) -> Enterprise:
        """An enterprise sees itself only."""
        if caller.role is Role.ENTERPRISE and not caller.is_of(code):
            raise NotFound("enterprise", code)
        sight = Sight.OWN if caller.role is Role.ENTERPRISE else Sight.WHOLE
        record = Enterprise.model_validate(await _read(database, "enterprises", code))
        return shown(record, sight, disclosure.TABLE)

    @routes.get("/v1/stations")
    async def list_stations(paging: PagingQuery, _: Reader) -> Page[Station]:
        return await _list(database, "stations", Station, paging)

    @routes.get("/v1/officers")
    async def list_officers(paging: PagingQuery, _: Reader, station: StationFilter = None) -> Page[Officer]:
        return await _list(database, "officers", Officer, paging, station)

    @routes.get("/v1/enterprises")
    async def list_enterprises(paging: PagingQuery, _: Reader, station: StationFilter = None) -> Page[Enterprise]:
        return await _list(database, "enterprises", Enterprise, paging, station)


async def _read(database: Database, kind: RecordKind, code: str) -> Any:
    async with database.transaction() as connection:
        row = await store.find(connection, kind, code)
    if row is None:
        raise NotFound(kind.removesuffix("s"), code)
    return row


async def _list(
    database: Database, kind: RecordKind, record: type[R], paging: Paging, station: str | None = None
) -> Page[R]:
    """By code, ascending."""
    after = None if paging.after is None else paging.after_as(parameters.code)[0]
    async with database.transaction() as connection:
        rows = await store.list_records(connection, kind, station=station, after=after, limit=paging.limit + 1)
    return paging.page([record.model_validate(row) for row in rows], [(row.code,) for row in rows])
