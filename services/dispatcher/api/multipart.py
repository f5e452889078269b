"""Files that callers send: one part of multipart/form-data, bounded while it arrives."""

import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request
from pydantic import TypeAdapter, ValidationError
from starlette.datastructures import UploadFile
from starlette.types import Message

from services.dispatcher.domain.fields import ClaimedTime, Words
from shared.contract.principal import Principal
from shared.contract.refusals import Invalid, NotAllowed, TooLarge
from shared.contract.roles import Role

_ENVELOPE = 64 * 1024  # what multipart writes around the file


def form(**texts: str) -> dict[str, Any]:
    """How a route that takes such a file is documented: `texts` are the descriptions of the text fields beside it."""
    fields = {name: {"type": "string", "description": text} for name, text in texts.items()}
    schema = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}} | fields,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@asynccontextmanager
async def sent_file(
    request: Request, limit: int, too_large: TooLarge, *, fields: Collection[str] = ()
) -> AsyncIterator[tuple[UploadFile, dict[str, str]]]:
    """The part `file` and the text `fields` beside it, as long as the block lasts; a large file lies on disk meanwhile.

    Raises `too_large` as soon as more than `limit` bytes have come, Invalid where there is no file or an unknown field.
    """
    come = 0
    if int(request.headers.get("content-length", 0)) > limit + _ENVELOPE:  # told before the bytes are sent
        raise too_large

    async def bounded() -> Message:
        nonlocal come
        message = await request.receive()
        come += len(message.get("body", b""))
        if come > limit + _ENVELOPE:
            raise too_large
        return message

    async with Request(request.scope, bounded).form(max_files=1, max_fields=10) as form:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Invalid("no-file", "Send the file as the part `file` of multipart/form-data.", title="No file")
        if (file.size or 0) > limit:
            raise too_large
        if unknown := sorted(form.keys() - {"file", *fields}):
            known = ", ".join(("file", *fields))
            raise Invalid("invalid-request", f"{', '.join(unknown)}: not known here; the parts are {known}.")
        yield file, {name: value for name, value in form.items() if isinstance(value, str)}


_NAME = re.compile(r"[\x00-\x1f\x7f-\x9f/\\\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")

_CLAIMED: TypeAdapter[ClaimedTime] = TypeAdapter(ClaimedTime)
_REASON: TypeAdapter[Words] = TypeAdapter(Words)


def file_name(given: str | None) -> str:
    """What the device called it, without any path, control character or what turns the direction of writing."""
    return _NAME.sub("_", given or "").strip(" .")[:255] or "attachment"


def claimed(taken_at: str | None) -> ClaimedTime | None:
    """The time that a device claims. Raises Invalid for what is no time with an offset."""
    if taken_at is None:
        return None
    try:
        return _CLAIMED.validate_json(f'"{taken_at}"')
    except ValidationError as invalid:
        detail = invalid.errors(include_url=False)[0]["msg"]
        raise Invalid("invalid-request", f"taken_at: {detail}") from invalid


def reason_of(given: str | None, caller: Principal) -> str | None:
    """Why a file is evidence, should its content leave doubts.

    Raises Invalid for one that is blank, NotAllowed for one of an enterprise: of its files the bureau says so.
    """
    if given is None:
        return None
    if caller.role is Role.ENTERPRISE:
        raise NotAllowed("reason: of a doubtful file the bureau's people say whether it is taken.")
    try:
        return _REASON.validate_python(given)
    except ValidationError as invalid:
        detail = invalid.errors(include_url=False)[0]["msg"]
        raise Invalid("invalid-request", f"reason: {detail}") from invalid
