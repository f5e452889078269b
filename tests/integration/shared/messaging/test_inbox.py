"""The inbox acts on a chunk of records at once, each event once, and a record that is refused spoils no other."""

from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from sqlalchemy import select

from shared.contract.cloudevents import Refused, compose
from shared.contract.events import ALERT_DISMISSED, DEAD_LETTER_WAITING, DeadLetterWaiting
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters.store import DeadLetters
from shared.messaging.inbox import Inbox, Received
from shared.messaging.kafka import Record, ensure_topics
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.shared.conftest import dead_letters, inbox, outbox


class Handler:
    """Remembers the details of what it acted on; refuses some, and fails for now on others."""

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.locked: list[list[str]] = []
        self.refused: frozenset[str] = frozenset()
        self.failing: frozenset[str] = frozenset()
        self._acted: list[str] = []

    async def __call__(self, work: UnitOfWork, events: Sequence[Received[DeadLetterWaiting]]) -> None:
        details = [event.data.detail for event in events]
        self.calls.append(details)
        for detail in details:
            if detail in self.refused:
                raise Refused("unknown-category", detail)
            if detail in self.failing:
                raise ConnectionError("the database is away")
            work.after_commit(partial(self._acted.append, detail))

    async def lock(self, work: UnitOfWork, events: Sequence[Received[Any]]) -> None:
        del work
        self.locked.append([event.data.detail for event in events])

    @property
    def acted(self) -> list[str]:
        """What it acted on durably."""
        return self._acted


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def reader(units: UnitsOfWork[UnitOfWork], handler: Handler) -> Inbox[UnitOfWork]:
    return Inbox(
        consumer="sample",
        units=units,
        table=inbox,
        letters=DeadLetters(dead_letters, "sample"),
        handlers={DEAD_LETTER_WAITING: handler},
        lock=handler.lock,
    )


def value(clock: ManualClock, detail: str, type_: str = DEAD_LETTER_WAITING) -> bytes:
    data = DeadLetterWaiting(
        letter_id=uuid4(),
        service="dispatcher",
        topic="alerts",
        origin="alerts/0/0",
        code="not-json",
        detail=detail,
        attempt=1,
        failed_at=clock.now(),
        at=clock.now(),
        policy_version="1",
        recipients=[],
    )
    return compose(topic="", source="/s", type_=type_, enterprise="E1", time=clock.now(), data=data).value


def records(*values: bytes) -> list[Record]:
    return [Record("cases", 0, offset, b"E1", one, (), 0) for offset, one in enumerate(values)]


async def letters_of(store: Database) -> list[tuple[str, str, bytes]]:
    columns = dead_letters.c
    async with store.autocommit() as connection:
        rows = await connection.execute(select(columns.code, columns.origin, columns.body).order_by(columns.position))
        return [(row.code, row.origin, row.body) for row in rows]


async def known(store: Database) -> int:
    async with store.autocommit() as connection:
        return len((await connection.scalars(select(inbox.c.event_id))).all())


async def test_a_chunk_is_handled_in_one_call_and_each_event_once(
    store: Database, clock: ManualClock, handler: Handler, reader: Inbox[UnitOfWork]
) -> None:
    a, b, c = (value(clock, detail) for detail in "abc")
    other = value(clock, "nobody's", ALERT_DISMISSED)
    assert await reader.handle(records(a, other, b, a)) == []
    assert (handler.calls, handler.locked) == ([["a", "b"]], [["a", "b"]])
    assert await reader.handle(records(b, c, other)) == []
    assert handler.calls == [["a", "b"], ["c"]]
    assert await known(store) == 4
    assert await letters_of(store) == []


async def test_a_record_that_cannot_be_read_becomes_a_dead_letter_and_its_neighbours_are_handled(
    store: Database, clock: ManualClock, handler: Handler, reader: Inbox[UnitOfWork]
) -> None:
    chunk = records(value(clock, "a"), b"no JSON", value(clock, "b"))
    assert await reader.handle(chunk) == [chunk[1]]
    assert handler.acted == ["a", "b"]
    assert handler.calls == [["a", "b"]]  # nothing was tried again for it
    assert await letters_of(store) == [("not-json", "cases/0/1", b"no JSON")]
    async with store.autocommit() as connection:
        assert (await connection.scalars(select(outbox.c.topic))).all() == ["cases.dead-letter"]


@pytest.mark.parametrize("refused", ["a", "c", "g"])
async def test_a_record_that_a_handler_refuses_becomes_a_dead_letter_and_its_neighbours_are_handled(
    store: Database, clock: ManualClock, handler: Handler, reader: Inbox[UnitOfWork], refused: str
) -> None:
    chunk = records(*(value(clock, detail) for detail in "abcdefg"))
    handler.refused = frozenset(refused)
    place = "abcdefg".index(refused)
    assert await reader.handle(chunk) == [chunk[place]]
    assert handler.acted == [detail for detail in "abcdefg" if detail != refused]
    assert await letters_of(store) == [("unknown-category", f"cases/0/{place}", chunk[place].value)]
    assert await known(store) == 6  # the refused one is not known: a retry of it is acted on


async def test_several_refusals_of_both_kinds_in_one_chunk(
    store: Database, clock: ManualClock, handler: Handler, reader: Inbox[UnitOfWork]
) -> None:
    chunk = records(*(b"{" if detail == "c" else value(clock, detail) for detail in "abcdef"))
    handler.refused = frozenset("be")
    assert await reader.handle(chunk) == [chunk[1], chunk[2], chunk[4]]
    assert handler.acted == ["a", "d", "f"]
    assert [code for code, *_ in await letters_of(store)] == ["unknown-category", "not-json", "unknown-category"]


async def test_what_fails_for_now_leaves_nothing_of_its_chunk(
    store: Database, clock: ManualClock, handler: Handler, reader: Inbox[UnitOfWork]
) -> None:
    handler.failing = frozenset("b")
    with pytest.raises(ConnectionError):
        await reader.handle(records(value(clock, "a"), b"no JSON", value(clock, "b")))
    assert (handler.acted, await known(store), await letters_of(store)) == ([], 0, [])


async def test_a_chunk_that_fails_for_now_is_halved_and_what_comes_before_the_failing_record_is_committed(
    store: Database,
    clock: ManualClock,
    handler: Handler,
    reader: Inbox[UnitOfWork],
    settings: Settings,
    broker: str,
    embedded_broker: EmbeddedBroker | None,
) -> None:
    topic, kafka = settings.topic("halved"), settings.kafka_client(broker)
    if embedded_broker:
        await embedded_broker.ensure_topics([topic])
    else:
        await ensure_topics(kafka, [topic], 2)
    details = "abcdefgh"
    async with AIOKafkaProducer(**kafka) as producer:
        for detail in details:
            await producer.send_and_wait(topic, value(clock, detail), key=b"E1")

    def member() -> Consumer:
        return Consumer(
            name="test", topics=[topic], group=topic, handle=reader.handle, kafka=kafka, max_records=100, batch=100
        )

    first = member()
    await first.start()
    handler.failing = frozenset("f")
    while len(handler.acted) < 5:
        await first.run_once(wait_seconds=1)
    assert handler.acted == list("abcde")
    assert await first.lag() == 3
    await first.stop()

    handler.failing = frozenset()
    second = member()  # it begins at what was committed
    await second.start()
    while await second.lag():
        await second.run_once(wait_seconds=1)
    await second.stop()
    assert handler.acted == list(details)
    assert await known(store) == len(details)
