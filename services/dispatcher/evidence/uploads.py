"""Rows of uploads: files that come in parts until they are whole, and doubtful ones until a person decides on them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Role

_SWEPT = 50


async def add(connection: AsyncConnection, upload: dict[str, Any]) -> bool:
    """Insert an upload; answer False where it is there already."""
    added = await connection.execute(insert(tables.uploads).values(upload).on_conflict_do_nothing())
    return bool(added.rowcount)


async def add_part(connection: AsyncConnection, upload_id: UUID, start: int, length: int, key: str) -> bool:
    """Insert a part; answer False where another one that begins there was first."""
    new = insert(tables.upload_parts).values(upload_id=upload_id, start=start, length=length, key=key)
    return bool((await connection.execute(new.on_conflict_do_nothing())).rowcount)


async def find(connection: AsyncConnection, upload_id: UUID) -> Row[Any]:
    """The row of an upload. Raises NotFound."""
    found = await connection.execute(select(tables.uploads).where(tables.uploads.c.upload_id == upload_id))
    row: Row[Any] | None = found.one_or_none()
    if row is None:
        raise NotFound("upload", upload_id)
    return row


async def find_own(connection: AsyncConnection, caller: Principal, upload_id: UUID) -> Row[Any]:
    """The row of an upload that the caller began. Raises NotFound."""
    row = await find(connection, upload_id)
    if (row.created_by, row.created_role) != (caller.subject, caller.role):
        raise NotFound("upload", upload_id)
    return row


async def list_unfinished(
    connection: AsyncConnection,
    case_id: UUID,
    roles: Collection[Role],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The uploads by somebody of `roles` that are no attachments of the case yet, in the order they were begun."""
    uploads = tables.uploads.c
    asked = select(tables.uploads).where(
        uploads.case_id == case_id, uploads.created_role.in_(roles), uploads.attachment_id.is_(None)
    )
    if after is not None:
        asked = asked.where(tuple_(uploads.created_at, uploads.upload_id) > after)
    rows = await connection.execute(asked.order_by(uploads.created_at, uploads.upload_id).limit(limit))
    return rows.all()


async def offset(connection: AsyncConnection, upload: Row[Any]) -> int:
    """How many bytes of an upload have come."""
    parts = tables.upload_parts.c
    came = await connection.scalar(select(func.sum(parts.length)).where(parts.upload_id == upload.upload_id))
    if came is not None:
        return int(came)
    return 0 if upload.attachment_id is None else int(upload.length)


async def keys(connection: AsyncConnection, upload_id: UUID) -> list[str]:
    """Where the parts of an upload lie in the storage, in the order of the bytes."""
    parts = tables.upload_parts.c
    return list(await connection.scalars(select(parts.key).where(parts.upload_id == upload_id).order_by(parts.start)))


async def doubted(connection: AsyncConnection, upload_id: UUID, found: str, expires_at: datetime) -> None:
    """Keep that a whole file was judged doubtful, and until when it waits for a person."""
    await connection.execute(
        update(tables.uploads)
        .where(tables.uploads.c.upload_id == upload_id)
        .values(found_type=found, expires_at=expires_at)
    )


async def became(work: CaseUnitOfWork, upload_id: UUID, attachment_id: UUID) -> None:
    """Keep which attachment an upload became."""
    await work.connection.execute(
        update(tables.uploads).where(tables.uploads.c.upload_id == upload_id).values(attachment_id=attachment_id)
    )


async def drop_parts(connection: AsyncConnection, keys_: Sequence[str]) -> None:
    await connection.execute(delete(tables.upload_parts).where(tables.upload_parts.c.key.in_(keys_)))


async def drop(connection: AsyncConnection, upload_id: UUID) -> tuple[Row[Any] | None, list[str]]:
    """Delete an upload and its parts; answer what it was, if it was there, and where their bytes lie."""
    where = await keys(connection, upload_id)
    gone = delete(tables.uploads).where(tables.uploads.c.upload_id == upload_id).returning(tables.uploads)
    upload: Row[Any] | None = (await connection.execute(gone)).one_or_none()
    await connection.execute(delete(tables.upload_parts).where(tables.upload_parts.c.upload_id == upload_id))
    return upload, where


async def to_sweep(connection: AsyncConnection, now: datetime) -> Sequence[Row[Any, Any]]:
    """What expired, and what is whole and was neither finished nor judged."""
    uploads, parts = tables.uploads.c, tables.upload_parts.c
    came = select(func.coalesce(func.sum(parts.length), 0)).where(parts.upload_id == uploads.upload_id)
    whole = uploads.found_type.is_(None) & (came.scalar_subquery() == uploads.length)
    rows = await connection.execute(
        select(uploads.upload_id, uploads.expires_at)
        .where(uploads.attachment_id.is_(None), or_(uploads.expires_at <= now, whole))
        .limit(_SWEPT)
    )
    return rows.all()
