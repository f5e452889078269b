"""Consuming topics: poll, handle, commit the offsets. What fails for now is tried again; nothing is skipped."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.cloudevents import Headers, Outgoing, Refused
from shared.database import is_transient
from shared.instants import shown

logger = logging.getLogger(__name__)

_LONGEST_BACKOFF = 30.0


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record as it came."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Headers
    timestamp: int

    @property
    def origin(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


Handle = Callable[[Sequence[Record]], Awaitable[None]]


def dead_letter(record: Record, refusal: Refused, consumer: str, now: datetime) -> Outgoing:
    """The record, byte for byte, on its way to the dead-letter topic, with the reason in its headers.

    The record's own headers stay with it, for in binary mode they are half of the event.
    """
    return Outgoing(
        # The same record refused again, after a crash say, is the same dead letter.
        event_id=uuid5(NAMESPACE_URL, f"{consumer}:{record.origin}@{record.timestamp}"),
        topic=f"{record.topic}.dead-letter",
        key=record.key,
        value=record.value,
        headers=(
            *record.headers,
            ("error-code", refusal.code.encode()),
            ("error-detail", refusal.detail.encode(errors="backslashreplace")),
            ("consumer", consumer.encode()),
            ("origin", record.origin.encode()),
            ("failed-at", shown(now).encode()),
        ),
    )


class Consumer:
    """One member of a consumer group. The offset is committed after `handle`, whose effects are then durable.

    `handle` must be idempotent: after a crash the same records come again.
    """

    def __init__(
        self,
        *,
        name: str,
        topics: Sequence[str],
        group: str,
        handle: Handle,
        kafka: dict[str, Any],
        max_records: int,
    ) -> None:
        self.name, self._handle = name, handle
        self._max_records = max_records
        self._consumer = AIOKafkaConsumer(
            *topics,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            # A broker that answers an empty fetch only when this has passed delays every event by as much.
            fetch_max_wait_ms=100,
            **kafka,
        )

    async def start(self) -> None:
        await self._consumer.start()

    async def stop(self) -> None:
        await self._consumer.stop()

    async def missing_assignment(self) -> str | None:
        """What a readiness check says while the group has given this member no partitions."""
        return None if self._consumer.assignment() else f"{self.name}: no partitions assigned yet"

    async def run_once(self, wait_seconds: float = 0.0) -> int:
        """Handle one poll's records and commit; answer how many. When `handle` raises, they will come again."""
        polled = await self._consumer.getmany(timeout_ms=int(wait_seconds * 1000), max_records=self._max_records)
        if not polled:
            return 0
        records = [
            Record(
                message.topic,
                message.partition,
                message.offset,
                message.key,
                message.value or b"",
                tuple(message.headers),
                message.timestamp,
            )
            for messages in polled.values()
            for message in messages
        ]
        try:
            await self._handle(records)
        except BaseException:
            for partition, messages in polled.items():
                if partition in self._consumer.assignment():  # else another member reads them from the last commit
                    self._consumer.seek(partition, messages[0].offset)
            raise
        await self._consumer.commit({tp: messages[-1].offset + 1 for tp, messages in polled.items()})
        return len(records)

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until `stopping`. Transient failures back off with jitter; any other one is raised."""
        failures = 0
        while not stopping.is_set():
            try:
                await self.run_once(wait_seconds=0.5)
                failures = 0
            except Exception as error:
                if not (is_transient(error) or isinstance(error, KafkaError)):
                    raise
                failures += 1
                delay = min(_LONGEST_BACKOFF, 0.2 * 2**failures) * random.uniform(0.5, 1)  # noqa: S311  jitter
                logger.warning("%s: %s; the same records again in %.1f s", self.name, error, delay)
                await first_of(stopping, delay)

    async def lag(self) -> int:
        """How many records of the assigned partitions have not been handled yet."""
        assignment = self._consumer.assignment()
        ends = await self._consumer.end_offsets(assignment)
        return sum([ends[partition] - await self._consumer.position(partition) for partition in assignment])


async def first_of(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event`, at most `seconds`; answer whether it came."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def ensure_topics(kafka: dict[str, Any], names: Sequence[str], partitions: int) -> None:
    """Create what is missing of `names`. A broker that creates topics when they are first named is left to it."""
    admin = AIOKafkaAdminClient(**kafka)
    await admin.start()
    try:
        present = set(await admin.list_topics())
        missing = [name for name in names if name not in present]
        if missing:
            # A replication of -1 is the broker's default; aiokafka takes it only beside an empty assignment.
            answer = await admin.create_topics(
                [NewTopic(name, partitions, -1, replica_assignments={}) for name in missing]
            )
            for _, code, *rest in answer.topic_errors:
                if code not in (0, TopicAlreadyExistsError.errno):
                    raise KafkaError(f"topics could not be created: {rest}")
    finally:
        await admin.close()
