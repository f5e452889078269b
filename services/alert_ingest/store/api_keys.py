"""The API keys of platforms as they are stored: hashed, with the sources they speak for and their use."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables

_KEYS, _NONCES = tables.api_keys.c, tables.api_key_nonces.c
_SHOWN = [column for column in tables.api_keys.c if column.name not in ("digest", "signing")]


async def add(connection: AsyncConnection, values: dict[str, Any]) -> Row[Any]:
    """Store a new key and return what is shown of it."""
    row: Row[Any] = (await connection.execute(insert(tables.api_keys).values(**values).returning(*_SHOWN))).one()
    return row


async def lock(connection: AsyncConnection, key_id: UUID) -> Row[Any] | None:
    """Lock a key, until the transaction ends."""
    asked = select(*_SHOWN).where(_KEYS.key_id == key_id).with_for_update()
    row: Row[Any] | None = (await connection.execute(asked)).one_or_none()
    return row


async def change(connection: AsyncConnection, key_id: UUID, values: dict[str, Any]) -> Row[Any]:
    changed = update(tables.api_keys).where(_KEYS.key_id == key_id).values(**values).returning(*_SHOWN)
    row: Row[Any] = (await connection.execute(changed)).one()
    return row


async def find(connection: AsyncConnection, digest: bytes) -> Row[Any] | None:
    """The key with this digest, whole."""
    row: Row[Any] | None = (
        await connection.execute(select(tables.api_keys).where(_KEYS.digest == digest))
    ).one_or_none()
    return row


async def note_use(connection: AsyncConnection, key_id: UUID, now: datetime) -> None:
    await connection.execute(update(tables.api_keys).where(_KEYS.key_id == key_id).values(last_used_at=now))


async def list_keys(connection: AsyncConnection, *, after: UUID | None, limit: int) -> Sequence[Row[Any]]:
    """Every key there ever was, the latest first."""
    found = select(*_SHOWN).order_by(_KEYS.key_id.desc()).limit(limit)
    if after is not None:
        found = found.where(_KEYS.key_id < after)
    return (await connection.execute(found)).all()


async def use_nonce(connection: AsyncConnection, key_id: UUID, nonce: str, now: datetime, until: datetime) -> bool:
    """Whether this is the first use of the nonce. Those whose time is over are forgotten: their timestamps are too."""
    await connection.execute(delete(tables.api_key_nonces).where(_NONCES.key_id == key_id, _NONCES.expires_at < now))
    new = upsert(tables.api_key_nonces).values(key_id=key_id, nonce=nonce, expires_at=until)
    return bool((await connection.execute(new.on_conflict_do_nothing())).rowcount)
