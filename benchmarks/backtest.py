"""How long a backtest over 1,000,000 stored alerts takes, against only reading them, and with history counted."""

import random
import time
from datetime import datetime, timedelta

from sqlalchemy import text

from benchmarks.intake import events_of, intake_of, submissions
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK, load
from services.alert_ingest.handlers.backtest import backtest
from services.alert_ingest.tables import HISTORY
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import Database
from shared.storage.migrating import migrate
from shared.time.clock import SystemClock

ALERTS = 1_000_000
SAMPLES = 2_000


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print alerts a second: read only (the base), graded without history, graded with it."""
    database = Database(postgres.url())
    await migrate(database.engine, HISTORY)
    book, now = load(RULE_BOOK), SystemClock().now()
    since = now - timedelta(days=4_000)
    await intake_of(database).take(submissions(events_of(SAMPLES, random.Random(2))))
    await _multiply(database)
    began = time.perf_counter()
    await _read(database, since, now)
    reading = time.perf_counter() - began
    print(f"reading {ALERTS:,} alerts (base):       {reading:6.1f} s  {ALERTS / reading:8,.0f} alerts/s")
    for name, candidate in (("without history", without_history(book)), ("with history", book)):
        began = time.perf_counter()
        comparison = await backtest(database, candidate, since=since, until=now)
        took, count = time.perf_counter() - began, comparison.table.total()
        print(
            f"backtest of {count:,} {name + ':':17} {took:6.1f} s  {count / took:8,.0f} alerts/s, "
            f"{took / reading:.1f} times the base; {len(comparison.changed):,} change"
        )
    await database.close()


def without_history(book: RuleBook) -> RuleBook:
    """The book as it would be if nothing were counted."""
    counting = {compiled.rule.code for compiled in book.compiled.values() if compiled.counts}
    return book.but(history={}, upgrades=[], rules=[rule for rule in book.rules if rule.code not in counting])


async def _multiply(database: Database) -> None:
    """Store what was taken in again and again, a day earlier each time, at ever other enterprises."""
    async with database.transaction() as connection:
        await connection.execute(
            text("""
                insert into ingest.alerts (alert_id, enterprise_code, outlet, category, pollutant, occurred_at, level,
                                           grading, doubts, event, received_at, issued_at, graded_level)
                select gen_random_uuid(), a.enterprise_code || '-' || n % 50, a.outlet || '-' || n % 50, a.category,
                       a.pollutant, a.occurred_at - n * interval '1 day', a.level, '{}', '[]', a.event,
                       a.received_at, a.issued_at, a.graded_level
                  from ingest.alerts a, generate_series(1, :times) n
            """),
            {"times": ALERTS // SAMPLES},
        )
    async with database.autocommit() as connection:
        await connection.execute(text("vacuum analyze ingest.alerts"))


async def _read(database: Database, since: datetime, until: datetime) -> None:
    async with database.transaction() as connection:
        rows = await connection.stream(
            text(
                "select alert_id, event::text from ingest.alerts where occurred_at >= :since and occurred_at < :until"
            ),
            {"since": since, "until": until},
        )
        async for _ in rows.partitions(2_000):
            pass
