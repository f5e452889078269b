"""A partition most of which is refused is stopped, across restarts, until a person releases it; nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from pydantic_core import from_json
from sqlalchemy import func, select

from shared.contract.cloudevents import Refused
from shared.contract.events import CONSUMER_BRAKED, CONSUMER_RELEASED
from shared.contract.refusals import Conflict, Invalid, NotFound
from shared.messaging.brakes import policy
from shared.messaging.brakes.policy import BrakePolicy, RefusalLimits
from shared.messaging.brakes.store import Brakes, Unreadable
from shared.messaging.brakes.tally import Excess
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters.store import RETRY_OF, By, DeadLetters, Letter
from shared.messaging.kafka import Record, ensure_topics
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.shared.conftest import brakes as brakes_table
from tests.integration.shared.conftest import dead_letters, outbox

LIMITS = RefusalLimits(in_a_row=5, share=0.5, of_last=40)
BY = By("section:zhao", "the rule book knows the category now")


class Entrance:
    """Takes records in as a service does: the good ones are kept, the bad ones become dead letters."""

    def __init__(self, units: UnitsOfWork[UnitOfWork], letters: DeadLetters) -> None:
        self._units, self._letters = units, letters
        self.taken: list[bytes] = []

    async def handle(self, records: Sequence[Record]) -> list[Record]:
        refused = [record for record in records if record.value.startswith(b"bad")]
        async with self._units.open() as work:
            refusal = Refused("unknown-category", "`noise` is not in the rule book")
            await self._letters.keep(work.connection, [Letter(one, refusal, "test", work.now) for one in refused])
        self.taken += [record.value for record in records if record not in refused]
        return refused


@pytest.fixture
def letters() -> DeadLetters:
    return DeadLetters(dead_letters, "alert_ingest")


@pytest.fixture
def stopping() -> BrakePolicy:
    return policy.load().model_copy(update={"refusals": LIMITS})


@pytest.fixture
def brakes(units: UnitsOfWork[UnitOfWork], letters: DeadLetters, stopping: BrakePolicy) -> Brakes[UnitOfWork]:
    return Brakes(brakes_table, letters, units=units, policy=stopping)


@pytest.fixture
def entrance(units: UnitsOfWork[UnitOfWork], letters: DeadLetters) -> Entrance:
    return Entrance(units, letters)


@pytest.fixture
async def topic(settings: Settings, broker: str, embedded_broker: EmbeddedBroker | None) -> str:
    name = settings.topic("braked")
    if embedded_broker:
        await embedded_broker.ensure_topics([name])
    else:
        await ensure_topics(settings.kafka_client(broker), [name], 2)
    return name


@pytest.fixture
async def producer(settings: Settings, broker: str) -> AsyncIterator[AIOKafkaProducer]:
    async with AIOKafkaProducer(**settings.kafka_client(broker)) as producer:
        yield producer


@pytest.fixture
def join(
    settings: Settings, broker: str, topic: str, entrance: Entrance, brakes: Brakes[UnitOfWork]
) -> Callable[[], Consumer]:
    def consumer() -> Consumer:
        return Consumer(
            name="test",
            topics=[topic],
            group=topic,
            handle=entrance.handle,
            kafka=settings.kafka_client(broker),
            max_records=8,
            batch=4,
            brakes=brakes,
        )

    return consumer


async def until(one: Consumer, true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():
            await one.run_once(wait_seconds=0.2)


async def refused(store: Database) -> int:
    async with store.autocommit() as connection:
        return await connection.scalar(select(func.count()).select_from(dead_letters)) or 0


async def test_a_partition_is_stopped_stays_so_and_goes_on_when_a_person_says_so(
    join: Callable[[], Consumer],
    topic: str,
    producer: AIOKafkaProducer,
    entrance: Entrance,
    store: Database,
    units: UnitsOfWork[UnitOfWork],
    brakes: Brakes[UnitOfWork],
) -> None:
    stopped = TopicPartition(topic, 0)
    one = join()
    await one.start()
    for number in range(30):
        await producer.send_and_wait(topic, b"bad-%d" % number, partition=0)
        await producer.send_and_wait(topic, b"good-%d" % number, partition=1)
    await until(one, lambda: len(entrance.taken) == 30)
    await until(one, lambda: stopped in one.stopped)
    said = await one.missing() or ""
    assert f"{topic}/0 stopped at offset " in said
    assert "most often for unknown-category" in said
    # No more than the batch in which it came out, out of however many lay there.
    assert (before := await refused(store)) <= LIMITS.in_a_row + 4
    await one.run_once(wait_seconds=0.2)
    await one.stop()

    other = join()  # another replica takes the partition over, and leaves it alone
    await other.start()
    await producer.send_and_wait(topic, b"good", partition=1)
    await until(other, lambda: entrance.taken[-1] == b"good")
    assert (set(other.stopped), await refused(store)) == ({stopped}, before)

    async with units.open() as work:
        row = await brakes.release(work, stopped, BY)
    assert (row.refused, row.code, row.released_by, row.release_reason) == (
        LIMITS.in_a_row,
        "unknown-category",
        BY.who,
        BY.reason,
    )
    # It goes on where it stopped, counts anew, and is stopped again: the cause was not mended.
    await until(other, lambda: not other.stopped)
    await until(other, lambda: other.stopped == {stopped})
    assert before < await refused(store) <= before + LIMITS.in_a_row + 4
    await other.stop()
    async with store.autocommit() as connection:
        sent = [from_json(row.value) for row in await connection.execute(select(outbox).order_by(outbox.c.position))]
    assert [event["type"] for event in sent] == [CONSUMER_BRAKED, CONSUMER_RELEASED, CONSUMER_BRAKED]
    assert {(event["data"]["topic"], event["data"]["partition"]) for event in sent} == {(topic, 0)}
    assert [one["role"] for one in sent[0]["data"]["recipients"]] == ["section", "admin"]


async def test_half_of_many_is_too_much_and_what_a_person_retried_does_not_count(
    join: Callable[[], Consumer], topic: str, producer: AIOKafkaProducer, entrance: Entrance
) -> None:
    one = join()
    await one.start()
    for number in range(LIMITS.of_last):
        await producer.send_and_wait(topic, b"bad", partition=0, headers=[(RETRY_OF, b"a letter")])
        await producer.send_and_wait(topic, b"bad" if number % 3 == 0 else b"good", partition=1)
    await until(one, lambda: len(entrance.taken) == LIMITS.of_last * 2 // 3)
    while await one.lag():
        await one.run_once(wait_seconds=0.2)
    assert not one.stopped
    for _ in range(LIMITS.of_last):
        for value in (b"bad", b"good"):
            await producer.send_and_wait(topic, value, partition=1)
    await until(one, lambda: bool(one.stopped))
    assert one.stopped == {TopicPartition(topic, 1)}
    await one.stop()


async def test_a_brake_is_released_once_and_for_what_it_is(
    units: UnitsOfWork[UnitOfWork], brakes: Brakes[UnitOfWork], clock: ManualClock
) -> None:
    place, other = TopicPartition("told", 0), TopicPartition("told", 1)
    async with units.open() as work:
        with pytest.raises(NotFound):
            await brakes.release(work, place, BY)
    await brakes.put_on("test", place, 7, Excess(5, 5))
    await brakes.put_on("test", place, 9, Excess(5, 5))  # by another replica, which came to the same
    await brakes.put_on("test", other, 3, Unreadable("BadGzipFile", "not a gzipped file"))
    assert (await brakes.in_force([place, other])).keys() == {place, other}
    async with units.open() as work:
        with pytest.raises(Invalid):
            await brakes.release(work, place, BY, pass_over=True)
        assert (await brakes.release(work, place, BY)).offset == 7
        with pytest.raises(Conflict) as conflict:
            await brakes.release(work, place, BY)
        assert conflict.value.members["released_by"] == BY.who
        assert not await brakes.passes_over(other, 3)
        await brakes.release(work, other, BY, pass_over=True)
    assert await brakes.in_force([place, other]) == {}
    assert [await brakes.passes_over(other, offset) for offset in (3, 4)] == [True, False]
    assert clock.now() == work.now
