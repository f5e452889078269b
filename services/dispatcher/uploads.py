"""Files that callers send: one part of multipart/form-data, bounded while it arrives."""

import hashlib
from dataclasses import dataclass

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.types import Message

from shared.problems import Problem

_ENVELOPE = 64 * 1024  # what multipart writes around the file


@dataclass(frozen=True)
class Upload:
    """A file as it came."""

    name: str | None
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


async def received(request: Request, limit: int) -> Upload:
    """The part `file`. Raises Problem 413 as soon as more than `limit` bytes have come, 422 where there is no file."""
    too_large = Problem(413, "too-large", "Too large", f"The file is larger than {limit} bytes.")
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
        content = await file.read(limit + 1)
    if len(content) > limit:
        raise too_large
    return Upload(file.filename or None, content)
