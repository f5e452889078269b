"""What the auditor found, as it is read."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables


async def list_findings(
    connection: AsyncConnection, after: tuple[Any, ...] | None, *, limit: int
) -> Sequence[Row[Any]]:
    """Findings by kind and subject, from the one after `after` on."""
    key = tuple_(tables.findings.c.finding, tables.findings.c.subject)
    rows = await connection.execute(
        select(tables.findings).where(true() if after is None else key > after).order_by(key).limit(limit)
    )
    return rows.all()
