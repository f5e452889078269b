"""The routes of the history of master data: who changed what of a record, and when."""

from fastapi import APIRouter

from services.dispatcher.api.callers import OfficeReader
from services.dispatcher.api.parameters import EnterprisePath, OutletPath, RecordCode, position
from services.dispatcher.domain import disclosure
from services.dispatcher.domain.master_records import Enterprise, HistoryEntry, Officer, Outlet, Staff, Station, Stored
from services.dispatcher.domain.registrations import MasterKind
from services.dispatcher.master_data import history, store
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.storage.database import Database
from shared.web.paging import Page, Paging, PagingQuery


def router(database: Database) -> APIRouter:
    routes = APIRouter(tags=["master data"])

    @routes.get("/v1/stations/{code}/history")
    async def get_station_history(code: RecordCode, paging: PagingQuery, caller: OfficeReader) -> Page[HistoryEntry]:
        """The changes of a station's record, the newest first; so the others."""
        return await _history(database, "stations", Station, [code], caller, paging)

    @routes.get("/v1/officers/{code}/history")
    async def get_officer_history(code: RecordCode, paging: PagingQuery, caller: OfficeReader) -> Page[HistoryEntry]:
        return await _history(database, "officers", Officer, [code], caller, paging)

    @routes.get("/v1/staff/{code}/history")
    async def get_staff_history(code: RecordCode, paging: PagingQuery, caller: OfficeReader) -> Page[HistoryEntry]:
        return await _history(database, "staff", Staff, [code], caller, paging)

    @routes.get("/v1/enterprises/{code}/history")
    async def get_enterprise_history(
        code: EnterprisePath, paging: PagingQuery, caller: OfficeReader
    ) -> Page[HistoryEntry]:
        return await _history(database, "enterprises", Enterprise, [code], caller, paging)

    @routes.get("/v1/enterprises/{code}/outlets/{outlet}/history")
    async def get_outlet_history(
        code: EnterprisePath, outlet: OutletPath, paging: PagingQuery, caller: OfficeReader
    ) -> Page[HistoryEntry]:
        return await _history(database, "outlets", Outlet, [code, outlet], caller, paging)

    return routes


async def _history(
    database: Database, kind: MasterKind, record: type[Stored], key: list[str], caller: Principal, paging: Paging
) -> Page[HistoryEntry]:
    after = None if paging.after is None else paging.after_as(position)[0]
    async with database.transaction() as connection:
        stored = await store.find(connection, kind, *key)
        if stored is None:
            raise NotFound(kind.removesuffix("s"), "/".join(key))
        rows = await history.list_entries(connection, kind, key, after=after, limit=paging.limit + 1)
    sight = disclosure.sight_of_record(caller, record.of(stored._asdict()))
    entries = [HistoryEntry.model_validate(row) for row in rows]
    return paging.page(
        [entry.model_copy(update={"changes": disclosure.shown_changes(sight, entry.changes)}) for entry in entries],
        [(str(entry.entry_id),) for entry in entries],
    )
