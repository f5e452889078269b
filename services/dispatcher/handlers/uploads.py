"""Uploads that come in parts: each part is stored before it is known, so that what is known is never lost.

A part that a crash left behind unknown is harmless: nothing names it. No storage is touched inside a transaction.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Row, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.store import lock
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import CLOSED
from services.dispatcher.evidence import attachments
from services.dispatcher.evidence.storage import Storage
from shared.contract.events import Actor
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, NotFound, Refusal, Unavailable
from shared.messaging.unit_of_work import UnitsOfWork
from shared.storage.database import Database
from shared.time.clock import Clock

MOST_BYTES = 500 * 1024 * 1024
LIFE = timedelta(days=7)
_SWEPT = 50


@dataclass(frozen=True)
class Progress:
    length: int
    offset: int
    attachment_id: UUID | None


class Uploads:
    """Uploads of everybody; each is continued by whoever began it."""

    def __init__(
        self, *, database: Database, storage: Storage, units: UnitsOfWork[CaseUnitOfWork], clock: Clock
    ) -> None:
        self._database, self._storage, self._units, self._clock = database, storage, units, clock

    async def create(
        self,
        caller: Principal,
        case_id: UUID,
        length: int,
        name: str,
        declared: str | None,
        claimed_at: datetime | None,
    ) -> tuple[UUID, str]:
        """Begin an upload; return its number and when it expires. Raises NotFound, 409 as `attachments.open_to`."""
        upload_id, expires_at = uuid4(), self._clock.now() + LIFE

        async with self._units.open() as work:
            case = await attachments.open_to(work, case_id, caller)
            await work.connection.execute(
                insert(tables.uploads).values(
                    upload_id=upload_id,
                    case_id=case_id,
                    enterprise_code=case.enterprise_code,
                    length=length,
                    name=name,
                    declared_type=declared,
                    claimed_at=claimed_at,
                    created_by=caller.subject,
                    created_role=caller.role,
                    created_at=work.now,
                    expires_at=expires_at,
                )
            )
        return upload_id, format_datetime(expires_at, usegmt=True)

    async def progress(self, caller: Principal, upload_id: UUID) -> Progress:
        """How far an upload has come. Raises NotFound for one that is not the caller's, or is no more."""
        async with self._database.transaction() as connection:
            upload = await _own(connection, caller, upload_id)
            return Progress(upload.length, await _offset(connection, upload_id), upload.attachment_id)

    async def append(self, caller: Principal, upload_id: UUID, offset: int, content: AsyncIterator[bytes]) -> Progress:
        """Keep what comes, be it all or not, and finish the upload with its last byte.

        Raises Conflict where `offset` is not how far it came, and what `attachments.store` raises of the whole.
        """
        at = await self.progress(caller, upload_id)
        if offset != at.offset:
            raise WrongOffset(at.offset)
        came = await self.keep_part(upload_id, offset, content, at.length)
        if came is None:
            raise WrongOffset((await self.progress(caller, upload_id)).offset)
        if offset + came == at.length:
            await self.finish(upload_id)
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
        kept = 0
        if came:
            async with self._database.transaction() as connection:
                new = upsert(tables.upload_parts).values(upload_id=upload_id, start=offset, length=came, key=key)
                kept = (await connection.execute(new.on_conflict_do_nothing())).rowcount
        if not kept:
            await self._storage.delete(key)
        return came if kept or not came else None

    async def finish(self, upload_id: UUID) -> None:
        """Put the parts together, look at the whole, and make it an attachment; a refused one is dropped."""
        async with self._database.transaction() as connection:
            upload = (
                await connection.execute(select(tables.uploads).where(tables.uploads.c.upload_id == upload_id))
            ).one()
            keys = await _keys(connection, [upload_id])
        if upload.attachment_id is not None:
            return
        try:
            stored = await attachments.store(self._storage, self._joined(keys), upload.declared_type, MOST_BYTES)
        except Unavailable:
            raise
        except Refusal:
            await self._drop([upload_id])
            raise

        try:
            await self._attach(upload, stored)
        except Refusal:
            await self._drop([upload_id])
            await self._storage.delete(stored.key)
            raise
        for key in keys:
            await self._storage.delete(key)
        async with self._database.transaction() as connection:
            await connection.execute(delete(tables.upload_parts).where(tables.upload_parts.c.key.in_(keys)))

    async def _attach(self, upload: Row[Any], stored: attachments.Stored) -> None:
        """Make the joined bytes an attachment of the case. Raises Conflict where that was closed meanwhile."""
        async with self._units.open() as work:
            case = await lock(work, upload.case_id)
            assert case is not None  # noqa: S101  no case is ever deleted
            if case.state in CLOSED:
                raise Conflict("case-closed", "It was closed before the file was whole.", title="The case is closed")
            actor = Actor(role=upload.created_role, subject=upload.created_by)
            kept = await attachments.keep(work, case, actor, stored, upload.name, upload.claimed_at)
            await work.connection.execute(
                update(tables.uploads)
                .where(tables.uploads.c.upload_id == upload.upload_id)
                .values(attachment_id=kept.attachment_id)
            )

    async def terminate(self, caller: Principal, upload_id: UUID) -> None:
        at = await self.progress(caller, upload_id)
        if at.attachment_id is not None:
            raise Conflict("upload-finished", "It is an attachment now, and attachments stay.", title="Finished")
        await self._drop([upload_id])

    async def sweep(self) -> int:
        """Finish what is whole and was not finished, drop what expired; return how many."""
        uploads, parts = tables.uploads.c, tables.upload_parts.c
        came = select(func.coalesce(func.sum(parts.length), 0)).where(parts.upload_id == uploads.upload_id)
        async with self._database.transaction() as connection:
            rows = (
                await connection.execute(
                    select(uploads.upload_id, uploads.expires_at)
                    .where(
                        uploads.attachment_id.is_(None),
                        or_(
                            uploads.expires_at <= self._clock.now(),
                            came.scalar_subquery() == uploads.length,
                        ),
                    )
                    .limit(_SWEPT)
                )
            ).all()
        for row in rows:
            if row.expires_at <= self._clock.now():
                await self._drop([row.upload_id])
                continue
            try:
                await self.finish(row.upload_id)
            except Unavailable:
                return 0
            except Refusal:
                continue
        return len(rows)

    async def _joined(self, keys: list[str]) -> AsyncIterator[bytes]:
        for key in keys:
            async for chunk in self._storage.read(key):
                yield chunk

    async def _drop(self, upload_ids: list[UUID]) -> None:
        async with self._database.transaction() as connection:
            keys = await _keys(connection, upload_ids)
            await connection.execute(delete(tables.uploads).where(tables.uploads.c.upload_id.in_(upload_ids)))
            await connection.execute(delete(tables.upload_parts).where(tables.upload_parts.c.upload_id.in_(upload_ids)))
        for key in keys:
            await self._storage.delete(key)


async def _own(connection: AsyncConnection, caller: Principal, upload_id: UUID) -> Row[Any]:
    uploads = tables.uploads.c
    found: Row[Any] | None = (
        await connection.execute(
            select(tables.uploads).where(
                uploads.upload_id == upload_id,
                uploads.created_by == caller.subject,
                uploads.created_role == caller.role,
            )
        )
    ).one_or_none()
    if found is None:
        raise NotFound("upload", upload_id)
    return found


async def _offset(connection: AsyncConnection, upload_id: UUID) -> int:
    parts = tables.upload_parts.c
    came = await connection.scalar(select(func.sum(parts.length)).where(parts.upload_id == upload_id))
    if came is not None:
        return int(came)
    done = await connection.scalar(
        select(tables.uploads.c.length).where(
            tables.uploads.c.upload_id == upload_id, tables.uploads.c.attachment_id.is_not(None)
        )
    )
    return done or 0


async def _keys(connection: AsyncConnection, upload_ids: list[UUID]) -> list[str]:
    """Where the parts of uploads lie in the storage, in the order of the bytes."""
    parts = tables.upload_parts.c
    return list(
        await connection.scalars(
            select(parts.key).where(parts.upload_id.in_(upload_ids)).order_by(parts.upload_id, parts.start)
        )
    )


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
