"""The enterprises that events are about: locked, so that what is written of one is written by one at a time."""

from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


class Known(NamedTuple):
    """What is known of an enterprise beside its code."""

    name: str | None = None
    station: str | None = None


_ADD = text("""
    insert into console.enterprises (code)
    select code from unnest(cast(:codes as text[])) as code order by code
    on conflict (code) do nothing
""")
_LOCK = text("""
    select code, name, station from console.enterprises
     where code = any(cast(:codes as text[])) order by code for no key update
""")
_READ = text("select code, name, station from console.enterprises where code = any(cast(:codes as text[]))")
_FOLLOW = text("""
    with before as (
        select a.alert_id, a.enterprise_code, a.station, e.station as now
          from console.enterprises e join console.alerts a on a.enterprise_code = e.code
         where e.code = any(cast(:codes as text[])) and a.station is distinct from e.station)
    update console.alerts a set station = before.now
      from before
     where a.alert_id = before.alert_id and a.enterprise_code = before.enterprise_code
    returning a.alert_id, before.station as before, a.station as now
""")


async def lock_enterprises(connection: AsyncConnection, codes: Collection[str]) -> None:
    """Lock their rows, in one order, until this transaction ends; those that are new are added."""
    if codes:
        asked = {"codes": sorted(codes)}
        await connection.execute(_ADD, asked)
        await connection.execute(_LOCK, asked)


async def known_enterprises(connection: AsyncConnection, codes: Collection[str]) -> Mapping[str, Known]:
    """What is known of each of them."""
    rows = await connection.execute(_READ, {"codes": sorted(codes)})
    return {row.code: Known(row.name, row.station) for row in rows}


class Moved(NamedTuple):
    """An alert that is another station's now."""

    alert_id: UUID
    before: str | None
    now: str | None


async def follow_stations(connection: AsyncConnection, codes: Collection[str]) -> list[Moved]:
    """Have the alerts of these enterprises belong to the stations in charge of them now; answer those that moved."""
    rows = await connection.execute(_FOLLOW, {"codes": sorted(codes)})
    return [Moved(*row) for row in rows]
