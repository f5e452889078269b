"""What every Kafka client here needs: records, dead letters, topics, and which failures are temporary."""

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from shared.contract.cloudevents import Headers, Outgoing, Refused
from shared.storage.database import is_transient
from shared.time.instants import shown

LARGEST_EVENT = 16 * 1024 * 1024
"""Bytes of the largest message that is sent: a dead letter of the largest record that a broker may have taken."""


_CLOSE_SECONDS = 1.0
_closing: set[asyncio.Task[None]] = set()


class Record(NamedTuple):
    """A Kafka record as it came."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes
    headers: Headers
    timestamp: int

    @classmethod
    def of(cls, message: ConsumerRecord) -> "Record":
        return cls(
            message.topic,
            message.partition,
            message.offset,
            message.key,
            message.value or b"",
            tuple(message.headers),
            message.timestamp,
        )

    @property
    def origin(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @property
    def place(self) -> TopicPartition:
        return TopicPartition(self.topic, self.partition)

    @property
    def size(self) -> int:
        """Bytes, headers apart."""
        return len(self.key or b"") + len(self.value)


def dead_letter(record: Record, refusal: Refused, consumer: str, now: datetime) -> Outgoing:
    """Return the record for its dead-letter topic, byte for byte, with the reason in its headers.

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


def is_temporary(error: BaseException) -> bool:
    """Whether the failure is temporary: the database or Kafka was away or busy, or ended a deadlock."""
    return is_transient(error) or isinstance(error, KafkaError)


def describe_failure(error: BaseException) -> str:
    """Describe the failure in a line, with its kind: many temporary ones have no text of their own."""
    kind, said = type(error).__name__, str(error).partition("\n")[0]
    return said if said.startswith(kind) else f"{kind}: {said}"


async def closed(closing: Coroutine[Any, Any, None]) -> None:
    """Close a client, waiting a second for it: one whose Kafka does not answer goes on closing by itself."""
    task = asyncio.create_task(closing)
    _closing.add(task)
    task.add_done_callback(_closing.discard)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())
    await asyncio.wait((task,), timeout=_CLOSE_SECONDS)


async def first_of(event: asyncio.Event, seconds: float) -> bool:
    """Wait for `event`, at most `seconds`; answer whether it came."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
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
                [NewTopic(name, partitions, -1, {}, _configuration(name)) for name in missing]
            )
            for _, code, *rest in answer.topic_errors:
                if code not in (0, TopicAlreadyExistsError.errno):
                    raise KafkaError(f"topics could not be created: {rest}")
    finally:
        await admin.close()


def _configuration(topic: str) -> dict[str, str]:
    """Return the configuration of a topic. A dead letter is larger than its record, and must fit all the same."""
    return {"max.message.bytes": str(LARGEST_EVENT)} if topic.endswith(".dead-letter") else {}
