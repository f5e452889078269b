"""The statements of a rebuild: rows made beside the read model, counted anew once they stand in their places."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console import tables
from services.console.domain.counts import Day, Standing
from services.console.store.changes import LOCK
from services.console.store.completion import COUNTED, COUNTS, MEASURES
from services.console.store.targets import Target

BESIDE = Target("console.rebuilt_cases", "console.rebuilt_deadlines", "console.rebuilt_alerts")
_TABLES: Mapping[str, Table] = {
    BESIDE.deadlines: tables.deadlines,
    BESIDE.alerts: tables.alerts,
    BESIDE.cases: tables.cases,
}
_BEGIN = text("""
    insert into console.rebuilds (started_at, step, done, total) values (:now, 'reading', 0, :total)
    returning rebuild_id
""")
_STEP = text("update console.rebuilds set step = :step, done = :done, total = :total where rebuild_id = :id")
_END = text("update console.rebuilds set step = 'done', finished_at = :now where rebuild_id = :id")
_CODES = text(f"""
    select enterprise_code from (
        {" union ".join(f"select enterprise_code from {name}" for name in _TABLES)}) found
     order by enterprise_code
""")
_COUNT = (
    LOCK,
    text("delete from console.open_counts"),
    text(f"""
        insert into console.open_counts ({", ".join(Standing._fields)}, cases)
        select coalesce(station, ''), kind, coalesce(level, ''), overdue, coalesce(rung, ''), coalesce(awaits, ''),
               count(*)
          from console.cases where closed_at is null and kind is not null group by 1, 2, 3, 4, 5, 6
    """),
    text("delete from console.day_counts"),
    text(f"""
        insert into console.day_counts ({", ".join((*Day._fields, *MEASURES))})
        select (opened_at at time zone 'Asia/Shanghai')::date, coalesce(station, ''), kind, coalesce(level, ''),
               coalesce(category ->> 'code', ''),
               {COUNTS}
          from console.cases where kind is not null and opened_at is not null and {COUNTED}
         group by 1, 2, 3, 4, 5
    """),
)


async def prepare(connection: AsyncConnection) -> None:
    """Make the tables beside the read model, empty. What they hold can be made again, so it is not logged."""
    for name, table in _TABLES.items():
        await connection.execute(text(f"drop table if exists {name}"))
        await connection.execute(text(f"create unlogged table {name} (like {table.fullname} including all)"))


async def tidy(connection: AsyncConnection) -> None:
    for name in _TABLES:
        await connection.execute(text(f"drop table if exists {name}"))


async def begin(connection: AsyncConnection, total: int, now: datetime) -> int:
    """Note that a rebuild begins; answer its number."""
    return int(await connection.scalar(_BEGIN, {"now": now, "total": total}) or 0)


async def note(connection: AsyncConnection, rebuild_id: int, step: str, done: int, total: int) -> None:
    await connection.execute(_STEP, {"id": rebuild_id, "step": step, "done": done, "total": total})


async def end(connection: AsyncConnection, rebuild_id: int, now: datetime) -> None:
    await connection.execute(_END, {"id": rebuild_id, "now": now})


async def enterprises_beside(connection: AsyncConnection) -> list[str]:
    """The enterprises that something was made of."""
    return list(await connection.scalars(_CODES))


async def count_anew(connection: AsyncConnection) -> None:
    """Count every case from its row. Nobody else counts meanwhile."""
    for statement in _COUNT:
        await connection.execute(statement)
