"""Attachments over HTTP: sent in one go, listed, and read, whole or in part. Large ones come by `uploads`."""

import re
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import Header, Request, Response
from fastapi.responses import StreamingResponse
from starlette.datastructures import UploadFile

from services.dispatcher.api.multipart import claimed, file_name, form, reason_of, sent_file
from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.cases.access import require_sight
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import disclosure
from services.dispatcher.evidence import attachments
from services.dispatcher.evidence.attachments import Attachment, Doubtful, find_shown
from services.dispatcher.evidence.storage import CHUNK_BYTES, Storage
from services.dispatcher.handlers.uploads import File, Uploads
from shared.contract.disclosure import Sight, shown
from shared.contract.refusals import Refusal
from shared.contract.roles import Role
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.access_records import Access, AccessRecords
from shared.storage.database import Database
from shared.time.instants import instant_of
from shared.time.instants import shown as written
from shared.web.access_records import Why
from shared.web.paging import Page, PagingQuery
from shared.web.problems import Problem, documented
from shared.web.routes import Routes
from shared.web.scope import Caller

AT_ONCE_BYTES = 20 * 1024 * 1024
"""The largest file that is taken in one go; a larger one comes resumably."""


def router(
    mutations: CaseMutations,
    units: UnitsOfWork[CaseUnitOfWork],
    records: AccessRecords,
    storage: Storage,
    uploads: Uploads,
) -> Routes:
    routes = Routes(tags=["attachments"])
    _add_sending(routes, mutations, units.database, storage, uploads)
    _add_listing(routes, units.database)
    _add_reading(routes, units, records, storage)
    return routes


def _add_sending(
    routes: Routes, mutations: CaseMutations, database: Database, storage: Storage, uploads: Uploads
) -> None:
    @routes.post(
        "/v1/cases/{case_id}/attachments",
        response_model=Attachment,
        openapi_extra=form(
            taken_at="the device's time, with its offset", reason="why it is evidence, should its content leave doubts"
        ),
        responses={415: documented("Doubtful by its content; it is kept as the upload `upload_id` for a person")},
    )
    async def attach(
        case_id: UUID,
        request: Request,
        caller: Caller,
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        """A photograph, video, recording or scan of up to 20 MiB. Sent twice it is kept once."""
        too_large = attachments.too_large(AT_ONCE_BYTES)
        async with sent_file(request, AT_ONCE_BYTES, too_large, fields=("taken_at", "reason")) as (sent, fields):
            file = File(
                name=file_name(sent.filename),
                declared=sent.content_type,
                claimed_at=claimed(fields.get("taken_at")),
                reason=reason_of(fields.get("reason"), caller),
            )
            stored = await attachments.store(storage, _chunks(sent), file.declared, AT_ONCE_BYTES)
        told = " ".join(str(one) for one in (file.claimed_at, file.reason) if one is not None)
        content = f"{case_id} {file.name} {stored.sha256} {told}".rstrip().encode()

        async def change(work: CaseUnitOfWork) -> Attachment:
            added = await attachments.add(work, case_id, caller, stored, file.name, file.claimed_at, file.reason)
            return shown(added, Sight.OWN if caller.role is Role.ENTERPRISE else Sight.WHOLE, disclosure.TABLE)

        try:
            _, answer = await mutations.once(caller, idempotency_key, content, change)
        except Doubtful as doubtful:
            raise doubtful.kept_as(await uploads.keep_doubtful(caller, case_id, stored, file)) from None
        except Refusal:
            await storage.delete(stored.key)
            raise
        if not await attachments.is_kept(database, stored.key):  # the same bytes lie there already
            await storage.delete(stored.key)
        return Response(answer, media_type="application/json")


def _add_listing(routes: Routes, database: Database) -> None:
    @routes.get("/v1/cases/{case_id}/attachments")
    async def list_attachments(case_id: UUID, paging: PagingQuery, caller: Caller) -> Page[Attachment]:
        """The attachments of a case, in the order in which they came."""
        after = paging.after_as(instant_of, UUID) if paging.after else None
        async with database.transaction() as connection:
            seen = await require_sight(connection, case_id, caller)
            roles = disclosure.roles_of_files(seen.sight, seen.state)
            rows = await attachments.list_of(connection, case_id, roles, after=after, limit=paging.limit + 1)
        return paging.page(
            [shown(Attachment.model_validate(row), seen.sight, disclosure.TABLE) for row in rows],
            [(written(row.added_at), str(row.attachment_id)) for row in rows],
        )


def _add_reading(routes: Routes, units: UnitsOfWork[CaseUnitOfWork], records: AccessRecords, storage: Storage) -> None:
    @routes.get("/v1/attachments/{attachment_id}", response_class=StreamingResponse)
    async def read_attachment(
        attachment_id: UUID,
        caller: Caller,
        if_none_match: Annotated[str | None, Header()] = None,
        range_: Annotated[str | None, Header(alias="range")] = None,
        why: Why = None,
    ) -> Response:
        """The bytes as they came. `ETag` is their SHA-256; one range may be asked for. Who reads it is kept."""
        async with units.open() as work:
            row = await find_shown(work.connection, attachment_id, caller)
            access = Access("readAttachment", str(attachment_id), row.case_id, why)
            await records.note(work.connection, caller, access, work.now)
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
