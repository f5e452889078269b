"""Polling a member of a group, also where a batch cannot be read: it is found, and holds up its partition only.

aiokafka raises what is wrong with a batch without saying where it is, and forgets what it had drawn of the other
partitions. So the partitions are then read one at a time, in ever smaller portions, until each is past it or at it.
"""

import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import (
    ConsumerStoppedError,
    CorruptRecordException,
    KafkaError,
    LeaderNotAvailableError,
    UnsupportedCodecError,
)
from aiokafka.protocol.fetch import FetchRequest

from shared.messaging.brakes.store import Unreadable
from shared.messaging.kafka import describe_failure

_PORTIONS = 8
_EACH_SECONDS = 0.3
"""Long enough for a fetch, which waits 0.1 s for records."""
_LARGEST_BATCH = 16 * 1024 * 1024
# What every batch of Kafka's present format begins with: base offset, length, leader's epoch, magic, checksum,
# attributes, and how far from the base offset its last record is.
_BATCH = struct.Struct(">qiibIhi")
_BEFORE_LENGTH_COUNTS = 12

Rewind = Callable[[AIOKafkaConsumer, TopicPartition], Awaitable[int]]
"""Has what was not handled of a partition come again; answers its first offset."""


@dataclass(frozen=True, slots=True)
class Damage:
    """The batch at `offset` of a partition cannot be read, now or later."""

    place: TopicPartition
    offset: int
    why: Unreadable


@dataclass(frozen=True, slots=True)
class Polled:
    records: dict[TopicPartition, list[ConsumerRecord]] = field(default_factory=dict)
    damage: Damage | None = None


class Reader:
    """Polls up to `most` records at a time."""

    def __init__(self, most: int, rewind: Rewind) -> None:
        self._most, self._rewind = most, rewind
        self._portions: dict[TopicPartition, int] = {}
        """The partitions that are read apart from the others, with how many records at a time."""

    async def poll(self, member: AIOKafkaConsumer, wait_seconds: float) -> Polled:
        """Records, or a batch that cannot be read. Raises KafkaError for what passes."""
        places = [place for place in self._portions if place in member.assignment() - member.paused()]
        if places:
            return await self._poll_apart(member, places)
        try:
            return Polled(await member.getmany(timeout_ms=int(wait_seconds * 1000), max_records=self._most))
        except Exception as error:
            if not is_damage(error):
                raise
        for place in member.assignment() - member.paused():
            await self._rewind(member, place)
            self._portions[place] = self._most
        return Polled()

    async def _poll_apart(self, member: AIOKafkaConsumer, places: list[TopicPartition]) -> Polled:
        """What the first of `places` brings that brings anything: a rebalance may come with any further call."""
        for place in places:
            portion = self._portions.pop(place)
            try:
                found = await member.getmany(place, timeout_ms=int(_EACH_SECONDS * 1000), max_records=portion)
            except Exception as error:
                self._portions[place] = max(1, portion // _PORTIONS)
                if not is_damage(error):
                    raise
                offset = await self._rewind(member, place)
                if portion == 1:
                    return Polled(damage=Damage(place, offset, unreadable(error)))
            else:
                if found:
                    # Read apart until it brings nothing: what was damaged may be further on.
                    self._portions[place] = min(self._most, portion * _PORTIONS)
                    return Polled(found)
        return Polled()


def is_damage(error: Exception) -> bool:
    """Whether a poll failed because of what lies in the partition: that does not pass.

    A codec raises what it likes on bytes that are not its own, an OSError among it.
    """
    return isinstance(error, UnsupportedCodecError | CorruptRecordException) or not isinstance(
        error, KafkaError | ConsumerStoppedError | ConnectionError | TimeoutError
    )


def unreadable(error: Exception) -> Unreadable:
    return Unreadable(type(error).__name__, describe_failure(error))


async def batch_at(kafka: dict[str, Any], place: TopicPartition, offset: int) -> tuple[bytes, int]:
    """The bytes of the batch at `offset`, not unpacked, and the offset after it. Raises KafkaError."""
    client = AIOKafkaClient(**kafka)
    try:
        await client.bootstrap()
        await client.set_topics([place.topic])
        leader = client.cluster.leader_for_partition(place)
        if leader is None or leader == -1:
            raise LeaderNotAvailableError(place)
        answer = await client.send(
            leader,
            FetchRequest(500, 1, _LARGEST_BATCH, 0, [(place.topic, [(place.partition, offset, _LARGEST_BATCH)])]),
        )
    finally:
        await client.close()
    ((_, ((_, _, _, *parts),)),) = answer.topics
    return _first_batch(bytes(parts[-1] or b""), offset)


def _first_batch(fetched: bytes, offset: int) -> tuple[bytes, int]:
    """The first batch in what was fetched from `offset`; one whose own figures make no sense counts as one record."""
    if len(fetched) < _BATCH.size:
        return fetched, offset + 1
    base, length, *_, last = _BATCH.unpack_from(fetched)
    return fetched[: _BEFORE_LENGTH_COUNTS + max(0, length)], max(offset, base + last) + 1
