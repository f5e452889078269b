"""What taking events in costs beside millions of stored alerts, against an empty store; in turns.

GROWTH_ALERTS in the environment says how many (10,000,000 for the promise). What is stored is filled in by SQL, with
small documents: its indexes are as deep as they would be, its tables smaller; and older than the rules look back.
"""

import os
import random
import time
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from pydantic_core import to_json
from sqlalchemy import text

from benchmarks.intake import events_of, intake_of, submissions
from benchmarks.topic import directory_of, server_seconds, spread
from services.alert_ingest.handlers.intake import Intake
from services.alert_ingest.tables import HISTORY
from services.sample.district import district
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import Database
from shared.storage.migrating import migrate

ALERTS = int(os.environ.get("GROWTH_ALERTS", "200000"))
ENTERPRISES, BATCH, TURNS, WARM = 20_000, 500, int(os.environ.get("GROWTH_TURNS", "10")), 2
_TABLES = ("alerts", "events")
# Those of the sample district among them have as long a past as any other enterprise, at other outlets.
_CODE = f"coalesce((cast(:codes as jsonb) ->> (n % {ENTERPRISES})::int), 'E' || n % {ENTERPRISES})"
_FILL = (
    f"insert into ingest.enterprises (code) select 'E' || n from generate_series(0, {ENTERPRISES - 1}) n",
    f"""
    insert into ingest.alerts (alert_id, enterprise_code, outlet, category, pollutant, occurred_at, level, grading,
                               doubts, event, received_at, issued_at, source, own_rule, own_level, graded_level,
                               identity)
    select gen_random_uuid(), {_CODE}, 'O' || n % {ENTERPRISES}, 'c', 'a21026', at, 'white', '{{}}', '[]', '{{}}', at,
           at, '/platforms/p', 'c', 'white', 'white', sha256(convert_to(n::text, 'UTF8'))
      from generate_series(1, cast(:alerts as bigint)) n,
           lateral (select now() - interval '60 days' - (:alerts - n) * interval '90 s' as at) at
    """,
    f"""
    insert into ingest.events (source, id, enterprise_code, content_hash, body, received_at, entrance, origin, alert_id,
                               is_repeat)
    select '/platforms/p', md5(n::text), {_CODE}, '', '',
           now() - interval '60 days' - (:alerts - n) * interval '90 s', 'kafka', 'o',
           gen_random_uuid(), false
      from generate_series(1, cast(:alerts as bigint)) n
    """,
)


class Cost(NamedTuple):
    """What an event of one batch took: seconds by the wall, of this process, and of PostgreSQL."""

    wall: float
    own: float
    server: float


async def fill(database: Database, number: int) -> None:
    """Store `number` alerts with their events; the indexes that are no keys are made afterwards."""
    codes = [one.code for one in district().enterprises]
    async with database.transaction() as connection:
        found = await connection.execute(
            text("""
                select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
                  from pg_index i
                  left join pg_constraint c on c.conindid = i.indexrelid
                 where i.indrelid = any(cast(:tables as regclass[])) and c.oid is null
            """),
            {"tables": [f"ingest.{name}" for name in _TABLES]},
        )
        indexes = found.all()
        for index in indexes:
            await connection.execute(text(f"drop index {index.name}"))
        values = {"codes": to_json(codes).decode(), "alerts": number}
        for statement in _FILL:
            await connection.execute(
                text(statement), {name: values[name] for name in values if f":{name}" in statement}
            )
        for index in indexes:
            await connection.execute(text(index.definition))
    async with database.autocommit() as connection:
        await connection.execute(text("vacuum analyze"))


async def cost_of(intake: Intake, bodies: Sequence[bytes], postgres: EmbeddedPostgres) -> Cost:
    """Take one batch in."""
    directory = directory_of(postgres.url())
    own, server, began = time.process_time(), server_seconds(directory), time.perf_counter()
    await intake.take(submissions(bodies))
    ended = time.perf_counter(), time.process_time(), server_seconds(directory)
    wall, own, server = (now - then for now, then in zip(ended, (began, own, server), strict=True))
    return Cost(wall / len(bodies), own / len(bodies), server / len(bodies))


async def measure(postgres: EmbeddedPostgres) -> None:
    """Print what an event costs in an empty store and beside ALERTS, and how much more that is."""
    base = Database(postgres.url())
    databases: dict[int, Database] = {}
    for number in (0, ALERTS):
        async with base.autocommit() as connection:
            await connection.execute(text(f"create database growth_{number}"))
        databases[number] = Database(postgres.url(f"growth_{number}"))
        await migrate(databases[number].engine, HISTORY)
        began = time.perf_counter()
        if number:
            await fill(databases[number], number)
        async with databases[number].autocommit() as connection:
            size = await connection.scalar(text("select pg_size_pretty(pg_database_size(current_database()))"))
        print(f"growth, {number} alerts stored in {time.perf_counter() - began:.0f} s: {size}", flush=True)
    intakes = {number: intake_of(database) for number, database in databases.items()}
    costs: dict[int, list[Cost]] = {number: [] for number in intakes}
    bodies = list(events_of(BATCH * (TURNS + WARM), random.Random(1)))
    for turn in range(TURNS + WARM):
        batch = bodies[BATCH * turn : BATCH * (turn + 1)]
        for number in intakes if turn % 2 else reversed(intakes):
            cost = await cost_of(intakes[number], batch, postgres)
            if turn >= WARM:
                costs[number].append(cost)
    for number, ones in costs.items():
        figures = (median(getattr(one, name) for one in ones) * 1e6 for name in Cost._fields)
        print(
            "growth, {:9} stored: {:6.0f} µs an event; processor {:5.0f} own, {:5.0f} of PostgreSQL".format(
                number, *figures
            )
        )
    pairs = list(zip(*costs.values(), strict=True))
    print(f"growth, by the wall:    {spread(full.wall / empty.wall for empty, full in pairs)}")
    both = [((full.own + full.server), (empty.own + empty.server)) for empty, full in pairs]
    print(f"growth, processor time: {spread(full / empty for full, empty in both)}")
    print(f"growth, all of it:      {sum(full for full, _ in both) / sum(empty for _, empty in both):.2f}")
    for database in (*databases.values(), base):
        await database.close()
