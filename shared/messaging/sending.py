"""Sending events to Kafka by the batch: those of one partition are built as one, which is taken or refused as one.

Given to the client one by one, an event costs twice as much: a future, some turns, and the hash of its key in Python.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.contract.cloudevents import STRUCTURED_HEADERS, Headers
from shared.messaging.kafka import LARGEST_EVENT

BATCH_BYTES = 512 * 1024
"""Of one partition at once: the client sends one batch after another, and waits for each."""
_FRAMING = 256
"""Bytes of a message besides its key, value and headers, at most."""

_partitioner = DefaultPartitioner()


class Relayed(NamedTuple):
    """An event on its way to Kafka, by its position in an outbox."""

    position: int
    topic: str
    key: bytes | None
    value: bytes
    headers: Headers

    @property
    def is_too_large(self) -> bool:
        if self.headers is STRUCTURED_HEADERS and len(self.value) < LARGEST_EVENT // 2:
            return False  # as every event of ours
        headers = sum(len(name) + len(value or b"") for name, value in self.headers)
        return len(self.key or b"") + len(self.value) + headers + _FRAMING > LARGEST_EVENT


@dataclass
class _Batch:
    place: TopicPartition
    builder: BatchBuilder
    events: list[Relayed] = field(default_factory=list)

    def takes(self, event: Relayed, now: int) -> bool:
        """Add the event, unless the batch is full; an empty one takes any."""
        added = self.builder.append(timestamp=now, key=event.key, value=event.value, headers=list(event.headers))
        if added is None:
            return False
        self.events.append(event)
        return True


async def send(producer: AIOKafkaProducer, events: Sequence[Relayed]) -> tuple[list[int], KafkaError | None]:
    """Send `events` in order; answer the positions that Kafka took, and why it did not take the others.

    None is taken after one of its key that was not.
    """
    batches, failure = await _batches(producer, events)
    sent = []
    for batch in batches:
        batch.builder.close()  # it is complete, and waits for no more
        try:
            sent.append(await producer.send_batch(batch.builder, batch.place.topic, partition=batch.place.partition))
        except KafkaError as error:
            failure = error
            break
    taken: list[int] = []
    refused: set[tuple[str, bytes | None]] = set()
    for batch, outcome in zip(batches, await asyncio.gather(*sent, return_exceptions=True), strict=False):
        if isinstance(outcome, KafkaError):
            failure = outcome
            refused.update((event.topic, event.key) for event in batch.events)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            taken += [event.position for event in batch.events if (event.topic, event.key) not in refused]
    return taken, failure


async def _batches(producer: AIOKafkaProducer, events: Sequence[Relayed]) -> tuple[list[_Batch], KafkaError | None]:
    """The batches of `events`, in order for each partition; and why some are in none."""
    batches: list[_Batch] = []
    failure: KafkaError | None = None
    filling: dict[TopicPartition, _Batch] = {}
    held: set[tuple[str, bytes | None]] = set()
    partitions: dict[str, int] = {}
    now = int(time.time() * 1000)
    for event in events:
        if (event.topic, event.key) in held:
            continue
        if event.is_too_large:
            failure = MessageSizeTooLargeError(f"an event of {len(event.value)} bytes, {LARGEST_EVENT} at most")
            held.add((event.topic, event.key))
            continue
        try:
            if event.topic not in partitions:
                partitions[event.topic] = len(await producer.partitions_for(event.topic))
        except KafkaError as error:
            failure = error
            break
        place = TopicPartition(event.topic, _partition(event.key, partitions[event.topic]))
        if place not in filling or not filling[place].takes(event, now):
            batch = filling[place] = _Batch(place, producer.create_batch())
            batches.append(batch)
            batch.takes(event, now)
    return batches, failure


def _partition(key: bytes | None, number: int) -> int:
    """Of `number` partitions the one that Kafka's clients choose; any for what has no key."""
    return int(_partitioner(None, range(number), range(number)) if key is None else _partition_of(key, number))


@lru_cache(maxsize=65_536)
def _partition_of(key: bytes, number: int) -> int:
    return int(_partitioner(key, range(number), range(number)))
