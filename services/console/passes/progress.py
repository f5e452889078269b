"""The pass that measures how far the topics are read, and keeps it for whoever asks, in whichever replica."""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from services.console.domain.lag import Lag
from services.console.store import progress
from shared.messaging.consumer import Consumer, Handle
from shared.messaging.kafka import Record, describe_failure
from shared.storage.database import Database
from shared.telemetry import Telemetry

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5.0


class Progress:
    """Measures one consumer. Times are the host's: what waits, waits in real time."""

    def __init__(self, database: Database, telemetry: Telemetry) -> None:
        self._database = database
        self._lag = Lag[TopicPartition]()
        self._last: dict[TopicPartition, int] = {}
        labels = ["topic", "partition"]
        self._waiting = telemetry.gauge("tricolor_consumer_lag_records", "Records that are not read yet", labels)
        self._seconds = telemetry.gauge(
            "tricolor_consumer_lag_seconds", "How long the first of them has waited", labels
        )

    def watched(self, handle: Handle) -> Handle:
        """`handle`, with the newest record of each partition remembered once it is handled."""

        async def handled(records: Sequence[Record]) -> Sequence[Record]:
            refused = await handle(records)
            self._last.update((record.place, record.timestamp) for record in records)
            return refused

        return handled

    async def run_once(self, consumer: Consumer) -> int:
        """Measure once. Answers 0: looking is no work that leads to more."""
        try:
            ends = await consumer.ends()
        except KafkaError as error:
            logger.info("%s: how far it has come is unknown: %s", consumer.name, describe_failure(error))
            return 0
        waited = self._lag.look(ends, time.monotonic())
        self._waiting.clear()
        self._seconds.clear()
        rows = []
        for place, (position, end) in ends.items():
            self._waiting.labels(place.topic, place.partition).set(end - position)
            self._seconds.labels(place.topic, place.partition).set(waited[place])
            last = self._last.get(place)
            at = None if last is None else datetime.fromtimestamp(last / 1000, UTC)
            rows.append(progress.Row(place.topic, place.partition, position, end, waited[place], at))
        async with self._database.transaction() as connection:
            await progress.keep(connection, rows, datetime.now(UTC))
        return 0
