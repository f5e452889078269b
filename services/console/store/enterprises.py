"""The enterprises that events are about: locked, so that what is written of one is written by one at a time."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

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
    update console.alerts a set station = e.station
      from console.enterprises e
     where e.code = a.enterprise_code and e.code = any(cast(:codes as text[])) and a.station is distinct from e.station
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


async def follow_stations(connection: AsyncConnection, codes: Collection[str]) -> None:
    """Have the alerts of these enterprises belong to the stations that are in charge of them now."""
    await connection.execute(_FOLLOW, {"codes": sorted(codes)})
