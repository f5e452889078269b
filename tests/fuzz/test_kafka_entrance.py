"""Whatever lies in `anomaly-events`: each record is taken in, known already, or a dead letter byte for byte."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic_core import from_json
from sqlalchemy import text

from shared.contract.cloudevents import structured_form
from shared.contract.events import Topic
from shared.runtime.service import Service
from shared.settings import Settings
from tests.fuzz.conftest import EVENTS, NOW
from tests.fuzz.mutations import Headers, Mutations, Sent

# Few enough for the embedded broker, which keeps some 5 MB a partition.
_PART = 500


def kafka_headers(sent: Sent) -> Headers:
    return tuple((name.replace("ce-", "ce_", 1), value) for name, value in sent.headers)


def nullable(sent: Sent) -> dict[str, Any]:
    """As a producer that knows null sends it: a body (under a key) and a header that are empty are not there."""
    return {
        "value": sent.body or (None if sent.key else b""),
        "key": sent.key,
        "headers": [(name, value or None) for name, value in kafka_headers(sent)],
    }


class Entrance:
    """The topic, what came of each record in it, and the dead letters as their reader has them."""

    def __init__(self, service: Service, settings: Settings, producer: AIOKafkaProducer) -> None:
        self._service, self._settings, self._producer = service, settings, producer
        self.topic = settings.topic(Topic.ANOMALY_EVENTS)
        self.outcomes: Counter[str] = Counter()

    async def take(self, part: Sequence[Sent], letters: AIOKafkaConsumer) -> None:
        """Send `part`, let it be consumed and relayed, and account for every record of it."""
        sending = [await self._producer.send(self.topic, **nullable(sent)) for sent in part]
        at = [await future for future in sending]
        origins = {f"{one.topic}/{one.partition}/{one.offset}": sent for one, sent in zip(at, part, strict=True)}
        (events, _) = self._service.consumers
        while await events.lag():
            await events.run_once(wait_seconds=0.2)
        while await self._service.relay.run_once():
            pass
        refused = await self._letters(letters, origins)
        async with self._service.database.transaction() as connection:
            rows = await connection.execute(
                text("select origin, is_repeat from ingest.events where origin = any(:origins)"),
                {"origins": list(origins)},
            )
            kept = {row.origin: "repeat" if row.is_repeat else "accepted" for row in rows}
            assert not refused & kept.keys(), "taken in and refused"
            # What is neither must be there already, under the identity that it names.
            again = [sent for origin, sent in origins.items() if origin not in refused | kept.keys()]
            named = [from_json(structured_form(sent.body, kafka_headers(sent))) for sent in again]
            rows = await connection.execute(
                text("select source, id from ingest.events where id = any(:ids)"),
                {"ids": [event["id"] for event in named]},
            )
            known = {(row.source, row.id) for row in rows}
        dropped = [
            sent for sent, event in zip(again, named, strict=True) if (event["source"], event["id"]) not in known
        ]
        assert dropped == []
        self.outcomes.update(kept.values())
        self.outcomes.update(refused=len(refused), duplicate=len(again))

    async def _letters(self, letters: AIOKafkaConsumer, origins: dict[str, Sent]) -> set[str]:
        """The origins of the part's dead letters, each found to be the record as it was sent."""
        found: set[str] = set()
        partitions = letters.assignment()
        ends = await letters.end_offsets(partitions)
        while any([await letters.position(one) < ends[one] for one in partitions]):
            for messages in (await letters.getmany(timeout_ms=200)).values():
                for letter in messages:
                    headers = dict(letter.headers[-5:])
                    origin = headers["origin"].decode()
                    sent = origins[origin]
                    assert origin not in found, f"{origin} is a dead letter twice"
                    assert (letter.value or b"", letter.key or b"") == (sent.body, sent.key or b"")
                    assert list(letter.headers[:-5]) == nullable(sent)["headers"]
                    assert headers["error-code"]
                    assert headers["error-detail"]
                    found.add(origin)
        return found


async def test_nothing_is_dropped_and_nothing_stops_the_consumer(
    service: Service, settings: Settings, broker: str
) -> None:
    client = settings.kafka_client(broker)
    letters = AIOKafkaConsumer(
        settings.topic(Topic.ANOMALY_EVENTS.dead_letter), auto_offset_reset="earliest", fetch_max_wait_ms=100, **client
    )
    mutated = iter(Mutations(seed=6, now=NOW))
    async with AIOKafkaProducer(acks="all", enable_idempotence=True, **client) as producer, letters:
        entrance = Entrance(service, settings, producer)
        for start in range(0, EVENTS, _PART):
            await entrance.take(list(islice(mutated, min(_PART, EVENTS - start))), letters)
    assert entrance.outcomes.total() == EVENTS
    assert min(entrance.outcomes[one] for one in ("accepted", "duplicate", "repeat", "refused")) > EVENTS // 400
    counted = {
        sample.labels["outcome"]: sample.value
        for metric in service.telemetry.registry.collect()
        for sample in metric.samples
        if sample.name == "tricolor_records_total" and sample.labels["topic"] == "kafka"
    }
    assert counted == dict(entrance.outcomes)
    print(f"Kafka: {dict(entrance.outcomes)}")  # noqa: T201  the figures are what the run is for
