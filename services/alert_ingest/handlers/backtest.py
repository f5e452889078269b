"""Backtest: a candidate rule book against the alerts that are stored. It reads, and stores nothing."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.comparison import BacktestedAlert, Comparison
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.loading import parse
from shared.storage.database import Database
from shared.storage.packing import unpacked

_ROWS = 2_000


async def backtest(
    database: Database,
    book: RuleBook,
    *,
    since: datetime,
    until: datetime,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Comparison:
    """Compare for every alert of an anomaly that occurred from `since` to before `until`.

    The old level is that of the rules, before any person's decision. `progress` is called with (done, total).
    """
    comparison = Comparison(book, since)
    span = {"since": since - book.history_reach, "until": until}
    async with database.transaction() as connection:
        await connection.execute(text("set transaction read only"))
        total = await connection.scalar(
            text("select count(*) from ingest.alerts where occurred_at >= :since and occurred_at < :until"), span
        )
        done = 0
        async for rows in (await _alerts(connection, book, span)).partitions(_ROWS):
            for row in rows:
                *columns, event, packed_event = row
                comparison.add(BacktestedAlert._make([*columns, event or unpacked(packed_event)]))
            done += len(rows)
            progress(done, total or 0)
    return comparison


def backtest_apart(
    url: str, body: str, since: datetime, until: datetime, listed: int, at_most: int | None
) -> dict[str, Any]:
    """A backtest of the book in `body` for a process of its own, so that a service goes on meanwhile.

    With `at_most` it ends after about as many alerts, and says from when on it is to go on, and with how many. What is
    put together of such parts is what one backtest of the whole would be: each reads the history before it.
    """

    async def run() -> dict[str, Any]:
        database = Database(url, pool_size=1)
        try:
            part = Part(until, 0) if at_most is None else await _first_part(database, since, until, at_most)
            compared = await backtest(database, parse(body), since=since, until=part.until)
            goes_on = part.until if part.remaining else None
            return compared.summary(listed) | {"next_since": goes_on, "remaining": part.remaining}
        finally:
            await database.close()

    return asyncio.run(run())


class Part(NamedTuple):
    """Until when the first part of a backtest reaches, and how many alerts there are after it."""

    until: datetime
    remaining: int


async def _first_part(database: Database, since: datetime, until: datetime, at_most: int) -> Part:
    """The part of about `at_most` alerts: those of one instant are never parted."""
    asked = {"since": since, "until": until, "at_most": at_most}
    async with database.autocommit() as connection:
        last = await connection.scalar(_LAST_OF_PART, asked)
        if last is None:
            return Part(until, 0)
        begins, remaining = (await connection.execute(_AFTER_PART, asked | {"last": last})).one()
    return Part(until, 0) if begins is None else Part(begins, remaining)


_LAST_OF_PART = text("""
    select occurred_at from ingest.alerts
     where occurred_at >= :since and occurred_at < :until
     order by occurred_at offset :at_most - 1 limit 1
""")
_AFTER_PART = text("""
    select min(occurred_at), count(*) from ingest.alerts where occurred_at > :last and occurred_at < :until
""")


async def _alerts(connection: AsyncConnection, book: RuleBook, span: dict[str, Any]) -> Any:
    # In the order of history only where history is counted: sorting costs more than reading.
    order = "order by enterprise_code, occurred_at" if book.history else ""
    return await connection.stream(
        text(f"""
            select alert_id, enterprise_code, outlet, pollutant, occurred_at, classification,
                   coalesce(graded_level, level),
                   greatest(case when level = 'yellow' then extract(epoch from unanswered_at - issued_at) / 3600.0 end,
                            cast(grading->'facts'->>'unanswered_hours' as float8), 0)::float8,
                   dismissed_at is not null, report_untrue_at is not null,
                   coalesce(deciding_event, event)::text, packed_event
              from ingest.alerts
             where occurred_at >= :since and occurred_at < :until
             {order}
        """),
        span,
    )
