"""Tables that people take away: a CSV or a workbook, with what was asked, by whom and when written above the rows."""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, BinaryIO, Literal
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import StreamingResponse

from services.console.domain.exports import Cell, Column, Language, cells, headings, preface
from services.console.store.unit_of_work import ReadModelWork
from shared.contract.events import Bilingual
from shared.contract.principal import Principal
from shared.evidence.domain.facts import act
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.access_records import Access, AccessRecords
from shared.time.clock import Clock
from shared.time.instants import SHANGHAI
from shared.web.languages import language_of

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MEDIA: dict[str, str] = {"csv": "text/csv; charset=utf-8", "xlsx": _XLSX}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}, _XLSX: {"schema": {"type": "string"}}}}
}

EXPORTED = "cn.tricolor.list.exported.v1"

Format = Literal["csv", "xlsx"]
Pages = AsyncIterator[Sequence[Mapping[str, Any]]]


async def keep_export(
    units: UnitsOfWork[ReadModelWork],
    records: AccessRecords,
    caller: Principal,
    action: str,
    request: Request,
    why: str | None,
) -> None:
    """Keep who takes a table away and why, for the auditor and as evidence, before its first row is sent."""
    async with units.open(caller) as work:
        await records.note(work.connection, caller, Access(action, request.url.query, reason=why), work.now)
        said = {"operation": action, "form": request.url.path.rpartition(".")[2], "asked": request.url.query}
        chain = f"export:{caller.role}/{caller.subject}"
        work.record(act(EXPORTED, chain, said | {"reason": why, "reach": caller.reach}))


async def table(
    form: Format,
    title: Bilingual,
    columns: Sequence[Column],
    pages: Pages,
    caller: Principal,
    request: Request,
    clock: Clock,
    most: int,
    name: str | None = None,
) -> StreamingResponse:
    """The rows of `pages` as a file, at most `most` of them."""
    language, now = language_of(request.headers.get("accept-language")), clock.now()
    reader = f"{caller.role} {caller.subject}" + (f" @ {caller.station}" if caller.station else "")
    asked = parse_qsl(request.url.query)
    above = [*preface(title, asked, reader, now, most, language), headings(columns, language)]
    file = f"{name or title.en.lower()}-{now.astimezone(SHANGHAI):%Y%m%d-%H%M%S}.{form}"
    written = _csv if form == "csv" else _workbook
    return StreamingResponse(
        written(above, columns, pages, language),
        media_type=MEDIA[form],
        headers={"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"},
    )


async def _csv(
    above: Sequence[Sequence[Cell]], columns: Sequence[Column], pages: Pages, language: Language
) -> AsyncIterator[bytes]:
    """UTF-8 with a byte order mark, without which spreadsheets show Chinese as noise."""
    yield b"\xef\xbb\xbf" + _lines(above)
    async for rows in pages:
        yield _lines([cells(columns, row, language) for row in rows])


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
        await asyncio.to_thread(append, [cells(columns, row, language) for row in rows])
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
