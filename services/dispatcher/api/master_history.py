"""The routes of histories: who changed what of a record, a substitution, a recusal or a leave, and when."""

from uuid import UUID

from services.dispatcher.api.parameters import EnterprisePath, OutletPath, RecordCode, position
from services.dispatcher.domain import disclosure
from services.dispatcher.domain.master_records import Enterprise, HistoryEntry, Officer, Outlet, Staff, Station, Stored
from services.dispatcher.domain.registrations import MasterKind
from services.dispatcher.master_data import history, store
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.storage.database import Database
from shared.time.instants import CalendarDate
from shared.web.paging import Page, Paging, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


def router(database: Database) -> Routes:
    routes = Routes(tags=["master data"])

    @routes.get("/v1/stations/{code}/history")
    async def get_station_history(code: RecordCode, paging: PagingQuery, caller: Caller) -> Page[HistoryEntry]:
        """The changes of a station's record, the newest first; so the others."""
        return await _history(database, "stations", Station, [code], caller, paging)

    @routes.get("/v1/officers/{code}/history")
    async def get_officer_history(code: RecordCode, paging: PagingQuery, caller: Caller) -> Page[HistoryEntry]:
        return await _history(database, "officers", Officer, [code], caller, paging)

    @routes.get("/v1/staff/{code}/history")
    async def get_staff_history(code: RecordCode, paging: PagingQuery, caller: Caller) -> Page[HistoryEntry]:
        return await _history(database, "staff", Staff, [code], caller, paging)

    @routes.get("/v1/enterprises/{code}/history")
    async def get_enterprise_history(code: EnterprisePath, paging: PagingQuery, caller: Caller) -> Page[HistoryEntry]:
        return await _history(database, "enterprises", Enterprise, [code], caller, paging)

    @routes.get("/v1/enterprises/{code}/outlets/{outlet}/history")
    async def get_outlet_history(
        code: EnterprisePath, outlet: OutletPath, paging: PagingQuery, caller: Caller
    ) -> Page[HistoryEntry]:
        return await _history(database, "outlets", Outlet, [code, outlet], caller, paging)

    _add_of_duty(routes, database)
    return routes


def _add_of_duty(routes: Routes, database: Database) -> None:
    """Add the histories of who is on duty, away or excluded, which no record of its own keeps."""

    @routes.get("/v1/substitutions/{day}/{officer}/history")
    async def get_substitution_history(
        day: CalendarDate, officer: RecordCode, paging: PagingQuery
    ) -> Page[HistoryEntry]:
        return await _entries(database, "substitutions", [day.isoformat(), officer], paging)

    @routes.get("/v1/recusals/{enterprise_code}/{officer}/history")
    async def get_recusal_history(
        enterprise_code: EnterprisePath, officer: RecordCode, paging: PagingQuery
    ) -> Page[HistoryEntry]:
        return await _entries(database, "recusals", [enterprise_code, officer], paging)

    @routes.get("/v1/leaves/{leave_id}/history")
    async def get_leave_history(leave_id: UUID, paging: PagingQuery) -> Page[HistoryEntry]:
        """Who cancelled a leave, and when; who recorded it the leave says itself."""
        return await _entries(database, "leaves", [str(leave_id)], paging)


async def _entries(database: Database, kind: str, key: list[str], paging: Paging) -> Page[HistoryEntry]:
    after = None if paging.after is None else paging.after_as(position)[0]
    async with database.transaction() as connection:
        rows = await history.list_entries(connection, kind, key, after=after, limit=paging.limit + 1)
    return paging.page([HistoryEntry.model_validate(row) for row in rows], [(str(row.entry_id),) for row in rows])


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
