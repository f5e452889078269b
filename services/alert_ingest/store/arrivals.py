"""When platforms and outlets were heard last. Rows are written, and locked, in the order of their keys."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.silence import Habit, Key, SilencePolicy, Voice

_ARRIVALS = tables.arrivals.c

WRITTEN_EVERY = {
    Voice.HEARTBEATS: timedelta(seconds=10),
    Voice.EVENTS: timedelta(seconds=10),
    Voice.OUTLETS: timedelta(hours=1),
}
"""An arrival sooner after the last is not written: replicas that take in events of one platform share its row."""

_KNOWN = text("""
    select arrivals.*
      from ingest.arrivals
      join unnest(cast(:source as text[]), cast(:voice as text[]), cast(:enterprise_code as text[]),
                  cast(:outlet as text[])) as heard (source, voice, enterprise_code, outlet)
     using (source, voice, enterprise_code, outlet)
""")

_WRITE = text("""
    insert into ingest.arrivals
           (source, voice, enterprise_code, outlet, arrivals, first_at, heard_at, usual, silent_at)
    select source, voice, enterprise_code, outlet, arrivals, heard_at, heard_at, usual, silent_at
      from unnest(cast(:source as text[]), cast(:voice as text[]), cast(:enterprise_code as text[]),
                  cast(:outlet as text[]), cast(:arrivals as integer[]), cast(:heard_at as timestamptz[]),
                  cast(:usual as interval[]), cast(:silent_at as timestamptz[]))
           as new (source, voice, enterprise_code, outlet, arrivals, heard_at, usual, silent_at)
     order by source, voice, enterprise_code, outlet
    on conflict (source, voice, enterprise_code, outlet) do update
       set arrivals = excluded.arrivals, heard_at = excluded.heard_at, usual = excluded.usual,
           silent_at = excluded.silent_at, silent_since = null
     where arrivals.heard_at < excluded.heard_at
""")

_DUE = text("""
    select * from ingest.arrivals
     where silent_since is null and silent_at <= :now
     order by silent_at limit :limit
       for update skip locked
""")

_LISTEN = text("""
    insert into ingest.listening as known (only_row, since, at) values (true, :now, :now)
    on conflict (only_row) do update
       set since = case when known.at < :away then excluded.since else known.since end,
           at = greatest(known.at, excluded.at)
    returning since
""")


@dataclass(frozen=True)
class KnownArrivals:
    """What is known of something that is heard: its habit, and since when it was found silent."""

    habit: Habit
    silent_since: datetime | None


async def known_arrivals(connection: AsyncConnection, keys: Collection[Key]) -> dict[Key, KnownArrivals]:
    """What is known of those of `keys` that were heard before."""
    if not keys:
        return {}
    named = {name: [key[place] for key in keys] for place, name in enumerate(Key._fields)}
    return dict(_read(await connection.execute(_KNOWN, named)))


async def write_arrivals(connection: AsyncConnection, habits: Mapping[Key, Habit], policy: SilencePolicy) -> None:
    """Keep the habits of what was heard, and from when each counts as silent. It is silent no more."""
    if not habits:
        return
    await connection.execute(
        _WRITE,
        {
            **{name: [key[place] for key in habits] for place, name in enumerate(Key._fields)},
            "arrivals": [habit.arrivals for habit in habits.values()],
            "heard_at": [habit.heard_at for habit in habits.values()],
            "usual": [habit.usual for habit in habits.values()],
            "silent_at": [habit.silent_at(policy.allowance(key.voice)) for key, habit in habits.items()],
        },
    )


async def listen(connection: AsyncConnection, now: datetime, pause: timedelta) -> datetime:
    """Keep that this service listens at `now`; answer since when it has, with no break longer than `pause`."""
    since: datetime | None = await connection.scalar(_LISTEN, {"now": now, "away": now - pause})
    assert since is not None  # noqa: S101  the statement always returns its row
    return since


async def lock_due(connection: AsyncConnection, now: datetime, limit: int) -> dict[Key, Habit]:
    """Lock up to `limit` of those that may count as silent at `now`, except what another pass works on."""
    return {key: known.habit for key, known in _read(await connection.execute(_DUE, {"now": now, "limit": limit}))}


async def platforms_heard(connection: AsyncConnection, sources: Collection[str]) -> dict[Key, KnownArrivals]:
    """What is known of the platforms themselves, by how they are heard."""
    own = select(tables.arrivals).where(_ARRIVALS.source.in_(sources), _ARRIVALS.voice != Voice.OUTLETS)
    return dict(_read(await connection.execute(own)))


async def count_silent(connection: AsyncConnection) -> dict[Voice, int]:
    """How many are silent, by what they were heard by."""
    counted = select(_ARRIVALS.voice, func.count().label("silent")).where(_ARRIVALS.silent_since.is_not(None))
    rows = await connection.execute(counted.group_by(_ARRIVALS.voice))
    return {Voice(row.voice): row.silent for row in rows}


async def mark_silent(connection: AsyncConnection, keys: Sequence[Key], now: datetime) -> None:
    """Mark what was found silent at `now`."""
    await _update(connection, "silent_since = cast(:value as timestamptz)", keys, [now] * len(keys))


async def put_off(connection: AsyncConnection, until: Mapping[Key, datetime | None]) -> None:
    """Look at these again at the given instants; None: only when they are heard again."""
    await _update(connection, "silent_at = cast(:value as timestamptz)", list(until), list(until.values()))


async def _update(
    connection: AsyncConnection, change: str, keys: Sequence[Key], values: Sequence[datetime | None]
) -> None:
    if not keys:
        return
    where = " and ".join(f"{name} = :{name}" for name in Key._fields)
    await connection.execute(
        text(f"update ingest.arrivals set {change} where {where}"),
        [{**key._asdict(), "value": value} for key, value in zip(keys, values, strict=True)],
    )


def _read(rows: Iterable[Row[Any]]) -> Iterator[tuple[Key, KnownArrivals]]:
    for row in rows:
        key = Key(row.source, Voice(row.voice), row.enterprise_code, row.outlet)
        yield key, KnownArrivals(Habit(row.arrivals, row.heard_at, row.usual), row.silent_since)
