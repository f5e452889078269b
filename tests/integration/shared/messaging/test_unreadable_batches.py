"""A batch that cannot be read holds up its partition and no other, is named, and is passed over when a person says so.

On a broker of its own that takes whatever a producer claims to be a batch; a real Kafka looks into most of them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c
from sqlalchemy import select

from shared.messaging.brakes import policy
from shared.messaging.brakes.store import Brakes
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters.store import By, DeadLetters
from shared.messaging.kafka import Record
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from shared.storage.database import Database
from tests.integration.shared.conftest import brakes as brakes_table
from tests.integration.shared.conftest import dead_letters

_CHECKSUM, _ATTRIBUTES = 17, 21


@pytest.fixture
async def place(settings: Settings) -> AsyncIterator[tuple[TopicPartition, dict[str, Any]]]:
    own = EmbeddedBroker()
    topic = settings.topic("damaged")
    await own.ensure_topics([topic])
    yield TopicPartition(topic, 0), settings.kafka_client(own.bootstrap_servers)
    del own


def batch(*values: bytes) -> bytearray:
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=0,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=100_000,
    )
    for offset, value in enumerate(values):
        builder.append(offset, timestamp=1_795_893_763_572, key=None, value=value, headers=[])
    return bytearray(builder.build())


def packed_by(codec: int) -> bytes:
    """Three records that are said to be packed by `codec`, and are not; the checksum is right."""
    made = batch(b"1", b"2", b"3")
    made[_ATTRIBUTES : _ATTRIBUTES + 2] = codec.to_bytes(2, "big")
    made[_CHECKSUM : _CHECKSUM + 4] = calc_crc32c(bytes(made[_ATTRIBUTES:])).to_bytes(4, "big")
    return bytes(made)


async def send(kafka: dict[str, Any], place: TopicPartition, made: bytes) -> None:
    client = AIOKafkaClient(**kafka)
    await client.bootstrap()
    await client.set_topics([place.topic])
    request = ProduceRequest(None, 1, 10_000, [(place.topic, [(place.partition, made)])])
    await client.send(client.cluster.leader_for_partition(place), request)
    await client.close()


def with_a_wrong_checksum() -> bytes:
    made = batch(b"1", b"2", b"3")
    made[_CHECKSUM] ^= 0xFF
    return bytes(made)


DAMAGED = {
    "gzip": packed_by(1),
    "snappy": packed_by(2),
    "lz4": packed_by(3),
    "zstd": packed_by(4),
    "a codec to come": packed_by(6),
    "checksum": with_a_wrong_checksum(),
}


class Taken:
    """Takes everything, and remembers it by partition."""

    def __init__(self) -> None:
        self.values: dict[int, list[bytes]] = {0: [], 1: []}

    async def handle(self, records: Sequence[Record]) -> list[Record]:
        for record in records:
            self.values[record.partition].append(record.value)
        return []


async def until(one: Consumer, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await one.run_once(wait_seconds=0.2)


@pytest.mark.parametrize("made", DAMAGED.values(), ids=DAMAGED)
async def test_only_its_partition_is_stopped_and_a_person_has_it_passed_over(
    place: tuple[TopicPartition, dict[str, Any]],
    made: bytes,
    store: Database,
    units: UnitsOfWork[UnitOfWork],
) -> None:
    at, kafka = place
    letters, taken = DeadLetters(dead_letters, "alert_ingest"), Taken()
    brakes = Brakes(brakes_table, letters, units=units, policy=policy.load())
    one = Consumer(
        name="test",
        topics=[at.topic],
        group=at.topic,
        handle=taken.handle,
        kafka=kafka,
        max_records=100,
        batch=100,
        brakes=brakes,
    )
    before, others, after = [b"a%d" % n for n in range(12)], [b"b%d" % n for n in range(40)], [b"c1", b"c2"]
    async with AIOKafkaProducer(**kafka) as producer:
        for value in before:
            await producer.send_and_wait(at.topic, value, partition=0)
        for value in others:
            await producer.send_and_wait(at.topic, value, partition=1)
    await send(kafka, at, made)
    await send(kafka, at, bytes(batch(*after)))
    await one.start()
    await until(one, lambda: one.stopped == {at})
    assert taken.values[0] == before
    await until(one, lambda: taken.values[1] == others)
    assert f"{at.topic}/0 stopped at offset 12" in (await one.missing() or "")

    # Released it is tried again, in vain.
    async with units.open() as work:
        await brakes.release(work, at, By("section:zhao", "try again"))
    await until(one, lambda: not one.stopped)
    await until(one, lambda: one.stopped == {at})
    assert taken.values[0] == before

    async with units.open() as work:
        await brakes.release(work, at, By("section:zhao", "the platform sends it again"), pass_over=True)
    await until(one, lambda: len(taken.values[0]) == len(before) + len(after))
    assert taken.values == {0: [*before, *after], 1: others}
    assert (await one.missing(), await one.lag()) == (None, 0)
    await one.stop()
    async with store.autocommit() as connection:
        (letter,) = (await connection.execute(select(dead_letters))).all()
    assert (letter.code, letter.origin) == ("unreadable-batch", f"{at.topic}/0/12")
    assert letter.body[_CHECKSUM:] == made[_CHECKSUM:]  # what stands before is the broker's
