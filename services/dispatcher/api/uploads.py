"""Resumable uploads by the tus protocol 1.0.0 (core, creation, expiration, termination), for which apps have clients.

What arrived is kept, however the connection ended; the app asks with HEAD how far it came, and goes on from there.
"""

import base64
import binascii
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from services.dispatcher.api.callers import Sender
from services.dispatcher.api.multipart import claimed, file_name
from services.dispatcher.handlers.uploads import MOST_BYTES, Uploads, WrongOffset
from shared.contract.refusals import Invalid, Unsupported
from shared.web.problems import Problem, problem_of

VERSION = "1.0.0"
_TYPE = "application/offset+octet-stream"


def _speaks_tus(tus_resumable: Annotated[str | None, Header()] = None) -> None:
    if tus_resumable != VERSION:
        raise Problem(
            412,
            "tus-version",
            "Another version of tus",
            f"Tus-Resumable: this server speaks {VERSION}.",
            headers={"Tus-Version": VERSION},
        )


class Metadata(BaseModel):
    """`Upload-Metadata`: `filename`, `filetype` and `taken_at` (the device's time) are understood."""

    filename: str | None = None
    filetype: str | None = None
    taken_at: str | None = None

    @classmethod
    def read(cls, header: str | None) -> "Metadata":
        """Pairs of a key and its value in Base64. Raises Invalid for what is none."""
        known: dict[str, str] = {}
        for pair in (header or "").split(","):
            key, _, value = pair.strip().partition(" ")
            try:
                known[key] = base64.b64decode(value, validate=True).decode()
            except (binascii.Error, UnicodeDecodeError) as error:
                raise Invalid("invalid-request", f"Upload-Metadata: {key} is not UTF-8 in Base64.") from error
        return cls.model_validate(known)


def router(uploads: Uploads) -> APIRouter:
    routes = APIRouter(tags=["attachments"], dependencies=[Depends(_speaks_tus)])

    @routes.post("/v1/cases/{case_id}/uploads", status_code=201, response_class=Response)
    async def create_upload(
        case_id: UUID,
        request: Request,
        caller: Sender,
        upload_length: Annotated[int, Header(ge=1, le=MOST_BYTES)],
        upload_metadata: Annotated[str | None, Header(max_length=4096)] = None,
    ) -> Response:
        """Say how long a file is and what it is called; its bytes follow, to `Location`, within seven days."""
        given = Metadata.read(upload_metadata)
        upload_id, expires = await uploads.create(
            caller, case_id, upload_length, file_name(given.filename), given.filetype, claimed(given.taken_at)
        )
        location = request.url_for("read_upload", upload_id=upload_id).path
        return Response(
            status_code=201, headers={"Tus-Resumable": VERSION, "Location": location, "Upload-Expires": expires}
        )

    @routes.head("/v1/uploads/{upload_id}", name="read_upload", response_class=Response)
    async def read_upload(upload_id: UUID, caller: Sender) -> Response:
        """How far an upload has come."""
        upload = await uploads.progress(caller, upload_id)
        headers = {
            "Tus-Resumable": VERSION,
            "Upload-Offset": str(upload.offset),
            "Upload-Length": str(upload.length),
            "Cache-Control": "no-store",
        }
        return Response(headers=headers | _attachment(upload.attachment_id))

    @routes.patch("/v1/uploads/{upload_id}", status_code=204, response_class=Response)
    async def append(
        upload_id: UUID,
        request: Request,
        caller: Sender,
        upload_offset: Annotated[int, Header(ge=0)],
        content_type: Annotated[str, Header()],
    ) -> Response:
        """The bytes from `Upload-Offset` on. With the last of them the file is checked and becomes an attachment."""
        if content_type != _TYPE:
            raise Unsupported("tus-content-type", f"Content-Type: it is {_TYPE}.", title="Not the bytes of an upload")
        try:
            upload = await uploads.append(caller, upload_id, upload_offset, received(request.stream()))
        except WrongOffset as refusal:
            raise problem_of(refusal, {"Upload-Offset": str(refusal.offset), "Tus-Resumable": VERSION}) from refusal
        headers = {"Tus-Resumable": VERSION, "Upload-Offset": str(upload.offset)}
        return Response(status_code=204, headers=headers | _attachment(upload.attachment_id))

    @routes.delete("/v1/uploads/{upload_id}", status_code=204, response_class=Response)
    async def terminate(upload_id: UUID, caller: Sender) -> Response:
        """Give an unfinished upload up. What has become an attachment stays."""
        await uploads.terminate(caller, upload_id)
        return Response(status_code=204, headers={"Tus-Resumable": VERSION})

    return routes


async def received(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes of a request's stream, to its end or until the connection breaks: what came is kept either way."""
    with suppress(ClientDisconnect):
        async for chunk in stream:
            yield chunk


def _attachment(attachment_id: UUID | None) -> dict[str, str]:
    return {} if attachment_id is None else {"Attachment-Id": str(attachment_id)}
