"""What a consumer knows of brakes: which of its partitions are stopped, and which it has to stop."""

from collections.abc import Collection, Sequence
from typing import Any

from aiokafka import TopicPartition

from shared.messaging.brakes.store import Brakes, Unreadable
from shared.messaging.brakes.tally import Excess, RefusalTally
from shared.messaging.dead_letters.store import RETRY_OF
from shared.messaging.kafka import Record


class Guard:
    """Counts refusals by partition. Without `brakes` nothing is ever stopped."""

    def __init__(self, brakes: Brakes[Any] | None, consumer: str) -> None:
        self._brakes, self._consumer = brakes, consumer
        self._limits = brakes.policy.refusals if brakes else None
        self.stopped: dict[TopicPartition, str] = {}
        self._tallies: dict[TopicPartition, RefusalTally] = {}
        self._to_stop: dict[TopicPartition, tuple[int, Excess | Unreadable]] = {}
        self._is_known = False

    def reassigned(self) -> None:
        """The partitions are others now: what was counted is another member's to count."""
        self.stopped, self._is_known = {}, False
        self._tallies.clear()
        self._to_stop.clear()

    def count(self, batch: Sequence[Record], refused: Sequence[Record]) -> None:
        """Count a batch that was handled. A partition with too many refusals is stopped from here on."""
        if self._limits is None:
            return
        origins = {(record.place, record.offset) for record in refused}
        for record in batch:
            # What a person sent again was counted the first time, and may well be refused again.
            if any(name == RETRY_OF for name, _ in record.headers):
                continue
            tally = self._tallies.setdefault(record.place, RefusalTally(self._limits))
            if excess := tally.count(refused=(record.place, record.offset) in origins):
                self._to_stop.setdefault(record.place, (0, excess))
        for record in batch:
            if record.place in self._to_stop:
                self._stop(record.place, record.offset + 1, self._to_stop[record.place][1])

    def stop_unreadable(self, place: TopicPartition, offset: int, why: Unreadable) -> None:
        self._stop(place, offset, why)

    async def passes_over(self, place: TopicPartition, offset: int) -> bool:
        return self._brakes is not None and await self._brakes.passes_over(place, offset)

    async def keep_unread(self, place: TopicPartition, offset: int, batch: bytes, why: Unreadable) -> None:
        if self._brakes is not None:
            await self._brakes.keep_unread(self._consumer, place, offset, batch, why)

    async def settle(self, assignment: Collection[TopicPartition]) -> set[TopicPartition]:
        """Put on the brakes that are due, and learn of others; answer the partitions that were released."""
        if self._brakes is None:
            return set()
        for place, (offset, why) in list(self._to_stop.items()):
            await self._brakes.put_on(self._consumer, place, offset, why)
            del self._to_stop[place]
        if self._is_known and not self.stopped:
            return set()
        in_force = await self._brakes.in_force(assignment)
        released = self.stopped.keys() - in_force.keys()
        for place in released:
            self._tallies.pop(place, None)
        self.stopped, self._is_known = in_force, True
        return released

    def _stop(self, place: TopicPartition, offset: int, why: Excess | Unreadable) -> None:
        self._to_stop[place] = offset, why
        self.stopped[place] = "being stopped"
