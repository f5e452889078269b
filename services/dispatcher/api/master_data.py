"""The routes of stations, officers, staff and enterprises: written by the bureau, read by all who work with cases."""

from typing import Annotated, TypeVar

from fastapi import Query, Request, Response

from services.dispatcher.api import parameters
from services.dispatcher.api.mutations import CaseMutations, quoted
from services.dispatcher.api.parameters import CONDITIONAL, EnterprisePath, Filter, IfMatch, MergePatch, RecordCode
from services.dispatcher.domain import disclosure
from services.dispatcher.domain.entry_codes import EntryCodeBody
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
    Stored,
)
from services.dispatcher.domain.registrations import MasterKind
from services.dispatcher.handlers.master_data import (
    ENTERPRISES,
    OFFICERS,
    STAFF,
    STATIONS,
    OfficerWritten,
    patch,
    put,
)
from services.dispatcher.master_data import entry_codes, store
from shared.contract.disclosure import shown
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.web.paging import Page, Paging, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller

R = TypeVar("R", bound=Stored)

StationFilter = Annotated[Code | None, Query(description="only those of this station")]


def router(database: Database, mutations: CaseMutations) -> Routes:
    routes = Routes(tags=["master data"])
    _add_offices(routes, mutations)
    _add_officers(routes, mutations)
    _add_enterprises(routes, mutations)
    _add_reads(routes, database)
    _add_lists(routes, database)
    return routes


def _add_offices(routes: Routes, mutations: CaseMutations) -> None:
    """Add the routes that write a station, or somebody of an office, and answer the record as it is stored."""

    @routes.put("/v1/stations/{code}", response_model=Station, responses=CONDITIONAL)
    async def put_station(
        code: RecordCode, fields: StationFields, request: Request, caller: Caller, if_match: IfMatch = None
    ) -> Response:
        return await mutations.write(
            request, caller, lambda work: put(work, STATIONS, caller, [code], fields, if_match)
        )

    @routes.patch("/v1/stations/{code}", response_model=Station, responses=CONDITIONAL)
    async def patch_station(
        code: RecordCode, changes: MergePatch, request: Request, caller: Caller, if_match: IfMatch = None
    ) -> Response:
        return await mutations.write(
            request, caller, lambda work: patch(work, STATIONS, caller, [code], changes, if_match)
        )

    @routes.put("/v1/staff/{code}", response_model=Staff, responses=CONDITIONAL)
    async def put_staff(
        code: RecordCode, fields: StaffFields, request: Request, caller: Caller, if_match: IfMatch = None
    ) -> Response:
        """A station's chief, somebody of the section or the leader: how notices to the office reach them."""
        return await mutations.write(request, caller, lambda work: put(work, STAFF, caller, [code], fields, if_match))

    @routes.patch("/v1/staff/{code}", response_model=Staff, responses=CONDITIONAL)
    async def patch_staff(
        code: RecordCode, changes: MergePatch, request: Request, caller: Caller, if_match: IfMatch = None
    ) -> Response:
        return await mutations.write(
            request, caller, lambda work: patch(work, STAFF, caller, [code], changes, if_match)
        )


def _add_officers(routes: Routes, mutations: CaseMutations) -> None:
    """Add the routes that write officers: a station's chief those of that station, taking and giving none away."""

    @routes.put("/v1/officers/{code}", response_model=OfficerWritten, responses=CONDITIONAL)
    async def put_officer(
        code: RecordCode, fields: OfficerFields, request: Request, caller: Caller, if_match: IfMatch = None
    ) -> Response:
        """What an officer who goes off duty, or is certified no more, has not accepted goes to others."""
        return await mutations.write(
            request, caller, lambda work: put(work, OFFICERS, caller, [code], fields, if_match)
        )

    @routes.patch("/v1/officers/{code}", response_model=OfficerWritten, responses=CONDITIONAL)
    async def patch_officer(
        code: RecordCode, changes: MergePatch, request: Request, caller: Caller, if_match: IfMatch = None
    ) -> Response:
        """What an officer who goes off duty, or is certified no more, has not accepted goes to others."""
        return await mutations.write(
            request, caller, lambda work: patch(work, OFFICERS, caller, [code], changes, if_match)
        )


def _add_enterprises(routes: Routes, mutations: CaseMutations) -> None:
    """Add the routes that write enterprises. Their registration is emitted: grading goes by the classification."""

    @routes.put("/v1/enterprises/{code}", response_model=Enterprise, responses=CONDITIONAL)
    async def put_enterprise(
        code: EnterprisePath, fields: EnterpriseFields, request: Request, caller: Caller, if_match: IfMatch = None
    ) -> Response:
        return await mutations.write(
            request, caller, lambda work: put(work, ENTERPRISES, caller, [code], fields, if_match)
        )

    @routes.patch("/v1/enterprises/{code}", response_model=Enterprise, responses=CONDITIONAL)
    async def patch_enterprise(
        code: EnterprisePath, changes: MergePatch, request: Request, caller: Caller, if_match: IfMatch = None
    ) -> Response:
        """An enterprise that is known from events only is registered by this; it needs a name then."""
        return await mutations.write(
            request, caller, lambda work: patch(work, ENTERPRISES, caller, [code], changes, if_match)
        )

    @routes.put("/v1/enterprises/{code}/entry-code", response_model=Enterprise)
    async def set_entry_code(code: EnterprisePath, body: EntryCodeBody, request: Request, caller: Caller) -> Response:
        """The code on the poster at the gate (入企码), which arriving officers scan. It is kept as a hash."""
        return await mutations.write(
            request, caller, lambda work: entry_codes.set_entry_code(work, caller, code, body.entry_code)
        )

    @routes.delete("/v1/enterprises/{code}/entry-code", response_model=Enterprise)
    async def remove_entry_code(code: EnterprisePath, request: Request, caller: Caller) -> Response:
        """From now on nothing is scanned there."""
        return await mutations.write(request, caller, lambda work: entry_codes.set_entry_code(work, caller, code, None))


def _add_reads(routes: Routes, database: Database) -> None:
    """Add the routes that answer one record, with its ETag."""

    @routes.get("/v1/stations/{code}")
    async def get_station(code: RecordCode, caller: Caller, response: Response) -> Station:
        return await _read(database, "stations", Station, caller, code, response)

    @routes.get("/v1/officers/{code}")
    async def get_officer(code: RecordCode, caller: Caller, response: Response) -> Officer:
        """Telephone number and addresses are there for the officer's own station, the section and those above."""
        return await _read(database, "officers", Officer, caller, code, response)

    @routes.get("/v1/staff/{code}")
    async def get_staff(code: RecordCode, caller: Caller, response: Response) -> Staff:
        """Telephone number and addresses are there for the same station, the section and those above."""
        return await _read(database, "staff", Staff, caller, code, response)

    @routes.get("/v1/enterprises/{code}")
    async def get_enterprise(code: EnterprisePath, caller: Caller, response: Response) -> Enterprise:
        """An enterprise sees itself only. Telephone numbers are there for it, its station, the section and above."""
        if caller.role is Role.ENTERPRISE and not caller.is_of(code):
            raise NotFound("enterprise", code)
        return await _read(database, "enterprises", Enterprise, caller, code, response)


def _add_lists(routes: Routes, database: Database) -> None:
    """Add the routes that list records by code, ascending."""

    @routes.get("/v1/stations")
    async def list_stations(paging: PagingQuery, caller: Caller) -> Page[Station]:
        return await _list(database, "stations", Station, caller, paging)

    @routes.get("/v1/officers")
    async def list_officers(paging: PagingQuery, caller: Caller, station: StationFilter = None) -> Page[Officer]:
        return await _list(database, "officers", Officer, caller, paging, store.Chosen(station))

    @routes.get("/v1/staff")
    async def list_staff(paging: PagingQuery, caller: Caller, station: StationFilter = None) -> Page[Staff]:
        return await _list(database, "staff", Staff, caller, paging, store.Chosen(station))

    @routes.get("/v1/enterprises")
    async def list_enterprises(
        paging: PagingQuery,
        caller: Caller,
        station: StationFilter = None,
        registered: Annotated[bool | None, Query(description="false: those known from events only")] = None,
        q: Filter = None,
        entry_code: Annotated[bool | None, Query(description="whether a code hangs at the gate (入企码)")] = None,
    ) -> Page[Enterprise]:
        """Those that are not registered wait for the section to register them, with the station in charge.

        `q` is what the name or the code contains.
        """
        chosen = store.Chosen(station, registered, q, entry_code)
        return await _list(database, "enterprises", Enterprise, caller, paging, chosen)


def _shown(record: R, caller: Principal) -> R:
    """The record with telephone numbers and addresses for those who may have to call, and without for all others."""
    return shown(record, disclosure.sight_of_record(caller, record), disclosure.TABLE)


async def _read(
    database: Database, kind: MasterKind, record: type[R], caller: Principal, code: str, response: Response
) -> R:
    async with database.transaction() as connection:
        row = await store.find(connection, kind, code)
    if row is None:
        raise NotFound(kind.removesuffix("s"), code)
    seen = _shown(record.of(row._asdict()), caller)
    if seen.etag:
        response.headers["ETag"] = quoted(seen.etag)
    return seen


async def _list(
    database: Database,
    kind: MasterKind,
    record: type[R],
    caller: Principal,
    paging: Paging,
    chosen: store.Chosen = store.ALL,
) -> Page[R]:
    """By code, ascending."""
    after = None if paging.after is None else paging.after_as(parameters.code)[0]
    async with database.transaction() as connection:
        rows = await store.list_records(connection, kind, chosen, after=after, limit=paging.limit + 1)
    return paging.page([_shown(record.of(row._asdict()), caller) for row in rows], [(row.code,) for row in rows])
