"""Who of the ladder is away: a rung that would reach nobody reaches the next level up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.deadline_watch import tables


@dataclass(frozen=True)
class Away:
    """The roles away at one instant, each with its station where it has one."""

    away: Sequence[tuple[str, str | None]]

    def roles_at(self, station: str | None) -> Collection[str]:
        """The roles of the ladder that are away as seen from `station`."""
        return {role for role, at in self.away if at is None or at == station}


async def at(connection: AsyncConnection, now: datetime) -> Away:
    """Who is away at `now`."""
    absences = tables.absences.c
    rows = await connection.execute(
        select(absences.role, absences.station).where(absences.since <= now, absences.until > now)
    )
    return Away([(row.role, row.station) for row in rows])
