"""Attachments over HTTP: sent in one go, listed, and read, whole or in part. Large ones come by `uploads`."""

import re
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from services.dispatcher.api.callers import ReaderOrEnterprise, Sender
from services.dispatcher.api.multipart import FORM, claimed, file_name, sent_file
from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.cases.access import require_sight
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import disclosure
from services.dispatcher.evidence import attachments
from services.dispatcher.evidence.attachments import Attachment, find_shown
from services.dispatcher.evidence.storage import CHUNK_BYTES, Storage
from shared.contract.disclosure import shown
from shared.contract.refusals import Refusal
from shared.storage.database import Database
from shared.web.problems import Problem

AT_ONCE_BYTES = 20 * 1024 * 1024
"""The largest file that is taken in one go; a larger one comes resumably."""


def router(mutations: CaseMutations, database: Database, storage: Storage) -> APIRouter:
    routes = APIRouter(tags=["attachments"])
    _add_sending(routes, mutations, database, storage)
    _add_reading(routes, database, storage)
    return routes


def _add_sending(routes: APIRouter, mutations: CaseMutations, database: Database, storage: Storage) -> None:
    @routes.post("/v1/cases/{case_id}/attachments", response_model=Attachment, openapi_extra=FORM)
    async def attach(
        case_id: UUID,
        request: Request,
        caller: Sender,
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        """A photograph, video or scan of up to 20 MiB; `taken_at` is the device's time. Sent twice it is kept once."""
        async with sent_file(request, AT_ONCE_BYTES, attachments.too_large(AT_ONCE_BYTES)) as (file, fields):
            claimed_at, name = claimed(fields.get("taken_at")), file_name(file.filename)
            stored = await attachments.store(storage, _chunks(file), file.content_type, AT_ONCE_BYTES)
        content = f"{case_id} {name} {stored.sha256}".encode()

        async def change(work: CaseUnitOfWork) -> Attachment:
            return await attachments.add(work, case_id, caller, stored, name, claimed_at)

        try:
            _, answer = await mutations.once(caller, idempotency_key, content, change)
        except Refusal:
            await storage.delete(stored.key)
            raise
        if not await attachments.is_kept(database, stored.key):  # the same bytes lie there already
            await storage.delete(stored.key)
        return Response(answer, media_type="application/json")


def _add_reading(routes: APIRouter, database: Database, storage: Storage) -> None:
    @routes.get("/v1/cases/{case_id}/attachments")
    async def list_attachments(case_id: UUID, caller: ReaderOrEnterprise) -> list[Attachment]:
        """The attachments of a case, in the order in which they came."""
        async with database.transaction() as connection:
            seen = await require_sight(connection, case_id, caller)
            rows = await attachments.list_of(connection, case_id)
        files = [row for row in rows if disclosure.sees_file_of(seen.sight, seen.state, row.added_role)]
        return [shown(Attachment.model_validate(row), seen.sight, disclosure.TABLE) for row in files]

    @routes.get("/v1/attachments/{attachment_id}", response_class=StreamingResponse)
    async def read_attachment(
        attachment_id: UUID,
        caller: ReaderOrEnterprise,
        if_none_match: Annotated[str | None, Header()] = None,
        range_: Annotated[str | None, Header(alias="range")] = None,
    ) -> Response:
        """The bytes as they came. `ETag` is their SHA-256; one range may be asked for."""
        async with database.transaction() as connection:
            row = await find_shown(connection, attachment_id, caller)
        headers = {
            "ETag": f'"{row.sha256}"',
            "Accept-Ranges": "bytes",
            "Cache-Control": "private, max-age=31536000, immutable",
            "X-Content-Type-Options": "nosniff",
            # RFC 6266 and 8187: the plain name for old clients, the true one beside it.
            "Content-Disposition": f"attachment; filename=\"{row.attachment_id}\"; filename*=UTF-8''{quote(row.name)}",
        }
        if if_none_match is not None and f'"{row.sha256}"' in if_none_match:
            return Response(status_code=304, headers=headers)
        span = asked_range(range_, row.size)
        start, end = span or (0, row.size)
        headers["Content-Length"] = str(end - start)
        if span is not None:
            headers["Content-Range"] = f"bytes {start}-{end - 1}/{row.size}"
        status = 200 if span is None else 206
        return StreamingResponse(storage.read(row.key, start, end), status, headers, media_type=row.media_type)


def asked_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The one range asked for, half-open; None for the whole (RFC 9110 lets a server ignore what it does not take).

    Raises Problem 416 for one beyond the end.
    """
    match = re.fullmatch(r"bytes=(\d{0,18})-(\d{0,18})", (header or "").strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        start, end = max(size - int(last), 0), size
    else:
        start, end = int(first), min(int(last) + 1, size) if last else size
    if start >= size or end <= start:
        raise Problem(
            416,
            "range-not-satisfiable",
            "No such range",
            f"The file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, end


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK_BYTES):
        yield chunk
