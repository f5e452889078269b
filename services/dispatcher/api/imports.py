"""Imports: master data and plans by sheet. A dry run first, row by row; then all of it or nothing."""

import asyncio
import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.api.callers import Keeper, OfficeReader
from services.dispatcher.api.desk import Desk
from services.dispatcher.api.multipart import FORM, sent_file
from services.dispatcher.api.parameters import position
from services.dispatcher.cases.unit_of_work import Work
from services.dispatcher.imports import apply as import_apply
from services.dispatcher.imports import store as import_store
from services.dispatcher.imports.reading import sheets
from services.dispatcher.imports.reading.columns import Kind
from services.dispatcher.imports.reading.kinds import KINDS, KindName
from services.dispatcher.imports.reading.records import Reading, read_rows
from services.dispatcher.imports.reading.report import ImportAnswer, Verdict, judge
from services.dispatcher.imports.reading.templates import Format, template
from services.dispatcher.tables import imports
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.identity import Principal, forbidden
from shared.web.paging import Page, PagingQuery
from shared.web.problems import Problem

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

TOO_LARGE = Problem(413, "too-large", "Too large", f"The file is larger than {sheets.MAX_BYTES} bytes.")

KindQuery = Annotated[KindName, Query(description="what the rows are")]


@dataclass(frozen=True)
class Sheet:
    """A sheet as it came."""

    name: str | None
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


class Import(BaseModel):
    """An import that was applied."""

    model_config = ConfigDict(from_attributes=True)

    import_id: int
    kind: str
    file_name: str | None
    file_sha256: str
    rows: int
    new: int
    changed: int
    unchanged: int
    actor_role: str
    actor_subject: str
    at: Instant


def router(database: Database, desk: Desk) -> APIRouter:
    routes = APIRouter(tags=["master data"])

    @routes.post("/v1/imports", response_model=ImportAnswer, openapi_extra=FORM)
    async def import_sheet(
        request: Request,
        caller: Keeper,
        kind: KindQuery,
        dry_run: Annotated[bool, Query(description="say what would happen, and change nothing")] = True,
        if_match: Annotated[str | None, Header(description="the digest of a dry run, in quotes")] = None,
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        """A sheet of up to 20,000 rows and 10 MB: XLSX, or CSV in UTF-8 or GB18030.

        A row states a whole record, save for the columns that the sheet does not have: of a stored record those stay.
        A rota replaces that of every week and station it names; an inspection is planned once, by its number.
        Applying needs a sheet without errors, and with `If-Match` that neither file nor stored data have changed since
        the dry run (412). Who may PUT a record may import it.
        """
        if caller.role is Role.STATION_CHIEF and kind not in import_apply.OF_A_STATION:
            raise forbidden("A station chief imports the officers and the rota of the own station, nothing else.")
        async with sent_file(request, sheets.MAX_BYTES, TOO_LARGE) as (file, _):
            sheet = Sheet(file.filename or None, await file.read())
        reading = await asyncio.to_thread(read_sheet, KINDS[kind], sheet.content)
        if dry_run:
            async with database.transaction() as connection:
                answer = (await _judged(connection, reading, sheet, caller, dry_run=True)).answer
            return Response(
                answer.model_dump_json(), media_type="application/json", headers={"ETag": f'"{answer.digest}"'}
            )

        async def deed(work: Work) -> ImportAnswer:
            await import_store.hold(work.connection, reading.kind)
            judged = await _judged(work.connection, reading, sheet, caller, dry_run=False)
            _require_applicable(judged.answer, if_match)
            done = await import_apply.bring_in(work, caller, reading, judged.changes)
            await work.connection.execute(insert(imports).values(**_evidence(judged.answer, caller), at=work.now))
            return judged.answer.model_copy(update=done)

        content = f"import {kind} {sheet.sha256}".encode()
        answered = await desk.act_once(idempotency_key, content, caller, deed)
        return Response(answered, media_type="application/json")

    @routes.get("/v1/imports/template", response_class=Response)
    async def get_template(
        kind: KindQuery, _: Keeper, form: Annotated[Format, Query(alias="format")] = "xlsx"
    ) -> Response:
        """A sheet to fill in: headings, a remark that explains them, and an example to write over."""
        content = await asyncio.to_thread(template, KINDS[kind], form)
        disposition = {"Content-Disposition": f'attachment; filename="{kind}.{form}"'}
        return Response(content, media_type=MEDIA_TYPES[form], headers=disposition)

    @routes.get("/v1/imports")
    async def list_imports(
        paging: PagingQuery, _: OfficeReader, kind: Annotated[KindName | None, Query()] = None
    ) -> Page[Import]:
        """What was applied, the newest first: who, which file, how many records."""
        statement = select(imports).order_by(imports.c.import_id.desc()).limit(paging.limit + 1)
        if kind is not None:
            statement = statement.where(imports.c.kind == kind)
        if paging.after is not None:
            statement = statement.where(imports.c.import_id < paging.after_as(position)[0])
        async with database.transaction() as connection:
            rows = (await connection.execute(statement)).all()
        return paging.page([Import.model_validate(row) for row in rows], [(str(row.import_id),) for row in rows])

    return routes


def read_sheet(kind: Kind, content: bytes) -> Reading:
    """Raises Problem 422 for what is no sheet at all."""
    try:
        return read_rows(kind, sheets.read(content))
    except sheets.SheetRefused as refusal:
        raise Problem(
            422, "sheet-refused", "Not a sheet that can be read", refusal.en, zh=refusal.zh, en=refusal.en
        ) from refusal


async def _judged(
    connection: AsyncConnection, reading: Reading, sheet: Sheet, caller: Principal, *, dry_run: bool
) -> Verdict:
    present = await import_store.find(connection, reading)
    further = await import_apply.further_errors(connection, reading, present, caller)
    return judge(reading, present, further, file_name=sheet.name, file_sha256=sheet.sha256, dry_run=dry_run)


def _require_applicable(answer: ImportAnswer, if_match: str | None) -> None:
    if if_match is not None and if_match.strip().strip('"') != answer.digest:
        raise Problem(
            412,
            "changed-since-dry-run",
            "Changed since the dry run",
            "The file or the stored data are no longer those of the dry run with this digest; run it dry again.",
            digest=answer.digest,
            counts=answer.counts.model_dump(),
        )
    if answer.errors.total:
        raise Problem(
            422,
            "import-refused",
            "The sheet has errors",
            f"{answer.counts.refused} of {answer.rows} rows are refused; nothing was imported.",
            counts=answer.counts.model_dump(),
            errors=answer.errors.model_dump(),
        )


def _evidence(answer: ImportAnswer, caller: Principal) -> dict[str, Any]:
    said = answer.model_dump(include={"kind", "file_name", "file_sha256", "rows"})
    counted = answer.counts.model_dump(exclude={"refused"})
    return said | counted | {"actor_role": caller.role, "actor_subject": caller.subject}
