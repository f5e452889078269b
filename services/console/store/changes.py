"""What changed, numbered in the order in which it becomes visible, and the counts that follow.

One lock makes that order: whoever writes takes it last, holds it until the commit, and nobody else is numbered or
counts meanwhile. So whoever has seen a number has seen every smaller one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.completion import Completion
from services.console.domain.counts import Day, Differences, Standing

CHANNEL = "console_changes"
LOCK = text("select pg_advisory_xact_lock(hashtext('console.changes'))")


class Change(NamedTuple):
    """A case or alert that is another one now; the stations whose it was before and after."""

    subject: str
    id: UUID
    stations: list[str]


_STANDING, _DAY = ", ".join(Standing._fields), ", ".join(Day._fields)
_MEASURES = Completion._fields
_ADD_STANDINGS = text(f"""
    insert into console.open_counts ({_STANDING}, cases)
    select {_STANDING}, cases
      from jsonb_populate_recordset(null::console.open_counts, cast(:rows as jsonb))
    on conflict ({_STANDING}) do update set cases = open_counts.cases + excluded.cases
""")
_ADD_DAYS = text(f"""
    insert into console.day_counts ({_DAY}, {", ".join(_MEASURES)})
    select {_DAY}, {", ".join(_MEASURES)}
      from jsonb_populate_recordset(null::console.day_counts, cast(:rows as jsonb))
    on conflict ({_DAY}) do update
       set {", ".join(f"{name} = day_counts.{name} + excluded.{name}" for name in _MEASURES)}
""")
_ADD_CHANGES = text("""
    insert into console.changes (at, subject, id, stations)
    select :now, subject, id, stations
      from jsonb_populate_recordset(null::console.changes, cast(:rows as jsonb))
""")
_NOTIFY = text(f"notify {CHANNEL}")
WORK = "work"
"""What a notification says where no case and no alert has changed, and what waits for people has."""
_NOTIFY_WORK = text(f"notify {CHANNEL}, '{WORK}'")
# They are numbered as time goes on, so that those to be forgotten come first.
_FORGET = text("""
    delete from console.changes
     where number = any (array(select number
                                 from (select number, at from console.changes order by number limit :at_once) first
                                where at < :before))
""")


async def publish(
    connection: AsyncConnection, differences: Differences, changed: Sequence[Change], now: datetime
) -> bool:
    """Number what changed and have the counts follow; answer whether there was anything. Call it last."""
    standings, days = differences.standings(), differences.days()
    if not (standings or days or changed):
        return False
    await connection.execute(LOCK)
    if standings:
        rows = [{**standing._asdict(), "cases": by} for standing, by in standings]
        await connection.execute(_ADD_STANDINGS, {"rows": to_json(rows).decode()})
    if days:
        rows = [{**day._asdict(), **dict(zip(_MEASURES, by, strict=True))} for day, by in days]
        await connection.execute(_ADD_DAYS, {"rows": to_json(rows).decode()})
    if changed:
        rows = [one._asdict() for one in changed]
        await connection.execute(_ADD_CHANGES, {"rows": to_json(rows).decode(), "now": now})
        await connection.execute(_NOTIFY)
    return True


async def publish_work(connection: AsyncConnection) -> None:
    """Tell the other processes that something else waits for people now. It is not numbered, nor kept."""
    await connection.execute(_NOTIFY_WORK)


async def forget(connection: AsyncConnection, before: datetime, at_once: int) -> int:
    """Forget what changed before an instant, the oldest first; answer how many."""
    return (await connection.execute(_FORGET, {"before": before, "at_once": at_once})).rowcount
