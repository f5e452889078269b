"""The routes of stations, officers, staff and enterprises: written by the bureau, read by all who work with cases."""

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
    Staff,
    StaffFields,
    Station,
    StationFields,
)
from services.dispatcher.domain.registrations import MasterKind
from services.dispatcher.handlers.master_data import write_enterprise, write_officer, write_staff, write_station
from services.dispatcher.master_data import store
from shared.contract.disclosure import Sight, shown
from shared.contract.principal import Principal
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
    """Add the routes that create or replace a station or its people above, and answer the record as it is stored."""

    @routes.put("/v1/stations/{code}", response_model=Station)
    async def put_station(code: RecordCode, fields: StationFields, request: Request, caller: Registrar) -> Response:
        return await mutations.run(request, caller, lambda work: write_station(work, code, fields))

    @routes.put("/v1/staff/{code}", response_model=Staff)
    async def put_staff(code: RecordCode, fields: StaffFields, request: Request, caller: Registrar) -> Response:
        """A station's chief, somebody of the section or the leader: how notices to the office reach them."""
        return await mutations.run(request, caller, lambda work: write_staff(work, code, fields))


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
    async def get_officer(code: RecordCode, caller: Reader) -> Officer:
        """Telephone number and addresses are there for the officer's own station, the section and those above."""
        return _shown(Officer.model_validate(await _read(database, "officers", code)), caller)

    @routes.get("/v1/staff/{code}")
    async def get_staff(code: RecordCode, caller: Reader) -> Staff:
        """Telephone number and addresses are there for the same station, the section and those above."""
        return _shown(Staff.model_validate(await _read(database, "staff", code)), caller)

    @routes.get("/v1/enterprises/{code}")
    async def get_enterprise(code: RecordCode, caller: ReaderOrEnterprise) -> Enterprise:
        """An enterprise sees itself only. Telephone numbers are there for it, its station, the section and above."""
        if caller.role is Role.ENTERPRISE and not caller.is_of(code):
            raise NotFound("enterprise", code)
        return _shown(Enterprise.model_validate(await _read(database, "enterprises", code)), caller)

    @routes.get("/v1/stations")
    async def list_stations(paging: PagingQuery, caller: Reader) -> Page[Station]:
        return await _list(database, "stations", Station, caller, paging)

    @routes.get("/v1/officers")
    async def list_officers(paging: PagingQuery, caller: Reader, station: StationFilter = None) -> Page[Officer]:
        return await _list(database, "officers", Officer, caller, paging, station)

    @routes.get("/v1/staff")
    async def list_staff(paging: PagingQuery, caller: Reader, station: StationFilter = None) -> Page[Staff]:
        return await _list(database, "staff", Staff, caller, paging, station)

    @routes.get("/v1/enterprises")
    async def list_enterprises(paging: PagingQuery, caller: Reader, station: StationFilter = None) -> Page[Enterprise]:
        return await _list(database, "enterprises", Enterprise, caller, paging, station)


def _shown(record: R, caller: Principal) -> R:
    """The record with telephone numbers and addresses for those who may have to call, and without for all others."""
    match record:
        case Enterprise():
            own = caller.role is Role.ENTERPRISE
            sight = Sight.OWN if own else disclosure.sight_of_people(caller, record.station)
        case Officer() | Staff():
            sight = disclosure.sight_of_people(caller, record.station, record.code)
        case _:
            return record
    return shown(record, sight, disclosure.TABLE)


async def _read(database: Database, kind: MasterKind, code: str) -> Any:
    async with database.transaction() as connection:
        row = await store.find(connection, kind, code)
    if row is None:
        raise NotFound(kind.removesuffix("s"), code)
    return row


async def _list(
    database: Database,
    kind: MasterKind,
    record: type[R],
    caller: Principal,
    paging: Paging,
    station: str | None = None,
) -> Page[R]:
    """By code, ascending."""
    after = None if paging.after is None else paging.after_as(parameters.code)[0]
    async with database.transaction() as connection:
        rows = await store.list_records(connection, kind, station=station, after=after, limit=paging.limit + 1)
    return paging.page([_shown(record.model_validate(row), caller) for row in rows], [(row.code,) for row in rows])
