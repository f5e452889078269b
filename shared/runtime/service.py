"""A service as its `build` function leaves it: an app, consumers, duties and an outbox, ready to be run."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from shared.messaging.consumer import Consumer
from shared.messaging.kafka import describe_failure, first_of, is_temporary
from shared.messaging.outbox import Outbox
from shared.messaging.relay import Relay
from shared.runtime.duty import Duty, Metronome
from shared.storage.database import Database
from shared.telemetry import Telemetry

logger = logging.getLogger(__name__)

# Together they leave a second or two of the ten in which a process has to end.
_FINISH_SECONDS = 3.0
_DRAIN_SECONDS = 5.0
_LOOK_SECONDS, _ROOM_SECONDS = 1.0, 0.5
_RELAYED_AT_ONCE = 500


@dataclass
class Service:
    """Explicit parts. The runner runs them for ever, a test one pass at a time."""

    name: str
    app: FastAPI
    database: Database
    outbox: Outbox
    relay: Relay
    telemetry: Telemetry
    consumers: Sequence[Consumer] = ()
    duties: Sequence[Duty] = ()
    wakes: Sequence[Callable[[], None]] = ()
    """Called as soon as the service is to stop, to let go of requests that are held open."""
    closing: Sequence[Callable[[], Awaitable[None]]] = ()
    """Called last, to close what the service opened itself."""
    is_crowded: Callable[[], bool] | None = None
    """Whether so many wait for answers that what goes on behind them should give way. See `precedence`."""

    async def start(self) -> None:
        """Connect now, for a test that runs one pass at a time; `run` does so by itself. Raises when Kafka is away."""
        await self.relay.start()
        await asyncio.gather(*(consumer.start() for consumer in self.consumers))

    async def stop(self) -> None:
        """Close every connection, without waiting long for one that does not answer."""
        await asyncio.gather(*(consumer.stop() for consumer in self.consumers), self.relay.stop())
        for close in self.closing:
            await close()
        await self.database.close()

    async def run(self, stopping: asyncio.Event, *, drain: bool = False) -> None:
        """Work until `stopping`, then finish or hand back what is in hand; with `drain`, also what has arrived.

        It ends within 8 seconds of `stopping`. Raises the first failure that does not pass.
        """
        broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def failed(error: BaseException) -> None:
            if not broken.done():
                broken.set_exception(error)

        metronome = Metronome(self.duties, self.telemetry, failed)
        metronome.start()
        try:
            async with asyncio.TaskGroup() as group:
                work = [group.create_task(consumer.run(stopping)) for consumer in self.consumers]
                work.append(group.create_task(self._relay(stopping)))
                await _until(stopping, broken)
                self._wake()
                # What is cancelled is rolled back, and comes again.
                (_, unfinished), _ = await asyncio.gather(
                    asyncio.wait(work, timeout=_FINISH_SECONDS), metronome.stop(_FINISH_SECONDS)
                )
                for task in unfinished:
                    task.cancel()
            if drain:
                await self._drain()
        finally:
            await metronome.stop(0)
            self._wake()

    def _wake(self) -> None:
        for wake in self.wakes:
            wake()
        for consumer in self.consumers:
            if consumer.bell is not None:
                consumer.bell.set()

    async def _relay(self, stopping: asyncio.Event) -> None:
        """Relay at once when something was appended here, and look every second for what others append."""
        waiting = True
        while not stopping.is_set():
            self.outbox.appended.clear()
            try:
                if waiting or await self.relay.has_waiting():
                    relayed = await self.relay.run_once(_RELAYED_AT_ONCE)
                    if relayed == _RELAYED_AT_ONCE:
                        waiting = True
                        continue
                    # What waits and could not be relayed now waits for room in the broker.
                    waiting = not relayed
            except Exception as error:
                if not is_temporary(error):
                    raise
                logger.warning("%s relay: %s; again in a second", self.name, describe_failure(error))
                await first_of(stopping, 1.0)
            waiting = await first_of(self.outbox.appended, _ROOM_SECONDS if waiting else _LOOK_SECONDS)

    async def _drain(self) -> None:
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                for consumer in self.consumers:
                    while await consumer.lag(also_stopped=False):
                        await consumer.run_once(wait_seconds=0.1)
                while await self.relay.run_once():
                    pass
        except Exception as error:
            if not is_temporary(error):
                raise
            logger.warning("%s: stopped with work left in its topics: %s", self.name, describe_failure(error))


async def _until(stopping: asyncio.Event, broken: asyncio.Future[None]) -> None:
    """Return when it is time to stop; raise what broke, when something did."""
    stopped = asyncio.create_task(stopping.wait())
    either: set[asyncio.Future[Any]] = {stopped, broken}
    try:
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    if broken.done():
        broken.result()
