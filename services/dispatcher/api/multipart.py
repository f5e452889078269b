"""Files that callers send: one part of multipart/form-data, bounded while it arrives."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.types import Message

from shared.web.problems import Problem

_ENVELOPE = 64 * 1024  # what multipart writes around the file
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
"""How a route that takes such a file is documented."""


@asynccontextmanager
async def sent_file(
    request: Request, limit: int, too_large: Problem
) -> AsyncIterator[tuple[UploadFile, dict[str, str]]]:
    """The part `file` and the text fields beside it, as long as the block lasts; a large file lies on disk meanwhile.

    Raises `too_large` as soon as more than `limit` bytes have come, Problem 422 where there is no file.
    """
    come = 0

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
            raise Problem(422, "no-file", "No file", "Send the file as the part `file` of multipart/form-data.")
        if (file.size or 0) > limit:
            raise too_large
        yield file, {name: value for name, value in form.items() if isinstance(value, str)}
