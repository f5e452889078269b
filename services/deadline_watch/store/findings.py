"""What the auditor found amiss and nobody has mended yet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables


async def replace(
    connection: AsyncConnection, found: Mapping[str, Sequence[str]], now: datetime
) -> list[tuple[str, str]]:
    """Store the subjects of each finding in place of those before, and return what is new."""
    pairs = [(finding, subject) for finding, subjects in found.items() for subject in subjects]
    values = {"finding": [one for one, _ in pairs], "subject": [one for _, one in pairs], "now": now}
    rows = await connection.execute(
        text("""
            insert into watch.findings (finding, subject, first_seen_at, last_seen_at)
            select finding, subject, :now, :now
              from unnest(cast(:finding as text[]), cast(:subject as text[])) as seen (finding, subject)
             order by finding, subject
            on conflict (finding, subject) do update set last_seen_at = excluded.last_seen_at
            returning finding, subject, xmax = 0 as is_new
        """),
        values,
    )
    new = [(row.finding, row.subject) for row in rows if row.is_new]
    await connection.execute(text("delete from watch.findings where last_seen_at < :now"), {"now": now})
    return new


async def list_findings(
    connection: AsyncConnection, after: tuple[Any, ...] | None, *, limit: int
) -> Sequence[Row[Any]]:
    """Findings by kind and subject, from the one after `after` on."""
    key = tuple_(tables.findings.c.finding, tables.findings.c.subject)
    rows = await connection.execute(
        select(tables.findings).where(true() if after is None else key > after).order_by(key).limit(limit)
    )
    return rows.all()
