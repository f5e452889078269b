"""The bases that watching is compared with: a job for each deadline in APScheduler's store, and in procrastinate.

Their jobs do nothing; ours mark, escalate and tell.
"""

import asyncio
import time
from datetime import timedelta
from threading import Event

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from procrastinate import App, PsycopgConnector
from procrastinate.types import JSONValue
from sqlalchemy import make_url

from shared.time.clock import SystemClock

JOBS = 2_000

_fired = 0
_all_fired = Event()


def fire() -> None:
    """What APScheduler calls."""
    global _fired  # noqa: PLW0603  its store pickles the name of a function, so this cannot be a method
    _fired += 1
    if _fired == JOBS:
        _all_fired.set()


def apscheduler(url: str) -> float:
    """Jobs a second that are due at one instant."""
    store = SQLAlchemyJobStore(url=make_url(url).set(drivername="postgresql+psycopg"))
    scheduler = BackgroundScheduler(jobstores={"default": store}, timezone="UTC")
    scheduler.start(paused=True)
    due = SystemClock().now() - timedelta(seconds=1)
    for _ in range(JOBS):
        scheduler.add_job(fire, "date", run_date=due, misfire_grace_time=None)
    began = time.perf_counter()
    scheduler.resume()
    _all_fired.wait()
    took = time.perf_counter() - began
    scheduler.shutdown()
    return JOBS / took


async def procrastinate(url: str) -> float:
    """Jobs a second that are due at one instant, by a worker of ten."""
    app = App(connector=PsycopgConnector(conninfo=url))

    @app.task
    async def fire_one(number: int) -> None:
        del number

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        due = SystemClock().now() - timedelta(seconds=1)
        numbers: list[dict[str, JSONValue]] = [{"number": one} for one in range(JOBS)]
        await fire_one.configure(schedule_at=due).batch_defer_async(*numbers)
        began = time.perf_counter()
        await app.run_worker_async(wait=False, concurrency=10, install_signal_handlers=False)
        return JOBS / (time.perf_counter() - began)


async def measure(url: str) -> dict[str, float]:
    """Jobs a second of each base."""
    return {
        "APScheduler, a job each": await asyncio.to_thread(apscheduler, url),
        "procrastinate, a job each": await procrastinate(url),
    }
