"""The times that the read model was made anew, and how far the one at work has come."""

from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_LATEST = text("""
    select started_at, step, done, total, finished_at from console.rebuilds order by rebuild_id desc limit 1
""")


async def latest(connection: AsyncConnection) -> Row[Any] | None:
    row: Row[Any] | None = (await connection.execute(_LATEST)).one_or_none()
    return row
