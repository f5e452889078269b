"""The routes of imports: master data and plans by sheet, tried in a dry run before they are applied."""

import asyncio
from typing import Annotated

from fastapi import Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from services.dispatcher.api.multipart import form, sent_file
from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.api.parameters import position
from services.dispatcher.imports.apply import OF_A_STATION
from services.dispatcher.imports.reading import sheets
from services.dispatcher.imports.reading.columns import KindName
from services.dispatcher.imports.reading.kinds import KINDS
from services.dispatcher.imports.reading.report import ImportAnswer
from services.dispatcher.imports.reading.templates import Format, template
from services.dispatcher.imports.runs import SentSheet, apply_sheet, list_runs, read_sheet, try_sheet
from shared.contract.refusals import NotAllowed, TooLarge
from shared.contract.roles import Reach
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}

TOO_LARGE = TooLarge("too-large", f"The file is larger than {sheets.MAX_BYTES} bytes.")

KindQuery = Annotated[KindName, Query(description="what the rows are")]


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


def router(database: Database, mutations: CaseMutations) -> Routes:
    routes = Routes(tags=["master data"])

    @routes.post("/v1/imports", response_model=ImportAnswer, openapi_extra=form())
    async def import_sheet(
        request: Request,
        caller: Caller,
        kind: KindQuery,
        dry_run: Annotated[bool, Query(description="say what would happen, and change nothing")] = True,
        if_match: Annotated[str | None, Header(description="the digest of a dry run, in quotes")] = None,
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        """A sheet of up to 20,000 rows and 10 MB: XLSX, or CSV in UTF-8 or GB18030.

        A row states a whole record, save for the columns that the sheet does not have: of a stored record those stay.
        A rota replaces that of every week and station it names; an inspection is planned once, by its number.
        Applying needs a sheet without errors, and with `If-Match` that neither file nor stored data have changed since
        the dry run (412). A rota that takes away planned days needs it (428). Who may PUT a record may import it.
        """
        if caller.reach is not Reach.DISTRICT and kind not in OF_A_STATION:
            raise NotAllowed("A station chief imports the officers and the rota of the own station, nothing else.")
        async with sent_file(request, sheets.MAX_BYTES, TOO_LARGE) as (file, _):
            sheet = SentSheet(file.filename or None, await file.read())
        reading = await asyncio.to_thread(read_sheet, KINDS[kind], sheet.content)
        if dry_run:
            async with database.transaction() as connection:
                answer = (await try_sheet(connection, reading, sheet, caller, dry_run=True)).answer
            return Response(
                answer.model_dump_json(), media_type="application/json", headers={"ETag": f'"{answer.digest}"'}
            )

        content = f"import {kind} {sheet.sha256}".encode()
        _, answered = await mutations.once(
            caller, idempotency_key, content, lambda work: apply_sheet(work, caller, reading, sheet, if_match)
        )
        return Response(answered, media_type="application/json")

    @routes.get("/v1/imports/template", response_class=Response)
    async def get_template(kind: KindQuery, format_: Annotated[Format, Query(alias="format")] = "xlsx") -> Response:
        """A sheet to fill in: headings, a remark that explains them, and an example to write over."""
        content = await asyncio.to_thread(template, KINDS[kind], format_)
        disposition = {"Content-Disposition": f'attachment; filename="{kind}.{format_}"'}
        return Response(content, media_type=MEDIA_TYPES[format_], headers=disposition)

    @routes.get("/v1/imports")
    async def list_imports(paging: PagingQuery, kind: Annotated[KindName | None, Query()] = None) -> Page[Import]:
        """The imports that were applied, the newest first: who, which file, how many records."""
        after = None if paging.after is None else paging.after_as(position)[0]
        async with database.transaction() as connection:
            rows = await list_runs(connection, kind, after=after, limit=paging.limit + 1)
        return paging.page([Import.model_validate(row) for row in rows], [(str(row.import_id),) for row in rows])

    return routes
