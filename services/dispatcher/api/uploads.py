"""Resumable uploads by the tus protocol 1.0.0 (core, creation, expiration, termination), for which apps have clients.

Behind a proxy that lets no PATCH or DELETE through, the same comes as POST with `X-HTTP-Method-Override`.

What arrived is kept, however the connection ended; the app asks with HEAD how far it came, and goes on from there.
"""

import base64
import binascii
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from services.dispatcher.api.multipart import claimed, file_name, reason_of
from services.dispatcher.evidence.attachments import too_large
from services.dispatcher.handlers.uploads import MOST_BYTES, File, Uploads, WrongOffset
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid, Unsupported
from shared.web.problems import Problem, documented, problem_of
from shared.web.routes import Routes
from shared.web.scope import Caller

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


_TUS = [Depends(_speaks_tus)]
_SPOKEN = {"Tus-Resumable": VERSION}
_ABLE = _SPOKEN | {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,expiration,termination",
    "Tus-Max-Size": str(MOST_BYTES),
}
_BYTES = {"requestBody": {"content": {_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}
_DOUBTFUL: dict[int | str, dict[str, Any]] = {
    415: documented("Doubtful by its content; it is kept for a person, who takes it with `overrule`")
}


class Metadata(BaseModel):
    """`Upload-Metadata`: what is understood of it.

    `taken_at` is the device's time, `reason` why the file is evidence, should its type or content leave doubts.
    """

    filename: str | None = None
    filetype: str | None = None
    taken_at: str | None = None
    reason: str | None = None

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


def router(uploads: Uploads) -> Routes:
    routes = Routes(tags=["attachments"])
    _add_announcing(routes, uploads)
    _add_sending(routes, _Answers(uploads))
    return routes


def _add_announcing(routes: Routes, uploads: Uploads) -> None:
    async def describe() -> Response:
        return Response(status_code=204, headers=_ABLE)

    @routes.options("/v1/cases/{case_id}/uploads", status_code=204, response_class=Response)
    async def describe_uploads(case_id: UUID) -> Response:
        """What of tus this server speaks, for a client that asks first."""
        del case_id
        return await describe()

    @routes.options("/v1/uploads/{upload_id}", status_code=204, response_class=Response)
    async def describe_upload(upload_id: UUID) -> Response:
        """The same, of an upload that was begun."""
        del upload_id
        return await describe()

    @routes.post(
        "/v1/cases/{case_id}/uploads",
        status_code=201,
        response_class=Response,
        dependencies=_TUS,
        responses={415: documented("No evidence by what `filetype` says; a `reason` beside it takes it all the same")},
    )
    async def create_upload(
        case_id: UUID,
        request: Request,
        caller: Caller,
        upload_length: Annotated[int, Header(ge=1)],
        upload_metadata: Annotated[str | None, Header(max_length=16_384)] = None,
    ) -> Response:
        """Say how long a file is and what it is called; its bytes follow, to `Location`, within seven days."""
        if upload_length > MOST_BYTES:
            raise too_large(MOST_BYTES)
        given = Metadata.read(upload_metadata)
        file = File(
            name=file_name(given.filename),
            declared=given.filetype,
            claimed_at=claimed(given.taken_at),
            reason=reason_of(given.reason, caller),
        )
        upload_id, expires = await uploads.create(caller, case_id, upload_length, file)
        location = request.url_for("read_upload", upload_id=upload_id).path
        return Response(status_code=201, headers=_SPOKEN | {"Location": location, "Upload-Expires": expires})


class _Answers:
    """What is answered of an upload, by whichever method it was asked."""

    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def progress(self, upload_id: UUID, caller: Principal) -> Response:
        upload = await self._uploads.progress(caller, upload_id)
        headers = {
            "Upload-Offset": str(upload.offset),
            "Upload-Length": str(upload.length),
            "Cache-Control": "no-store",
        }
        return Response(headers=_SPOKEN | headers | _attachment(upload.attachment_id))

    async def take(self, upload_id: UUID, request: Request, caller: Principal, offset: int | None) -> Response:
        content_type = request.headers.get("content-type", "")
        if content_type.partition(";")[0].strip().lower() != _TYPE:
            raise Unsupported("tus-content-type", f"Content-Type: it is {_TYPE}.", title="Not the bytes of an upload")
        if offset is None:
            raise Invalid("invalid-request", "Upload-Offset: say where the bytes begin.")
        try:
            upload = await self._uploads.append(caller, upload_id, offset, received(request.stream()))
        except WrongOffset as refusal:
            raise problem_of(refusal, _SPOKEN | {"Upload-Offset": str(refusal.offset)}) from refusal
        headers = _SPOKEN | {"Upload-Offset": str(upload.offset)}
        return Response(status_code=204, headers=headers | _attachment(upload.attachment_id))

    async def give_up(self, upload_id: UUID, caller: Principal) -> Response:
        await self._uploads.terminate(caller, upload_id)
        return Response(status_code=204, headers=_SPOKEN)


def _add_sending(routes: Routes, answers: _Answers) -> None:
    @routes.head("/v1/uploads/{upload_id}", name="read_upload", response_class=Response, dependencies=_TUS)
    async def read_upload(upload_id: UUID, caller: Caller) -> Response:
        """How far an upload has come."""
        return await answers.progress(upload_id, caller)

    @routes.patch(
        "/v1/uploads/{upload_id}",
        status_code=204,
        response_class=Response,
        dependencies=_TUS,
        openapi_extra=_BYTES,
        responses=_DOUBTFUL,
    )
    async def append_to_upload(
        upload_id: UUID,
        request: Request,
        caller: Caller,
        upload_offset: Annotated[int, Header(ge=0)],
    ) -> Response:
        """The bytes from `Upload-Offset` on. With the last of them the file is judged and becomes an attachment."""
        return await answers.take(upload_id, request, caller, upload_offset)

    @routes.delete("/v1/uploads/{upload_id}", status_code=204, response_class=Response, dependencies=_TUS)
    async def terminate_upload(upload_id: UUID, caller: Caller) -> Response:
        """Give an unfinished upload up. What has become an attachment stays."""
        return await answers.give_up(upload_id, caller)

    @routes.post(
        "/v1/uploads/{upload_id}",
        status_code=204,
        response_class=Response,
        dependencies=_TUS,
        openapi_extra=_BYTES,
        responses=_DOUBTFUL,
    )
    async def override_method(
        upload_id: UUID,
        request: Request,
        caller: Caller,
        x_http_method_override: Annotated[Literal["PATCH", "DELETE", "HEAD"], Header()],
        upload_offset: Annotated[int | None, Header(ge=0)] = None,
    ) -> Response:
        """PATCH, DELETE or HEAD, where a proxy lets only POST through."""
        match x_http_method_override:
            case "PATCH":
                return await answers.take(upload_id, request, caller, upload_offset)
            case "DELETE":
                return await answers.give_up(upload_id, caller)
            case "HEAD":
                return await answers.progress(upload_id, caller)


async def received(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes of a request's stream, to its end or until the connection breaks: what came is kept either way."""
    with suppress(ClientDisconnect):
        async for chunk in stream:
            yield chunk


def _attachment(attachment_id: UUID | None) -> dict[str, str]:
    return {} if attachment_id is None else {"Attachment-Id": str(attachment_id)}
