"""No statement of taking events in, or of relaying them, reads a large table from one end to the other."""

import random
from datetime import timedelta

import pytest
from pydantic_core import from_json
from sqlalchemy import text

from services.sample.anomalies import MIX, anomaly
from services.sample.district import district
from shared.messaging.kafka import Record
from shared.messaging.relayed import waits
from shared.runtime.service import Service
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.plans import Statements

ROWS = 20_000
LARGE = {f"ingest.{name}" for name in ("alerts", "arrivals", "enterprises", "events", "evidence", "outbox", "outlets")}
"""What grows with the events taken in, or with the city."""

_NOW = "timestamptz '2026-11-23 09:00+08'"
_CODE = f"'E' || n % {ROWS // 4}"
FILL = (
    f"insert into ingest.enterprises (code) select 'E' || n from generate_series(1, {ROWS // 4}) n",
    f"insert into ingest.outlets (mn, enterprise_code) select 'O' || n, 'E' || n from generate_series(1, {ROWS}) n",
    f"""
    insert into ingest.alerts (alert_id, enterprise_code, outlet, category, pollutant, occurred_at, level, grading,
                               doubts, event, received_at, issued_at, source, own_rule, own_level, graded_level,
                               identity)
    select gen_random_uuid(), {_CODE}, 'O' || n % {ROWS // 4}, 'c', 'a21026', at, 'white', '{{}}', '[]', '{{}}', at, at,
           '/platforms/p', 'c', 'white', 'white', sha256(convert_to(n::text, 'UTF8'))
      from generate_series(1, {ROWS}) n, lateral (select {_NOW} - n * interval '1 minute' as at) at
    """,
    f"""
    insert into ingest.events (source, id, enterprise_code, content_hash, body, received_at, entrance, origin, alert_id,
                               is_repeat)
    select '/platforms/p', n::text, {_CODE}, '', '', {_NOW}, 'kafka', 'o', gen_random_uuid(), false
      from generate_series(1, {ROWS}) n
    """,
    f"""
    insert into ingest.outbox (event_id, topic, key, value, headers, appended_at, published_at)
    select gen_random_uuid(), 'alerts', 'E', '{{}}', '[]', {_NOW}, {_NOW} from generate_series(1, {ROWS}) n
    """,
    f"""
    insert into ingest.evidence (chain, number, enterprise_code, recorded_at, hash, content, document)
    select 'alert:' || gen_random_uuid(), 1, {_CODE}, {_NOW}, '', '', '' from generate_series(1, {ROWS}) n
    """,
    f"""
    insert into ingest.arrivals (source, voice, enterprise_code, outlet, arrivals, first_at, heard_at)
    select '/platforms/p', 'outlets', 'E' || n, 'O' || n, 1, {_NOW}, {_NOW} from generate_series(1, {ROWS}) n
    """,
)


@pytest.fixture(params=[True, False], ids=["counted", "not counted yet"])
async def full(service: Service, request: pytest.FixtureRequest) -> Database:
    """The service's database with some months of events in it, which PostgreSQL has counted or not come to yet."""
    async with service.database.transaction() as connection:
        for statement in FILL:
            await connection.execute(text(statement))
    if request.param:
        async with service.database.autocommit() as connection:
            await connection.execute(text("analyze"))
    return service.database


def records(clock: ManualClock) -> list[Record]:
    """New alerts of enterprises that have others before and after, repeats and duplicates among them."""
    choice, enterprises = random.Random(1), district().enterprises[:10]
    bodies = [
        anomaly(choice.choice(MIX), one, one.outlets[0], clock.now() - timedelta(hours=hours), choice)
        for hours in (5, 9, 1)
        for one in enterprises
    ]
    again = [body.replace(from_json(body)["id"].encode(), b"again-%d" % n) for n, body in enumerate(bodies[:3])]
    return [
        Record("anomaly-events", 0, offset, None, body, (), 0)
        for offset, body in enumerate([*bodies, *again, *bodies[:3]])
    ]


async def test_no_hot_statement_reads_a_large_table_whole(full: Database, service: Service, clock: ManualClock) -> None:
    statements = Statements()
    with statements.of(full):
        for batch in (records(clock)[:20], records(clock)[20:]):
            assert await service.consumers[0]._handle(batch) == []
            clock.advance(timedelta(minutes=1))
    assert len(statements.seen) > 10
    waiting = waits("ingest.outbox", "o")
    statements.seen[f"select o.position from ingest.outbox o where {waiting} order by o.position limit 500"] = ()
    statements.seen[f"select exists (select from ingest.outbox o where {waiting})"] = ()
    of_a_scan = "select * from ingest.alerts where source = 's'"
    statements.seen[of_a_scan] = ()
    assert await statements.reading_whole(full, LARGE) == {of_a_scan: ["ingest.alerts"]}
