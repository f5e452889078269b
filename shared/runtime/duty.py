"""Duties: the periodic passes of a service. The loop is apart from the pass, so that a test runs one pass."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from shared.messaging.kafka import describe_failure, is_temporary
from shared.telemetry import Telemetry

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Duty:
    """A pass that is repeated. `run_once` answers how many items it worked on; 0 means nothing is left.

    `woken` is set when there is something to do at once, instead of with the next beat.
    """

    name: str
    run_once: Callable[[], Awaitable[int]]
    every_seconds: float
    woken: asyncio.Event | None = None


class Metronome:
    """Beats the duties on APScheduler. Nothing but the beat lives there: what is due stands in tables.

    A pass that fails for a transient reason is logged, counted and comes again with the next beat; any other
    failure is handed to `failed`, so that the process stops visibly instead of limping.
    """

    def __init__(self, duties: Sequence[Duty], telemetry: Telemetry, failed: Callable[[BaseException], None]) -> None:
        self._telemetry, self._failed = telemetry, failed
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        for duty in duties:
            self._scheduler.add_job(
                self._beat,
                "interval",
                args=[duty],
                seconds=duty.every_seconds,
                max_instances=1,
                coalesce=True,
                misfire_grace_time=None,
            )
        self._duties = duties
        self._waiting: list[asyncio.Task[None]] = []
        self._running = {duty.name: asyncio.Lock() for duty in duties}

    def start(self) -> None:
        self._scheduler.start()
        self._waiting = [
            asyncio.create_task(self._beat_when(duty.woken, duty)) for duty in self._duties if duty.woken is not None
        ]

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)
        for task in self._waiting:
            task.cancel()

    async def _beat_when(self, woken: asyncio.Event, duty: Duty) -> None:
        while True:
            await woken.wait()
            woken.clear()
            await self._beat(duty)

    async def _beat(self, duty: Duty) -> None:
        async with self._running[duty.name]:
            await self._pass(duty)

    async def _pass(self, duty: Duty) -> None:
        try:
            while done := await duty.run_once():
                self._telemetry.passes.labels(duty.name).inc(done)
        except Exception as error:
            if not is_temporary(error):
                self._failed(error)
                return
            self._telemetry.failures.labels(duty.name).inc()
            logger.warning("%s: %s; again with the next beat", duty.name, describe_failure(error))
