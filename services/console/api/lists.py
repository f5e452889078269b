"""The routes that list cases and alerts: by every filter, searched in Chinese too, a page at a time."""

from typing import Literal
from uuid import UUID

from services.console.api.answers import AlertRow, CaseRow, alert_row, case_row
from services.console.api.filters import AskedAlerts, AskedCases
from services.console.store import alert_list, case_list
from services.console.store.case_list import Sort
from services.console.store.questions import After
from shared.storage.database import Database
from shared.time.instants import instant_of, shown
from shared.web.paging import Page, Paging, PagingQuery
from shared.web.routes import Routes

Order = Literal["asc", "desc"]


def router(database: Database) -> Routes:
    routes = Routes(tags=["lists"])

    @routes.get("/v1/cases")
    async def list_cases(
        paging: PagingQuery, asked: AskedCases, sort: Sort = "due", order: Order | None = None
    ) -> Page[CaseRow]:
        """Cases the caller may see: due first, or the latest opened or changed first, unless `order` says otherwise."""
        descending = (order or ("asc" if sort == "due" else "desc")) == "desc"
        async with database.transaction() as connection:
            found = await case_list.list_cases(
                connection, asked, sort=sort, descending=descending, after=_after(paging), limit=paging.limit + 1
            )
        keys = [_key(case_list.key_of(row, sort)) for row in found.rows]
        return paging.page([case_row(row) for row in found.rows], keys, found.resume and _key(found.resume))

    @routes.get("/v1/alerts")
    async def list_alerts(paging: PagingQuery, asked: AskedAlerts, order: Order = "desc") -> Page[AlertRow]:
        """Alerts the caller may see, the latest first unless `order` says otherwise."""
        async with database.transaction() as connection:
            found = await alert_list.list_alerts(
                connection, asked, descending=order == "desc", after=_after(paging), limit=paging.limit + 1
            )
        keys = [_key(alert_list.key_of(row)) for row in found.rows]
        return paging.page([alert_row(row) for row in found.rows], keys, found.resume and _key(found.resume))

    return routes


def _after(paging: Paging) -> After | None:
    return None if paging.after is None else After(*paging.after_as(instant_of, UUID))


def _key(after: After) -> tuple[str, str]:
    return shown(after.at), str(after.id)
