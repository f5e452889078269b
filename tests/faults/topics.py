"""What stands in the topics, read from their beginning by a reader of the tests' own, in no group."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pydantic_core import from_json

from shared.contract.events import Topic
from shared.settings import Settings

Json = dict[str, Any]
TOLD = tuple(topic for topic in Topic if topic is not Topic.ANOMALY_EVENTS)
"""What the services themselves tell, whichever of them: what an outbox holds is looked for here."""


@dataclass(frozen=True)
class Letter:
    """A dead letter: what was refused, where it came from, and by whom."""

    value: bytes
    origin: str
    consumer: str


@dataclass
class Told:
    """Our own events by id, in the order in which each partition first had them."""

    events: dict[str, Json] = field(default_factory=dict)
    order: dict[tuple[str, int], list[str]] = field(default_factory=lambda: defaultdict(list))
    again: int = 0
    """Records that carry an event which stood there already: relayed at least once, that is."""
    letters: dict[tuple[str, str], list[Letter]] = field(default_factory=lambda: defaultdict(list))
    """By origin and consumer."""


class Reader:
    """Reads on from where it left off; `told` grows."""

    def __init__(self, kafka: str, settings: Settings) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
        self._names = [settings.topic(topic) for topic in TOLD]
        self._letters = [settings.topic(topic.dead_letter) for topic in Topic]
        self._partitions = settings.topic_partitions
        self.told = Told()

    async def start(self) -> None:
        await self._consumer.start()
        names: Sequence[str] = [*self._names, *self._letters]
        self._consumer.assign([TopicPartition(name, number) for name in names for number in range(self._partitions)])
        await self._consumer.seek_to_beginning()

    async def stop(self) -> None:
        await self._consumer.stop()

    async def read(self) -> Told:
        """Everything up to what is the end now."""
        ends = await self._consumer.end_offsets(self._consumer.assignment())
        while [True for partition, end in ends.items() if await self._consumer.position(partition) < end]:
            for records in (await self._consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    self._take(record)
        return self.told

    def _take(self, record: ConsumerRecord[Any, Any]) -> None:
        headers = {name: value.decode(errors="replace") for name, value in record.headers}
        if record.topic in self._letters:
            letter = Letter(record.value, headers["origin"], headers["consumer"])
            self.told.letters[letter.origin, letter.consumer].append(letter)
            return
        try:
            event = from_json(record.value)
            known = event["id"] in self.told.events
        except (ValueError, TypeError, KeyError):
            return  # what a test put there for the consumers to refuse
        if known:
            self.told.again += 1
        else:
            self.told.events[event["id"]] = event
            self.told.order[record.topic, record.partition].append(event["id"])
