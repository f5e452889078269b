"""Uploads that come in parts: each part is stored before it is known, so that what is known is never lost.

A part that a crash left behind unknown is harmless: nothing names it. No storage is touched inside a transaction.
A whole file that is doubtful evidence is not thrown away: it waits for a person who takes it with a reason.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Row

from services.dispatcher import tables
from services.dispatcher.cases.store import lock
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import CLOSED
from services.dispatcher.evidence import attachments, uploads
from services.dispatcher.evidence.attachments import Attachment, Doubtful, Stored
from services.dispatcher.evidence.media_types import refused_unseen
from services.dispatcher.evidence.storage import Storage
from shared.contract.events import Actor
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, NotFound, Refusal, Unavailable
from shared.evidence.domain.facts import act, case_chain
from shared.evidence.domain.records import Fact
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.access_records import Access, AccessRecords
from shared.storage.database import Database
from shared.time.clock import Clock

MOST_BYTES = 500 * 1024 * 1024
LIFE = timedelta(days=7)
BEGUN, DOUBTED, DROPPED = (f"cn.tricolor.upload.{step}.v1" for step in ("begun", "doubted", "dropped"))
_KEPT = frozenset(
    {"upload_id", "length", "name", "declared_type", "claimed_at", "reason", "created_by", "created_role", "created_at"}
    | {"found_type", "sha256"}
)
DOUBTFUL_LIFE = timedelta(days=90)
"""How long a doubtful file waits for a person: a case is long decided by then."""


@dataclass(frozen=True)
class Progress:
    length: int
    offset: int
    attachment_id: UUID | None


@dataclass(frozen=True)
class File:
    """What a sender says of a file. `reason`: why it is evidence, should its content leave doubts."""

    name: str
    declared: str | None
    claimed_at: datetime | None
    reason: str | None = None


@dataclass(frozen=True)
class _Why:
    """Who says, and why, that a doubtful file is taken."""

    by: Principal
    reason: str | None


class Uploads:
    """Uploads of everybody; each is continued by whoever began it."""

    def __init__(
        self, *, database: Database, storage: Storage, units: UnitsOfWork[CaseUnitOfWork], clock: Clock
    ) -> None:
        self._database, self._storage, self._units, self._clock = database, storage, units, clock
        self._records = AccessRecords(tables.access_records)

    async def create(self, caller: Principal, case_id: UUID, length: int, file: File) -> tuple[UUID, str]:
        """Begin an upload; return its number and when it expires.

        Raises NotFound and 409 as `attachments.open_to`, Doubtful for what is no evidence by what it is said to be.
        """
        if file.reason is None and (doubt := refused_unseen(file.declared, file.name)):
            raise Doubtful(doubt)
        upload_id, expires_at = uuid4(), self._clock.now() + LIFE
        async with self._units.open(caller) as work:
            case = await attachments.open_to(work, case_id, caller)
            row = _row(upload_id, caller, file, work.now, length) | {"enterprise_code": case.enterprise_code}
            await uploads.add(work.connection, row | {"case_id": case_id, "expires_at": expires_at})
            work.record(_fact(BEGUN, row, case_id))
        return upload_id, format_datetime(expires_at, usegmt=True)

    async def progress(self, caller: Principal, upload_id: UUID) -> Progress:
        """How far an upload has come. Raises NotFound for one that is not the caller's, or is no more."""
        async with self._database.transaction() as connection:
            upload = await uploads.find_own(connection, caller, upload_id)
            return Progress(upload.length, await uploads.offset(connection, upload), upload.attachment_id)

    async def append(self, caller: Principal, upload_id: UUID, offset: int, content: AsyncIterator[bytes]) -> Progress:
        """Keep what comes, be it all or not, and finish the upload with its last byte.

        Raises Conflict where `offset` is not how far it came, and what `finish` raises of the whole.
        """
        at = await self.progress(caller, upload_id)
        if offset != at.offset:
            raise WrongOffset(at.offset)
        came = await self.keep_part(upload_id, offset, content, at.length)
        if came is None:
            raise WrongOffset((await self.progress(caller, upload_id)).offset)
        if offset + came == at.length:
            await self._finish(upload_id, None, caller)
        return await self.progress(caller, upload_id)

    async def keep_part(self, upload_id: UUID, offset: int, content: AsyncIterator[bytes], length: int) -> int | None:
        """Keep the bytes from `offset` on that come; return how many, or None where others were first."""
        key, came = f"uploads/{upload_id}/{offset}-{uuid4()}", 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal came
            async for chunk in content:
                if offset + came + len(chunk) > length:
                    raise attachments.too_large(length)
                came += len(chunk)
                yield chunk

        await self._storage.write(key, counted())
        kept = False
        if came:
            async with self._database.transaction() as connection:
                kept = await uploads.add_part(connection, upload_id, offset, came, key)
        if not kept:
            await self._storage.delete(key)
        return came if kept or not came else None

    async def finish(self, upload_id: UUID) -> None:
        """Put the parts together, judge the whole, and make it an attachment. What is refused for good is dropped.

        Raises Doubtful for what a person has to look at; it stays for that.
        """
        await self._finish(upload_id, None)

    async def overrule(self, caller: Principal, upload_id: UUID, reason: str) -> Attachment:
        """Take a doubtful file as evidence, for a reason that is kept with it.

        Raises NotFound and 409 as `attachments.open_to`, Conflict where nothing is doubtful.
        """
        async with self._units.open() as work:
            upload = await self._within_reach(work, caller, upload_id)
            if upload.attachment_id is not None or upload.found_type is None:
                raise Conflict("upload-not-doubtful", "Nothing about this file waits for a person.", title="No doubt")
        await self._finish(upload_id, _Why(caller, reason), caller)
        async with self._database.transaction() as connection:
            upload = await uploads.find(connection, upload_id)
            return Attachment.model_validate(await attachments.find(connection, upload.attachment_id))

    async def keep_doubtful(self, caller: Principal, case_id: UUID, stored: Stored, file: File) -> UUID:
        """Keep doubtful bytes that came in one go as an upload that waits for a person; the same ones once."""
        upload_id = uuid5(case_id, f"{caller.role}:{caller.subject}:{stored.sha256}")
        async with self._units.open(caller) as work:
            case = await attachments.open_to(work, case_id, caller)
            row = _row(upload_id, caller, file, work.now, stored.size) | {
                "case_id": case_id,
                "enterprise_code": case.enterprise_code,
                "expires_at": work.now + DOUBTFUL_LIFE,
                "found_type": stored.media_type,
            }
            new = await uploads.add(work.connection, row)
            if new:
                await uploads.add_part(work.connection, upload_id, 0, stored.size, stored.key)
                work.record(_fact(DOUBTED, row | {"sha256": stored.sha256}, case_id))
        if not new:
            await self._storage.delete(stored.key)
        return upload_id

    async def content(
        self, caller: Principal, upload_id: UUID, why: str | None
    ) -> tuple[Row[Any], AsyncIterator[bytes]]:
        """A doubtful file as it came, for whoever decides on it; that they read it is kept. Raises NotFound."""
        async with self._units.open() as work:
            upload = await self._within_reach(work, caller, upload_id)
            where = await uploads.keys(work.connection, upload_id)
            access = Access("readUploadContent", str(upload_id), upload.case_id, why)
            await self._records.note(work.connection, caller, access, work.now)
        if upload.found_type is None or not where:
            raise NotFound("upload", upload_id)
        return upload, self._joined(where)

    async def terminate(self, caller: Principal, upload_id: UUID) -> None:
        at = await self.progress(caller, upload_id)
        if at.attachment_id is not None:
            raise Conflict("upload-finished", "It is an attachment now, and attachments stay.", title="Finished")
        await self._drop(upload_id, caller)

    async def sweep(self) -> int:
        """Finish what is whole and was not finished, drop what expired; return how many."""
        async with self._database.transaction() as connection:
            rows = await uploads.to_sweep(connection, self._clock.now())
        for row in rows:
            if row.expires_at <= self._clock.now():
                await self._drop(row.upload_id)
                continue
            try:
                await self.finish(row.upload_id)
            except Unavailable:
                return 0
            except Refusal:
                continue
        return len(rows)

    async def _within_reach(self, work: CaseUnitOfWork, caller: Principal, upload_id: UUID) -> Row[Any]:
        """The row of an upload to an open case that the caller may change. Raises NotFound, 409."""
        upload = await uploads.find(work.connection, upload_id)
        try:
            await attachments.open_to(work, upload.case_id, caller)
        except NotFound as refusal:
            raise NotFound("upload", upload_id) from refusal
        return upload

    async def _finish(self, upload_id: UUID, why: _Why | None, caller: Principal | None = None) -> None:
        async with self._database.transaction() as connection:
            upload = await uploads.find(connection, upload_id)
            keys = await uploads.keys(connection, upload_id)
        if upload.attachment_id is not None:
            return
        stored: Stored | None = None
        try:
            stored = await attachments.store(self._storage, self._joined(keys), upload.declared_type, MOST_BYTES)
            await self._attach(upload, stored, why, caller)
        except Unavailable:
            raise
        except Doubtful as doubtful:
            assert stored is not None  # noqa: S101  storing raises no doubts
            async with self._units.open(caller) as work:
                await uploads.doubted(work.connection, upload_id, stored.media_type, work.now + DOUBTFUL_LIFE)
                work.record(_fact(DOUBTED, {**upload._asdict(), "sha256": stored.sha256}, upload.case_id))
            await self._storage.delete(stored.key)
            raise doubtful.kept_as(upload_id) from None
        except Refusal:
            await self._drop(upload_id, caller)
            if stored is not None:
                await self._storage.delete(stored.key)
            raise
        if not await attachments.is_kept(self._database, stored.key):  # the same bytes lie there already
            await self._storage.delete(stored.key)
        async with self._database.transaction() as connection:
            await uploads.drop_parts(connection, keys)
        for key in keys:
            await self._storage.delete(key)

    async def _attach(self, upload: Row[Any], stored: Stored, why: _Why | None, caller: Principal | None) -> None:
        """Make the joined bytes an attachment of the case. Raises Conflict where that was closed meanwhile."""
        async with self._units.open(caller) as work:
            case = await lock(work, upload.case_id)
            assert case is not None  # noqa: S101  no case is ever deleted
            if case.state in CLOSED:
                raise Conflict("case-closed", "It was closed before the file was whole.", title="The case is closed")
            actor = Actor(role=upload.created_role, subject=upload.created_by)
            by, reason = (why.by.actor, why.reason) if why else (actor, upload.reason)
            overruling = await attachments.overruled(work, case, stored, by, reason)
            kept = await attachments.keep(work, case, actor, stored, upload.name, upload.claimed_at, overruling)
            await uploads.became(work, upload.upload_id, kept.attachment_id)

    async def _joined(self, keys: list[str]) -> AsyncIterator[bytes]:
        for key in keys:
            async for chunk in self._storage.read(key):
                yield chunk

    async def _drop(self, upload_id: UUID, caller: Principal | None = None) -> None:
        async with self._units.open(caller) as work:
            upload, keys = await uploads.drop(work.connection, upload_id)
            if upload is not None:
                work.record(_fact(DROPPED, upload._asdict(), upload.case_id))
        for key in keys:
            await self._storage.delete(key)


def _row(upload_id: UUID, caller: Principal, file: File, now: datetime, length: int) -> dict[str, Any]:
    return {
        "upload_id": upload_id,
        "length": length,
        "name": file.name,
        "declared_type": file.declared,
        "claimed_at": file.claimed_at,
        "reason": file.reason,
        "created_by": caller.subject,
        "created_role": caller.role,
        "created_at": now,
    }


def _fact(type_: str, upload: Mapping[str, Any], case_id: UUID) -> Fact:
    """What is kept as evidence of a file that is no attachment: that it was begun, is doubtful, or was dropped."""
    said = {name: value for name, value in upload.items() if name in _KEPT}
    return act(type_, case_chain(case_id), said, enterprise=upload["enterprise_code"])


class WrongOffset(Conflict):
    """The bytes do not begin where the upload has come to."""

    def __init__(self, offset: int) -> None:
        super().__init__(
            "upload-offset",
            f"Upload-Offset: it came to {offset}; ask with HEAD and go on from there.",
            title="Not where the upload stands",
            offset=offset,
        )
        self.offset = offset
