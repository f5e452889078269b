"""What moving old events costs: the intake beside it against the intake alone, and a pass that finds nothing to do."""

import asyncio
import random
import time
from datetime import timedelta
from statistics import median

from sqlalchemy import text

from benchmarks.intake import BATCH, events_of, intake_of, submissions
from services.alert_ingest import tables
from services.alert_ingest.handlers.intake import Intake
from services.alert_ingest.store import archives
from services.alert_ingest.tables import HISTORY
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage import retention
from shared.storage.database import Database
from shared.storage.housekeeping import Housekeeping
from shared.storage.migrating import migrate
from shared.telemetry import Telemetry
from shared.time.clock import SystemClock

ROUNDS = 5
OLD = 10_000


async def grow_old(database: Database) -> None:
    """`OLD` events of a year ago with a body of the usual size, and as many events told of and published."""
    now = {"at": SystemClock().now() - timedelta(days=365), "number": OLD}
    async with database.transaction() as connection:
        await connection.execute(
            text("""
                with old as (
                    insert into ingest.alerts (alert_id, enterprise_code, outlet, category, pollutant, occurred_at,
                                               level, grading, doubts, event, received_at, issued_at)
                    select gen_random_uuid(), 'old', gen_random_uuid()::text, 'c', 'p', :at, 'white', '{}', '[]', '{}',
                           :at, :at from generate_series(1, :number)
                    returning alert_id)
                insert into ingest.events (source, id, enterprise_code, content_hash, body, received_at, entrance,
                                           origin, alert_id, is_repeat)
                select '/platforms/old', gen_random_uuid()::text, 'old', sha256(alert_id::text::bytea),
                       (select string_agg(sha256((alert_id::text || n)::bytea), '') from generate_series(1, 40) n),
                       :at, 'kafka', 'anomaly-events/0/1', alert_id, false
                  from old
            """),
            now,
        )
        await connection.execute(
            text("""
                insert into ingest.outbox (event_id, topic, key, value, headers, appended_at, published_at)
                select gen_random_uuid(), 'alerts', 'old', body, '[]', :at, :at from ingest.events
                 where body is not null limit :number
            """),
            now,
        )


async def take_in(intake: Intake, bodies: list[bytes]) -> float:
    began = time.perf_counter()
    await intake.take(submissions(bodies))
    return time.perf_counter() - began


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print the ratio of both, round by round, the rows moved a second, and what an idle pass reads."""
    database = Database(postgres.url())
    await migrate(database.engine, HISTORY)
    intake, policy = intake_of(database), retention.load()
    keeping = Housekeeping(
        metadata=tables.metadata,
        database=database,
        clock=SystemClock(),
        telemetry=Telemetry("benchmark"),
        policy=policy,
        moved=archives.archives(policy),
    )
    bodies = list(events_of(2 * BATCH * (ROUNDS + 1), random.Random(2)))
    batches = [bodies[start : start + BATCH] for start in range(0, len(bodies), BATCH)]
    await take_in(intake, batches.pop())
    ratios, rates = [], []
    for _ in range(ROUNDS):
        alone = await take_in(intake, batches.pop())
        await grow_old(database)
        began = time.perf_counter()
        moving = asyncio.create_task(keeping.run_once())
        beside = await take_in(intake, batches.pop())
        rates.append(await moving / (time.perf_counter() - began))
        ratios.append(beside / alone)
    async with database.autocommit() as connection:
        hot = await connection.scalar(
            text("select pg_relation_size('ingest.events') + pg_relation_size('ingest.outbox')")
        )
        key, whole = (
            await connection.execute(
                text(
                    "select avg(pg_column_size(e)) filter (where body is null), avg(pg_column_size(e)) filter"
                    " (where body is not null) from ingest.events e"
                )
            )
        ).one()
    began = time.perf_counter()
    await keeping.run_once()
    idle = time.perf_counter() - began
    print(f"intake beside moving / alone:  {median(ratios):7.2f} times (from {min(ratios):.2f} to {max(ratios):.2f})")
    print(f"rows moved:                    {median(rates):7.0f} rows/s beside the intake")
    print(f"a pass with nothing to move:   {idle / (hot / 2**30):7.2f} s/GiB of table")
    print(f"an event's row without body:   {key:7.0f} bytes, with it {whole:.0f}")
    await database.close()
