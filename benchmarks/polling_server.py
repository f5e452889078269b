"""A server of its own for the polling benchmark: the assignment feed, or a bare route that does one indexed read.

    python -m benchmarks.polling_server feed|bare DATABASE_URL DATA_DIRECTORY

Prints its port, and at each line that it reads the processor seconds that it has used.
"""

import asyncio
import sys
import time
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from services.dispatcher import api, tables
from services.dispatcher.api import assignment_feed
from services.dispatcher.assignments.feed import recheck
from services.dispatcher.cases.unit_of_work import units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.policies.versions import DispatchPolicies
from services.runner import freeze_heap
from shared.messaging.outbox import Outbox
from shared.runtime.duty import Duty, Metronome
from shared.settings import Settings
from shared.storage.database import Database, asyncpg_url
from shared.telemetry import Telemetry
from shared.time.clock import SystemClock
from shared.web.app import create_app
from shared.web.identity import Identity


def feed(url: str, data: Path) -> tuple[FastAPI, list[Duty]]:
    """The feed as the service has it, with the duty that finds what other replicas change."""
    database, wakeups = Database(url), Wakeups()
    app = create_app(
        title="feed",
        description="",
        identity=Identity.from_settings(Settings(), data),
        telemetry=Telemetry("benchmark"),
        checks={},
        operations=Path(api.__file__).with_name("operations.yaml"),
    )
    clock = SystemClock()
    units = units_of_work(database, Outbox(tables.outbox, clock), clock, wakeups, "", DispatchPolicies.shipped())
    app.include_router(assignment_feed.router(database, wakeups, units))
    return app, [Duty("assignment feed", partial(recheck, database, wakeups.officers), every_seconds=1)]


def bare(url: str) -> FastAPI:
    """FastAPI, and one row by its primary key."""
    engine, app = create_async_engine(asyncpg_url(url), pool_size=10), FastAPI()
    statement = text("select code, name, station from dispatch.officers where code = :code")

    @app.get("/v1/officers/{code}")
    async def read(code: str) -> dict[str, str]:
        async with engine.connect() as connection:
            return dict((await connection.execute(statement, {"code": code})).one()._mapping)

    return app


async def serve(kind: str, url: str, data: Path) -> None:
    app, duties = feed(url, data) if kind == "feed" else (bare(url), [])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.05)
    broken: list[BaseException] = []
    metronome = Metronome(duties, Telemetry("benchmark"), broken.append)
    metronome.start()
    freeze_heap()  # the base has the benefit too
    print(server.servers[0].sockets[0].getsockname()[1], flush=True)
    while await asyncio.to_thread(sys.stdin.readline):
        print(time.process_time(), flush=True)
    await metronome.stop(3.0)
    assert not broken, broken
    server.should_exit = True
    await serving


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
