"""Enterprises and stations where they are, with how their open cases stand."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

MOST = 5_000
# Where master data have no position, its cases may: of the outlet, or as the enterprise gave it.
_ENTERPRISES = text(f"""
    with standing as (
      select t.enterprise_code as code, max(t.enterprise_name) as name, max(t.station) as station,
             count(*) as open, count(*) filter (where t.overdue) as overdue,
             count(*) filter (where t.level = 'red') as red, count(*) filter (where t.level = 'yellow') as yellow,
             min(t.due_at) as due_at,
             max((t.position ->> 'longitude')::float8) as longitude,
             max((t.position ->> 'latitude')::float8) as latitude
        from console.cases t
       where t.closed_at is null and t.kind is not null
         and (cast(:station as text) is null or t.station = :station)
       group by t.enterprise_code
    )
    select coalesce(e.code, s.code) as code, coalesce(e.name, s.name) as name,
           coalesce(e.station, s.station) as station,
           coalesce(e.longitude, s.longitude) as longitude, coalesce(e.latitude, s.latitude) as latitude,
           coalesce(s.open, 0) as open, coalesce(s.overdue, 0) as overdue,
           coalesce(s.red, 0) as red, coalesce(s.yellow, 0) as yellow, s.due_at
      from standing s full join console.enterprises e on e.code = s.code
     where coalesce(e.longitude, s.longitude) is not null and coalesce(e.latitude, s.latitude) is not null
       and (:everyone or s.code is not null)
       and (cast(:station as text) is null or coalesce(e.station, s.station) = :station)
     order by coalesce(s.overdue, 0) desc, coalesce(s.open, 0) desc, code limit {MOST}
""")
_STATIONS = text("""
    select code, name, longitude, latitude from console.stations
     where longitude is not null and latitude is not null
       and (cast(:station as text) is null or code = :station)
     order by code
""")


async def enterprises(connection: AsyncConnection, station: str | None, *, everyone: bool) -> Sequence[Row[Any]]:
    """Those with open cases, or `everyone` whose position is known; what is overdue first."""
    return (await connection.execute(_ENTERPRISES, {"station": station, "everyone": everyone})).all()


async def stations(connection: AsyncConnection, station: str | None) -> Sequence[Row[Any]]:
    return (await connection.execute(_STATIONS, {"station": station})).all()
