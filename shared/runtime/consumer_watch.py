"""Watching the consumers of a service: which partitions are stopped, and which stand still while records wait."""

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.contract.events import CONSUMER_STALLED, ConsumerStalled, Recipient
from shared.contract.messages import SYSTEM, Event
from shared.messaging.brakes.policy import BrakePolicy
from shared.messaging.consumer import Consumer
from shared.messaging.kafka import describe_failure
from shared.messaging.stalls import Stalls
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork, nothing_more
from shared.runtime.duty import Duty
from shared.telemetry import Telemetry

logger = logging.getLogger(__name__)

CONSUMER_WATCH = "consumer watch"
_BEAT_SECONDS = 10.0
W = TypeVar("W", bound=UnitOfWork)


class ConsumerWatch(Generic[W]):
    """Measures, and emits an event once for each partition that stands still for longer than the policy allows.

    One that a brake stops was noticed when it was put on. `on_stalled` is called in the same unit of work, by a service
    that acts on its own events itself.
    """

    def __init__(
        self,
        consumers: Sequence[Consumer],
        *,
        service: str,
        units: UnitsOfWork[W],
        policy: BrakePolicy,
        telemetry: Telemetry,
        on_stalled: Callable[[W, ConsumerStalled], Awaitable[None]] = nothing_more,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._watched = [(consumer, Stalls[TopicPartition](policy.stalled_seconds)) for consumer in consumers]
        self._service, self._units, self._policy, self._on_stalled = service, units, policy, on_stalled
        self._monotonic = monotonic
        self._overdue: dict[str, str] = {}
        labels = ["topic", "partition"]
        self._braked = telemetry.gauge("tricolor_consumer_braked", "1 where a person must release a partition", labels)
        self._stalled = telemetry.gauge(
            "tricolor_consumer_stalled_seconds", "How long records have waited with none handled", labels
        )
        self.duty = Duty(CONSUMER_WATCH, self.run_once, every_seconds=_BEAT_SECONDS)

    async def run_once(self) -> int:
        """Look once; answer how many events were emitted."""
        emitted = 0
        self._braked.clear()
        self._stalled.clear()
        for consumer, stalls in self._watched:
            try:
                ends = await consumer.ends()
            except KafkaError as error:
                logger.info("%s: how far it has come is unknown: %s", consumer.name, describe_failure(error))
                continue
            stood = stalls.look(ends, self._monotonic())
            for place, seconds in stood.items():
                self._stalled.labels(place.topic, place.partition).set(seconds)
                self._braked.labels(place.topic, place.partition).set(place in consumer.stopped)
            overdue = sorted(stalls.overdue(stood) - consumer.stopped)
            for place in overdue:
                if place in stalls.unreported(stood):
                    await self._emit(consumer, place, ends[place], stood[place])
                    stalls.report(place)
                    emitted += 1
            self._overdue[consumer.name] = ", ".join(
                f"{place.topic}/{place.partition} for {stood[place]:.0f} s at offset {ends[place][0]}"
                for place in overdue
            )
        return emitted

    async def stalled(self) -> str | None:
        """What a readiness check says when records wait and none is handled."""
        found = [f"{name}: {places}" for name, places in self._overdue.items() if places]
        return f"records wait and none is handled: {'; '.join(found)}" if found else None

    async def _emit(self, consumer: Consumer, place: TopicPartition, at: tuple[int, int], seconds: float) -> None:
        offset, end = at
        async with self._units.open() as work:
            stalled = ConsumerStalled(
                service=self._service,
                consumer=consumer.name,
                topic=place.topic,
                partition=place.partition,
                offset=offset,
                waiting=end - offset,
                seconds=seconds,
                detail=consumer.trouble,
                at=work.now,
                policy_version=self._policy.version,
                recipients=[Recipient(role=role) for role in self._policy.recipients],
            )
            await self._on_stalled(work, stalled)
            work.emit(Event(CONSUMER_STALLED, SYSTEM, stalled))
