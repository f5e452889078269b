"""The same for release deaad63, which knows none of the names used today. It runs in a clone of that release:

    .venv/bin/python -m benchmarks.graded_alerts /tmp/alerts 2000
    cd CLONE && .venv/bin/python PATH/alert_flow_base.py /tmp/alerts

`benchmarks/alert_flow.py` does so by itself. It prints as JSON the milliseconds of processor time an event, chunk by
chunk. That release takes a transaction a message, whatever it is given at once.
"""

import asyncio
import json
import sys
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

sys.path.insert(0, str(Path.cwd()))
NOW = datetime(2026, 3, 3, 0, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
CHUNK = 250


_MODULES = {
    "tables": "services.dispatcher.tables",
    "changes": "services.dispatcher.changes",
    "reactions": "services.dispatcher.reactions",
    "waiting": "services.dispatcher.waiting",
    "work": "services.dispatcher.work",
    "clock": "shared.clock",
    "inbox": "shared.inbox",
    "database": "shared.database",
    "letters": "shared.dead_letters.store",
    "migrating": "shared.migrating",
    "outbox": "shared.outbox",
    "kafka": "shared.kafka",
    "sample": "services.sample.district",
    "watch": "services.deadline_watch.tables",
    "clocks": "services.deadline_watch.reactions",
    "regimes": "services.deadline_watch.regimes",
    "steps": "services.deadline_watch.steps",
    "policy": "services.deadline_watch.policy",
    "calendar": "shared.calendar",
}


async def _measure(postgres: Any, lines: list[dict[str, str]]) -> None:
    of = SimpleNamespace(**{name: import_module(module) for name, module in _MODULES.items()})
    database, clock, changes = of.database.Database(postgres.url()), of.clock.ManualClock(NOW), of.changes.Changes()
    await of.migrating.migrate(database.engine, of.tables.HISTORY)
    await _load(database, of)
    outbox = of.outbox.Outbox(of.tables.outbox, clock)
    common = {"consumer": "benchmark", "database": database, "clock": clock}
    inbox = of.inbox.Inbox(
        table=of.tables.inbox,
        outbox=outbox,
        letters=of.letters.DeadLetters(of.tables.dead_letters, "benchmark"),
        react=of.reactions.reaction("cases", changes),
        **common,
    )
    waiting = of.waiting.WaitingCases(500)

    async def assign() -> int:
        async with database.transaction() as connection:
            work = of.work.Work(connection, clock.now(), "cases", changes)
            assigned: int = await waiting.assign(work)
            await outbox.append(connection, await work.finish())
        return assigned

    async def take(chunk: list[Any]) -> None:
        await inbox.handle(chunk)
        while await assign():
            pass

    def record(number: int, key: bytes, value: bytes) -> Any:
        return of.kafka.Record("alerts", 0, number, key, value, (), 0)

    alerts = [record(at, one["key"].encode(), one["value"].encode()) for at, one in enumerate(lines)]
    of_alerts = await _cost(alerts, take)
    async with database.transaction() as connection:
        rows = (
            await connection.exec_driver_sql(
                "select key, value from dispatch.outbox where topic = 'cases' order by position"
            )
        ).all()
    cases = [record(at, row.key, row.value) for at, row in enumerate(rows)]
    await of.migrating.migrate(database.engine, of.watch.HISTORY)
    regimes = of.regimes.Regimes(of.calendar.WorkingCalendar.load(), of.policy.DATA.read_text(encoding="utf-8"), clock)
    watching = of.inbox.Inbox(
        table=of.watch.inbox,
        outbox=of.outbox.Outbox(of.watch.outbox, clock),
        letters=of.letters.DeadLetters(of.watch.dead_letters, "benchmark"),
        react=of.clocks.reaction("deadlines", regimes, of.steps.Ahead(lambda _: None)),
        **common,
    )
    print(json.dumps({"alerts": of_alerts, "cases": await _cost(cases, watching.handle)}))
    await database.close()


async def _cost(records: list[Any], take: Any) -> list[float]:
    milliseconds = []
    for start in range(0, len(records), CHUNK):
        chunk, before = records[start : start + CHUNK], time.process_time()
        await take(chunk)
        milliseconds.append((time.process_time() - before) * 1000 / len(chunk))
    return milliseconds[1:]  # the first warms up


async def _load(database: Any, of: Any) -> None:
    sample, tables = of.sample.district(), of.tables
    district = {"district": of.sample.DISTRICT}
    stations = [{"code": one.code, "name": one.name, "streets": one.streets, **district} for one in sample.stations]
    able = {"certified": True, "on_duty": True, "skills": []}
    officers = [{"code": one.code, "name": one.name, "station": one.station, **able} for one in sample.officers]
    enterprises = [
        {
            "code": one.code,
            "name": one.name,
            "street": one.street,
            "station": one.station,
            "classification": one.classification,
            "source": "master",
            **district,
        }
        for one in sample.enterprises
    ]
    async with database.transaction() as connection:
        for table, rows in (
            (tables.stations, stations),
            (tables.officers, officers),
            (tables.enterprises, enterprises),
        ):
            await connection.execute(insert(table), [row | {"updated_at": NOW} for row in rows])


def main() -> None:
    lines = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()]
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        embedded = import_module("shared.embedded")
        asyncio.run(_measure(embedded.EmbeddedPostgres(Path(directory) / "postgres"), lines))


main()
