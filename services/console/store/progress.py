"""How far each partition is read, as it was measured last."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

FORGOTTEN_SECONDS = 60.0
"""A partition that nobody has measured for so long is read by nobody: its figures say nothing any more."""


class Row(NamedTuple):
    """A partition: the next offset, its end, how long what waits has waited, and the newest record read."""

    topic: str
    partition: int
    position: int
    ends_at: int
    lag_seconds: float
    last_event_at: datetime | None


_COLUMNS = ", ".join(Row._fields)
_KEEP = text(f"""
    insert into console.progress as kept ({_COLUMNS}, measured_at)
    select {_COLUMNS}, :now from jsonb_populate_recordset(null::console.progress, cast(:rows as jsonb))
     order by topic, partition
    on conflict (topic, partition) do update
       set position = excluded.position, ends_at = excluded.ends_at, lag_seconds = excluded.lag_seconds,
           last_event_at = coalesce(excluded.last_event_at, kept.last_event_at), measured_at = excluded.measured_at
""")
_READ = text(f"select {_COLUMNS}, measured_at from console.progress order by topic, partition")
_LAG = text("select max(lag_seconds) from console.progress where measured_at > :since")


async def keep(connection: AsyncConnection, rows: Sequence[Row], now: datetime) -> None:
    if rows:
        await connection.execute(_KEEP, {"rows": to_json([row._asdict() for row in rows]).decode(), "now": now})


async def lag_seconds(connection: AsyncConnection, now: datetime) -> float | None:
    """How long what waits longest has waited, by the host's clock; None where nobody has measured it lately."""
    lag: float | None = await connection.scalar(_LAG, {"since": now - timedelta(seconds=FORGOTTEN_SECONDS)})
    return lag


async def listed(connection: AsyncConnection) -> Sequence[tuple[Row, datetime]]:
    """Every partition, and when it was measured."""
    rows = await connection.execute(_READ)
    return [(Row(*row[:-1]), row.measured_at) for row in rows]
