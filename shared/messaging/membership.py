"""Being a member of a consumer group: joining it, what it draws in one poll, and how a rebalance waits for that."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition

from shared.messaging.kafka import Record, closed

BATCH_BYTES = 8 * 1024 * 1024
TURN_SECONDS = 5.0
"""No batch is begun later than this after the poll: a member that does not poll is put out of its group."""


class Turn:
    """The records of one poll, and how far they are handled."""

    def __init__(
        self, member: AIOKafkaConsumer, stopping: asyncio.Event | None, polled: dict[TopicPartition, list[Record]]
    ) -> None:
        self.polled, self.handled = polled, 0
        self._reached = {place: records[0].offset for place, records in polled.items()}
        self._member, self._stopping = member, stopping
        self._ends = time.monotonic() + TURN_SECONDS

    @property
    def over(self) -> bool:
        return time.monotonic() > self._ends or (self._stopping is not None and self._stopping.is_set())

    def reach(self, batch: Sequence[Record]) -> dict[TopicPartition, int]:
        """Note that `batch` is handled; answer the offsets after it, by partition."""
        reached = {record.place: record.offset + 1 for record in batch}
        self._reached |= reached
        self.handled += len(batch)
        return reached

    @property
    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._member.assignment())

    def pause(self, place: TopicPartition) -> bool:
        """Draw no more of `place`; answer whether that is new."""
        if place not in self.assignment or place in self._member.paused():
            return False
        self._member.pause(place)
        return True

    def resume(self, place: TopicPartition) -> None:
        if place in self.assignment:
            self._member.resume(place)

    def seek(self, place: TopicPartition, offset: int) -> None:
        if place in self.assignment:
            self._member.seek(place, offset)

    def put_back(self) -> None:
        """Have what was polled and not handled come again, unless it is another member's now."""
        for place, records in self.polled.items():
            if self._reached[place] <= records[-1].offset and place in self.assignment:
                self._member.seek(place, self._reached[place])


class Rebalances:
    """Makes a rebalance wait until the current batch is handled."""

    def __init__(
        self, revoke: Callable[[], Awaitable[None]], assign: Callable[[Collection[TopicPartition]], None]
    ) -> None:
        self._revoke, self._assign = revoke, assign

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        del revoked  # all of them, always: aiokafka rebalances eagerly
        await self._revoke()

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        self._assign(assigned)


# aiokafka wants its own type; a class derived from one without annotations would lose ours.
ConsumerRebalanceListener.register(Rebalances)


async def join(topics: Sequence[str], group: str, kafka: dict[str, Any], rebalances: Rebalances) -> AIOKafkaConsumer:
    """A new member of `group` that reads `topics`. Raises KafkaError when Kafka is away."""
    member = AIOKafkaConsumer(
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        # What a producer took back was never said.
        isolation_level="read_committed",
        # A broker that answers an empty fetch only when this has passed delays every event by as much.
        fetch_max_wait_ms=100,
        # Besides what it is woken for, the client looks round so often for what to fetch: idle, for nothing.
        consumer_timeout_ms=2_000,
        # What waits in memory: so much a partition, and no more than this a broker and fetch.
        max_partition_fetch_bytes=1024 * 1024,
        fetch_max_bytes=BATCH_BYTES,
        # A rebalance waits for the work in hand, which never takes as long.
        rebalance_timeout_ms=60_000,
        **kafka,
    )
    member.subscribe(topics, listener=rebalances)
    try:
        await member.start()
    except BaseException:
        await closed(member.stop())
        raise
    return member
