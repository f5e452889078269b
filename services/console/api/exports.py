"""The routes of lists as tables to take away: CSV and XLSX, by suffix or by `Accept`."""

import asyncio
import csv
import io
import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, BinaryIO, Literal
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.console.api.filters import AskedAlerts, AskedCases
from services.console.domain.exports import ALERTS, CASES, Cell, Column, Language, cells, headings, preface
from services.console.store import alert_list, case_list
from services.console.store.questions import After, Found
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.events import Bilingual
from shared.contract.principal import Principal
from shared.evidence.domain.facts import act
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.access_records import Access, AccessRecords
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import SHANGHAI
from shared.web.access_records import Why
from shared.web.languages import language_of
from shared.web.routes import Routes
from shared.web.scope import Caller

EXPORTED = "cn.tricolor.list.exported.v1"
MOST = 50_000
"""The rows of one table: more than anybody reads, and what a workbook still opens quickly."""
_AT_ONCE = 500
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MEDIA: dict[str, str] = {"csv": "text/csv; charset=utf-8", "xlsx": _XLSX}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}, _XLSX: {"schema": {"type": "string"}}}}
}
_LISTS = re.compile(r".*/v1/(?:cases|alerts)")

Format = Literal["csv", "xlsx"]
Pages = AsyncIterator[Sequence[Any]]


class ByAccept:
    """Has a list answered as a table where `Accept` asks for one before anything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _LISTS.fullmatch(scope["path"]):
            accept = next((value for name, value in scope["headers"] if name == b"accept"), b"").decode("latin-1")
            first = accept.partition(",")[0].partition(";")[0].strip().lower()
            suffix = next((name for name, media in _MEDIA.items() if media.partition(";")[0] == first), None)
            if suffix is not None:
                scope = {**scope, "path": f"{scope['path']}.{suffix}", "raw_path": None}
        await self._app(scope, receive, send)


def router(database: Database, units: UnitsOfWork[ReadModelWork], clock: Clock, records: AccessRecords) -> Routes:
    """Who takes a list away, and why, is kept before its first row is sent."""
    routes = Routes(tags=["exports"])

    async def keep(caller: Principal, action: str, request: Request, why: str | None) -> None:
        async with units.open(caller) as work:
            await records.note(work.connection, caller, Access(action, request.url.query, reason=why), work.now)
            said = {"operation": action, "form": request.url.path.rpartition(".")[2], "asked": request.url.query}
            chain = f"export:{caller.role}/{caller.subject}"
            work.record(act(EXPORTED, chain, said | {"reason": why, "reach": caller.reach}))

    @routes.get("/v1/cases.{form}", response_class=StreamingResponse, responses=_ANSWERS)
    async def export_cases(
        form: Format, caller: Caller, asked: AskedCases, request: Request, why: Why = None
    ) -> StreamingResponse:
        """案件清单导出 · The cases asked for, those opened last first, with the filters written above them."""

        async def page(after: After | None) -> Found:
            async with database.autocommit() as connection:
                return await case_list.list_cases(
                    connection, asked, sort="opened", descending=True, after=after, limit=_AT_ONCE
                )

        await keep(caller, "exportCases", request, why)
        pages = _pages(page, lambda row: case_list.key_of(row, "opened"))
        return await _table(form, Bilingual(zh="案件清单", en="Cases"), CASES, pages, caller, request, clock)

    @routes.get("/v1/alerts.{form}", response_class=StreamingResponse, responses=_ANSWERS)
    async def export_alerts(
        form: Format, caller: Caller, asked: AskedAlerts, request: Request, why: Why = None
    ) -> StreamingResponse:
        """预警清单导出 · The alerts asked for, the latest first, with the filters written above them."""

        async def page(after: After | None) -> Found:
            async with database.autocommit() as connection:
                return await alert_list.list_alerts(connection, asked, descending=True, after=after, limit=_AT_ONCE)

        await keep(caller, "exportAlerts", request, why)
        pages = _pages(page, alert_list.key_of)
        return await _table(form, Bilingual(zh="预警清单", en="Alerts"), ALERTS, pages, caller, request, clock)

    return routes


async def _pages(page: Callable[[After | None], Awaitable[Found]], key: Callable[[Any], After]) -> Pages:
    """Every page of a list, up to MOST rows; no transaction stays open while one is sent."""
    after: After | None = None
    left = MOST
    while left > 0:
        found = await page(after)
        if found.rows:
            yield found.rows[:left]
        left -= len(found.rows)
        after = key(found.rows[-1]) if len(found.rows) == _AT_ONCE else found.resume
        if after is None:
            return


async def _table(
    form: Format,
    title: Bilingual,
    columns: Sequence[Column],
    pages: Pages,
    caller: Principal,
    request: Request,
    clock: Clock,
) -> StreamingResponse:
    language, now = language_of(request.headers.get("accept-language")), clock.now()
    reader = f"{caller.role} {caller.subject}" + (f" @ {caller.station}" if caller.station else "")
    asked = parse_qsl(request.url.query)
    above = [*preface(title, asked, reader, now, MOST, language), headings(columns, language)]
    name = f"{title.en.lower()}-{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}.{form}"
    written = _csv if form == "csv" else _workbook
    return StreamingResponse(
        written(above, columns, pages, language),
        media_type=_MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _csv(
    above: Sequence[Sequence[Cell]], columns: Sequence[Column], pages: Pages, language: Language
) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, without which spreadsheets show Chinese as noise."""
    yield b"\xef\xbb\xbf" + _lines(above)
    async for rows in pages:
        yield _lines([cells(columns, row._mapping, language) for row in rows])


def _lines(rows: Sequence[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


async def _workbook(
    above: Sequence[Sequence[Cell]], columns: Sequence[Column], pages: Pages, language: Language
) -> AsyncIterator[bytes]:
    """A workbook, made on disk and in a thread: it cannot be sent before its last row is known."""
    from openpyxl import Workbook  # noqa: PLC0415  with numpy, a fifth of what a start loads

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Tricolor")

    def append(rows: Sequence[Sequence[Cell]]) -> None:
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])

    append(above)
    async for rows in pages:
        await asyncio.to_thread(append, [cells(columns, row._mapping, language) for row in rows])
    with tempfile.TemporaryFile() as file:
        await asyncio.to_thread(book.save, file)
        file.seek(0)
        while part := _part(file):
            yield part


def _part(file: BinaryIO) -> bytes:
    return file.read(1 << 16)


def _cell(sheet: Any, value: Cell) -> Any:
    """A cell that is what it is: text stays text, whatever it looks like."""
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  see above

    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
