"""The storage of attachments: a directory, or any S3-compatible server, through obstore."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from shared.contract.refusals import Unavailable

if TYPE_CHECKING:
    from obstore import OffsetRange

CHUNK_BYTES = 1024 * 1024
_PART_BYTES = 8 * 1024 * 1024  # of a multipart upload to S3, whose least is 5 MiB


class Storage:
    """Objects by key, written once and whole. Memory stays at a few parts, however large a file is.

    What the store cannot do just now is a Unavailable: nothing was applied, and trying again is right.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def opened(cls, url: str | None, directory: Path) -> "Storage":
        """`s3://bucket/prefix`, with the usual `AWS_…` variables for keys, region and endpoint; else the directory."""
        if url is None:
            return cls(LocalStore(directory.absolute(), mkdir=True))
        if urlsplit(url).scheme == "file":
            return cls(LocalStore(Path(urlsplit(url).path), mkdir=True))
        return cls(from_url(url))

    async def write(self, key: str, content: AsyncIterator[bytes]) -> None:
        """Store `content` under a key; nothing is stored when it raises."""
        try:
            await obstore.put_async(self._store, key, content, chunk_size=_PART_BYTES, max_concurrency=2)
        except BaseError as error:
            raise _unavailable(error) from error

    async def read(self, key: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, not including, `end`. Raises Unavailable when there is no such object."""
        wanted: tuple[int, int] | OffsetRange = {"offset": start} if end is None else (start, end)
        try:
            found = await obstore.get_async(self._store, key, options={"range": wanted})
            async for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                yield bytes(chunk)
        except BaseError as error:
            raise _unavailable(error) from error

    async def delete(self, key: str) -> None:
        """Delete an object; one that is not there is deleted already."""
        try:
            await obstore.delete_async(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return
        except BaseError as error:
            raise _unavailable(error) from error


def _unavailable(error: Exception) -> Unavailable:
    return Unavailable(
        "storage-unavailable",
        f"Nothing was applied; try again. ({type(error).__name__})",
        title="The attachments' storage does not answer",
        retry_after_seconds=5,
    )
