"""The routes of lists as tables to take away: CSV and XLSX, by suffix or by `Accept`."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse

from services.console.api.filters import AskedAlerts, AskedCases
from services.console.api.table_files import ANSWERS, Format, Pages, keep_export, table
from services.console.domain.exports import ALERTS, CASES
from services.console.store import alert_list, case_list
from services.console.store.questions import After, Found
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.events import Bilingual
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.access_records import AccessRecords
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.web.access_records import Why
from shared.web.routes import Routes
from shared.web.scope import Caller

MOST = 50_000
"""The rows of one table: more than anybody reads, and what a workbook still opens quickly."""
_AT_ONCE = 500


def router(database: Database, units: UnitsOfWork[ReadModelWork], clock: Clock, records: AccessRecords) -> Routes:
    """Who takes a list away, and why, is kept before its first row is sent."""
    routes = Routes(tags=["exports"])

    @routes.get("/v1/cases.{form}", response_class=StreamingResponse, responses=ANSWERS)
    async def export_cases(
        form: Format, caller: Caller, asked: AskedCases, request: Request, why: Why = None
    ) -> StreamingResponse:
        """案件清单导出 · The cases asked for, those opened last first, with the filters written above them."""

        async def page(after: After | None) -> Found:
            async with database.transaction() as connection:
                return await case_list.list_cases(
                    connection, asked, sort="opened", descending=True, after=after, limit=_AT_ONCE
                )

        await keep_export(units, records, caller, "exportCases", request, why)
        pages = _pages(page, lambda row: case_list.key_of(row, "opened"))
        return await table(form, Bilingual(zh="案件清单", en="Cases"), CASES, pages, caller, request, clock, MOST)

    @routes.get("/v1/alerts.{form}", response_class=StreamingResponse, responses=ANSWERS)
    async def export_alerts(
        form: Format, caller: Caller, asked: AskedAlerts, request: Request, why: Why = None
    ) -> StreamingResponse:
        """预警清单导出 · The alerts asked for, the latest first, with the filters written above them."""

        async def page(after: After | None) -> Found:
            async with database.transaction() as connection:
                return await alert_list.list_alerts(connection, asked, descending=True, after=after, limit=_AT_ONCE)

        await keep_export(units, records, caller, "exportAlerts", request, why)
        pages = _pages(page, alert_list.key_of)
        return await table(form, Bilingual(zh="预警清单", en="Alerts"), ALERTS, pages, caller, request, clock, MOST)

    return routes


async def _pages(page: Callable[[After | None], Awaitable[Found]], key: Callable[[Any], After]) -> Pages:
    """Every page of a list, up to MOST rows; no transaction stays open while one is sent."""
    after: After | None = None
    left = MOST
    while left > 0:
        found = await page(after)
        if found.rows:
            yield [row._asdict() for row in found.rows[:left]]
        left -= len(found.rows)
        after = key(found.rows[-1]) if len(found.rows) == _AT_ONCE else found.resume
        if after is None:
            return
