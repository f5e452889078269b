"""What the board shows beside its lists: counts that are kept, and never made when they are asked for."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.completion import Completion
from services.console.domain.counts import NONE, Standing
from services.console.domain.states import Awaits
from services.console.store.case_list import LISTING

_SHOWN = 50
_STANDINGS = text(f"""
    select {", ".join(Standing._fields)}, cases from console.open_counts
     where cases <> 0 and (cast(:station as text) is null or station = :station)
""")
_STATIONS = text("select code, name from console.stations order by code")
_MONTH = text(f"""
    select {", ".join(f"coalesce(sum({name}), 0)::bigint as {name}" for name in Completion._fields)}
      from console.day_counts where day >= :since and (cast(:station as text) is null or station = :station)
""")


class StationCount(NamedTuple):
    """How the open cases of a station stand; `station` is empty for those that no station is in charge of."""

    station: str
    name: str | None
    open: int
    overdue: int
    red: int
    yellow: int


class Counts(NamedTuple):
    """How the open cases stand."""

    open: Counter[str]
    overdue: Counter[str]
    waiting: int
    by_station: list[StationCount]
    by_rung: Counter[str]


async def counts(connection: AsyncConnection, station: str | None) -> Counts:
    """How the open cases stand, of one station or of all."""
    rows = (await connection.execute(_STANDINGS, {"station": station})).all()
    names = {row.code: row.name for row in await connection.execute(_STATIONS)}
    opened, overdue, rungs = Counter[str](), Counter[str](), Counter[str]()
    of_station: dict[str, Counter[str]] = {code: Counter() for code in names if station in (None, code)}
    for row in rows:
        opened[row.level] += row.cases
        here = of_station.setdefault(row.station, Counter())
        here["open"] += row.cases
        here[row.level] += row.cases
        if row.overdue:
            overdue[row.level] += row.cases
            here["overdue"] += row.cases
        if row.rung != NONE:
            rungs[row.rung] += row.cases
    return Counts(
        open=opened,
        overdue=overdue,
        waiting=sum(row.cases for row in rows if row.awaits == Awaits.TEAM),
        by_station=[
            StationCount(code, names.get(code), here["open"], here["overdue"], here["red"], here["yellow"])
            for code, here in sorted(of_station.items())
        ],
        by_rung=rungs,
    )


async def completed_since(connection: AsyncConnection, since: date, station: str | None) -> Completion:
    """What became of the cases opened from a day on."""
    row = (await connection.execute(_MONTH, {"since": since, "station": station})).one()
    return Completion(*row)


_MONTH_BY = text(f"""
    select station, level, {", ".join(f"sum({name})::bigint as {name}" for name in Completion._fields)}
      from console.day_counts where day >= :since group by station, level order by station, level
""")


async def standings(connection: AsyncConnection) -> list[tuple[Standing, int]]:
    """How the open cases stand everywhere, and how many of them each way."""
    rows = await connection.execute(_STANDINGS, {"station": None})
    return [(Standing(*row[:-1]), row.cases) for row in rows]


async def completed_by_station_and_level(connection: AsyncConnection, since: date) -> list[tuple[str, str, Completion]]:
    """What became of the cases opened from a day on, by station and level."""
    rows = await connection.execute(_MONTH_BY, {"since": since})
    return [(row.station, row.level, Completion(*row[2:])) for row in rows]


def _of_station(station: str | None) -> str:
    return "" if station is None else "and t.station = :station "


async def overdue_cases(connection: AsyncConnection, station: str | None) -> Sequence[Row[Any]]:
    """The overdue cases that have been so for longest."""
    return await _listed(connection, f"t.overdue {_of_station(station)}", {"station": station})


async def due_next(connection: AsyncConnection, station: str | None, now: datetime) -> Sequence[Row[Any]]:
    """The open cases that are due next."""
    is_open = "t.closed_at is null and t.kind is not null and t.due_at is not null"
    ahead = f"{is_open} and t.due_key > :now {_of_station(station)}"
    return await _listed(connection, ahead, {"station": station, "now": now})


async def due_until(connection: AsyncConnection, station: str | None, now: datetime, until: datetime) -> int:
    """How many open cases are due after `now`, up to `until`."""
    question = text(
        "select count(*) from console.cases t where t.closed_at is null and t.kind is not null"
        f" and t.due_key > :now and t.due_key <= :until {_of_station(station)}"
    )
    values = {"now": now, "until": until} | ({} if station is None else {"station": station})
    return int(await connection.scalar(question, values) or 0)


async def _listed(connection: AsyncConnection, condition: str, values: dict[str, Any]) -> Sequence[Row[Any]]:
    if values["station"] is None:
        del values["station"]
    found = (
        f"select {LISTING.columns} from console.cases t where {condition} order by t.due_key, t.case_id limit {_SHOWN}"
    )
    rows = await connection.execute(
        text(f"select t.*, {LISTING.extra} from ({found}) t {LISTING.joins} order by t.due_key, t.case_id"), values
    )
    return rows.all()
