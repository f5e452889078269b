"""Heartbeats: when a duty last went through everything, and what it saw. Replicas and restarts share them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import to_json
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables


class Heartbeat(NamedTuple):
    at: datetime
    detail: Mapping[str, Any]


async def beat(connection: AsyncConnection, duty: str, detail: Mapping[str, Any], now: datetime) -> None:
    """Store that `duty` went through everything at `now`, and what it saw."""
    await connection.execute(
        text("""
            insert into watch.heartbeats (duty, at, detail) values (:duty, :now, cast(:detail as jsonb))
            on conflict (duty) do update set at = excluded.at, detail = excluded.detail
        """),
        {"duty": duty, "now": now, "detail": to_json(dict(detail)).decode()},
    )


async def latest(connection: AsyncConnection, duty: str) -> Heartbeat | None:
    """The latest heartbeat of `duty`, by whichever replica; None before the first."""
    beats = tables.heartbeats.c
    row = (await connection.execute(select(beats.at, beats.detail).where(beats.duty == duty))).one_or_none()
    return None if row is None else Heartbeat(row.at, row.detail)
