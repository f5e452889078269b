"""Duties: the periodic passes of a service. The loop is apart from the pass, so that a test runs one pass."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from shared.messaging.kafka import describe_failure, is_temporary
from shared.telemetry import Telemetry

logger = logging.getLogger(__name__)

_ROLLBACK_SECONDS = 1.0


@dataclass(frozen=True)
class Duty:
    """A pass that is repeated. `run_once` answers how many items it worked on; 0 means nothing is left.

    `woken` is set when there is something to do at once, instead of with the next beat: or `gathering` seconds later,
    for work that nobody waits for. While `resting` answers True nothing can be due, and the beat passes without a pass.
    """

    name: str
    run_once: Callable[[], Awaitable[int]]
    every_seconds: float
    woken: asyncio.Event | None = None
    resting: Callable[[], bool] | None = None
    gathering: float = 0.0


class _Beats:
    """Which duties are due: each at an instant of its own, or whatever comes then would wait until all have passed."""

    def __init__(self, duties: Sequence[Duty]) -> None:
        self.seconds = min((duty.every_seconds for duty in duties), default=60.0)
        self._duties = duties
        choice = random.Random()  # noqa: S311  spread
        self._later = {duty.name: choice.uniform(0, self.seconds) for duty in duties}
        self._first = {duty.name: choice.uniform(0, duty.every_seconds) for duty in duties}
        self._at: dict[str, float] = {}

    def due(self, now: float) -> list[tuple[Duty, float]]:
        """Those that are due with the beat at `now`, and how many seconds after it."""
        found = []
        for duty in self._duties:
            at = self._at.setdefault(duty.name, now + self._first[duty.name])
            if at - now < self.seconds / 2:  # a beat is not punctual
                self._at[duty.name] = now + duty.every_seconds
                found.append((duty, self._later[duty.name]))
        return found


class Metronome:
    """Beats the duties on APScheduler. Nothing but the beat lives there: what is due stands in tables.

    A pass that fails for a transient reason is logged, counted and comes again with the next beat; any other
    failure is handed to `failed`, so that the process stops visibly instead of limping.
    """

    def __init__(self, duties: Sequence[Duty], telemetry: Telemetry, failed: Callable[[BaseException], None]) -> None:
        self._telemetry, self._failed = telemetry, failed
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._beats = _Beats(duties)
        # One job for all: a job each, idle, took a fifth of the processor time of a process.
        self._scheduler.add_job(
            self._beat,
            "interval",
            seconds=self._beats.seconds,
            next_run_time=datetime.now(UTC) + timedelta(seconds=random.uniform(0, self._beats.seconds)),  # noqa: S311
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,
        )
        self._duties = duties
        self._waiting: list[asyncio.Task[None]] = []
        self._passes: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    def start(self) -> None:
        self._scheduler.start()
        self._waiting = [
            asyncio.create_task(self._beat_when(duty.woken, duty)) for duty in self._duties if duty.woken is not None
        ]

    async def stop(self, patience_seconds: float) -> None:
        """Begin no further pass, and let those under way finish. Roll back what is not done by then: it comes again."""
        if self._stopping:
            return
        self._stopping = True
        self._scheduler.pause()
        for task in self._waiting:
            task.cancel()
        # Beats that were begun run first: the scheduler would cancel them, with an error in the log.
        await asyncio.sleep(0)
        self._scheduler.shutdown(wait=False)
        if self._passes:
            _, late = await asyncio.wait(self._passes.values(), timeout=patience_seconds)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=_ROLLBACK_SECONDS)

    async def _beat(self) -> None:
        loop = asyncio.get_running_loop()
        for duty, later in self._beats.due(loop.time()):
            loop.call_later(later, self._begin_in_time, duty)

    def _begin_in_time(self, duty: Duty) -> None:
        if not self._stopping and (duty.resting is None or not duty.resting()):
            self._begin(duty)

    async def _beat_when(self, woken: asyncio.Event, duty: Duty) -> None:
        while True:
            await woken.wait()
            if duty.gathering:
                await asyncio.sleep(duty.gathering)
            woken.clear()
            if duty.name in self._passes:  # which may have looked before there was something to do
                await asyncio.wait({self._passes[duty.name]})
            await asyncio.wait({self._begin(duty)})

    def _begin(self, duty: Duty) -> asyncio.Task[None]:
        """The pass of `duty` that is under way, or a new one: a task of ours, which only we cancel."""
        under_way = self._passes.get(duty.name)
        if under_way is None or under_way.done():
            under_way = self._passes[duty.name] = asyncio.create_task(self._pass(duty))
        return under_way

    async def _pass(self, duty: Duty) -> None:
        try:
            while done := await duty.run_once():
                self._telemetry.passes.labels(duty.name).inc(done)
                if self._stopping:
                    return
        except Exception as error:
            if not is_temporary(error):
                self._failed(error)
                return
            self._telemetry.failures.labels(duty.name).inc()
            logger.warning("%s: %s; again with the next beat", duty.name, describe_failure(error))
