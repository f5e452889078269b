"""The work list of dead letters: kept byte for byte, decided on once, and never silently waiting."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pydantic_core import from_json
from sqlalchemy import func, select

from shared.contract.cloudevents import Headers, Refused
from shared.contract.refusals import Conflict, Refusal
from shared.messaging.consumer import Consumer
from shared.messaging.dead_letters import policy, reading
from shared.messaging.dead_letters.overdue import WaitingLetters
from shared.messaging.dead_letters.store import AT_ONCE, RETRY_OF, By, DeadLetters, Letter, LetterState
from shared.messaging.inbox import Inbox, Received
from shared.messaging.kafka import Record, ensure_topics
from shared.messaging.outbox import Outbox
from shared.messaging.relay import Relay
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import Telemetry
from shared.time.clock import ManualClock
from shared.web.problems import problem_of
from tests.integration.shared.conftest import dead_letters, inbox, outbox

BINARY: Headers = (("ce_specversion", b"1.0"), ("ce_type", b"a"), ("ce_source", b"/s"), ("ce_id", b"1"))
ODD: Headers = (("Trace", b"\x00\xff"), ("Trace", b""), ("nul\x00name", b"1"), ("nothing", None), ("ce_Id", b"\xfe"))
RECORDS: dict[str, tuple[bytes | None, bytes, Headers]] = {
    "binary mode": (b"E1", b'{"category": "noise"}', BINARY),
    "odd headers": (b"E1", b"{}", ODD),
    "NUL and invalid UTF-8": (b"\x00\xff", b'{"a": "\x00\xff\xfe"}', ()),
    "256 KiB": (b"E1", bytes(range(256)) * 1024, BINARY),
    "nothing at all": (None, b"", ()),
}
_offsets = count()


def letter(clock: ManualClock, code: str = "not-json", key: bytes = b"E1", headers: Headers = ()) -> Letter:
    record = Record("told", 0, next(_offsets), key, b"{", headers, 0)
    return Letter(record, Refused(code, "detail\x00with NUL"), "sample", clock.now())


@pytest.fixture
def letters() -> DeadLetters:
    return DeadLetters(dead_letters, "sample")


async def kept(store: Database, letters: DeadLetters, *some: Letter) -> list[UUID]:
    async with store.transaction() as connection:
        return [emitted.event_id for emitted in await letters.keep(connection, some)]


async def states(store: Database) -> list[tuple[str, int]]:
    columns = dead_letters.c
    async with store.autocommit() as connection:
        rows = await connection.execute(select(columns.state, columns.attempt).order_by(columns.position))
        return [(row.state, row.attempt) for row in rows]


class Stream:
    """A topic whose one reader refuses everything, so that every retry fails again."""

    def __init__(self, topic: str, producer: AIOKafkaProducer, reader: Consumer, relay: Relay):
        self.topic, self.producer, self.reader, self.relay = topic, producer, reader, relay
        self.readers: dict[str, AIOKafkaConsumer] = {}

    async def read(self) -> None:
        while await self.reader.lag():
            await self.reader.run_once(wait_seconds=1)

    async def read_published(self, suffix: str = "") -> list[tuple[str, bytes | None, bytes, Headers]]:
        """What the outbox sends now, as it stands on the topic, or on the one with `suffix`."""
        sent = 0
        while relayed := await self.relay.run_once():
            sent += relayed
        found: list[tuple[str, bytes | None, bytes, Headers]] = []
        while len(found) < sent:
            message = await asyncio.wait_for(self.readers[suffix].getone(), 20)
            found.append((message.topic, message.key, message.value, tuple(message.headers)))
        return found


@pytest.fixture
async def stream(
    store: Database,
    letters: DeadLetters,
    clock: ManualClock,
    settings: Settings,
    broker: str,
    embedded_broker: EmbeddedBroker | None,
    units: UnitsOfWork[UnitOfWork],
) -> AsyncIterator[Stream]:
    topic, kafka = settings.topic("told"), settings.kafka_client(broker)
    if embedded_broker:
        await embedded_broker.ensure_topics([topic, f"{topic}.dead-letter"])
    else:
        await ensure_topics(kafka, [topic, f"{topic}.dead-letter"], 2)

    async def refuse(work: UnitOfWork, events: Sequence[Received[Any]]) -> None:
        raise Refused("unknown-category", f"{events[0].type_} at {work.now} on {work.connection}")

    refusing = Inbox(consumer="sample", units=units, table=inbox, letters=letters, handlers={"a": refuse})
    producer = AIOKafkaProducer(**kafka)
    reader = Consumer(
        name="test", topics=[topic], group=topic, handle=refusing.handle, kafka=kafka, max_records=10, batch=1
    )
    relay = Relay(name="test", database=store, outbox=Outbox(outbox, clock), kafka=kafka, clock=clock)
    stream = Stream(topic, producer, reader, relay)
    for suffix in ("", ".dead-letter"):
        stream.readers[suffix] = AIOKafkaConsumer(topic + suffix, auto_offset_reset="earliest", **kafka)
    parts = (producer, reader, relay, *stream.readers.values())
    await asyncio.gather(*(part.start() for part in parts))
    yield stream
    await asyncio.gather(*(part.stop() for part in parts))


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
async def test_a_retry_is_the_record_byte_for_byte_and_fails_visibly_again(
    stream: Stream,
    store: Database,
    units: UnitsOfWork[UnitOfWork],
    letters: DeadLetters,
    clock: ManualClock,
    record: tuple[bytes | None, bytes, Headers],
) -> None:
    key, value, headers = record
    await stream.producer.send_and_wait(stream.topic, value, key=key, headers=list(headers))
    await stream.readers[""].getone()
    await stream.read()
    ((_, dead_key, dead_value, dead_headers),) = await stream.read_published(".dead-letter")
    assert (dead_key, dead_value, dead_headers[: len(headers)]) == (key, value, headers)

    async with units.open() as work:
        (first,) = await work.connection.scalars(select(dead_letters.c.letter_id))
        await letters.retry(work, first, By("section:zhao"))
    assert await stream.read_published() == [(stream.topic, key, value, (*headers, (RETRY_OF, str(first).encode())))]

    await stream.read()
    assert await states(store) == [("retried", 1), ("waiting", 2)]
    async with units.open() as work:
        (second,) = await work.connection.scalars(
            select(dead_letters.c.letter_id).where(dead_letters.c.state == LetterState.WAITING)
        )
        whole = await reading.whole(work.connection, dead_letters, second, clock.now())
        assert [attempt.letter_id for attempt in whole.history] == [first, second]
        await letters.retry(work, second, By("section:zhao"))
    assert work.forwarded[0].headers == (*headers, (RETRY_OF, str(second).encode()))


async def test_the_same_record_again_is_the_same_letter_also_when_it_was_decided(
    store: Database, units: UnitsOfWork[UnitOfWork], letters: DeadLetters, clock: ManualClock
) -> None:
    one = letter(clock)
    (letter_id,) = await kept(store, letters, one)
    async with units.open() as work:
        await letters.discard(work, letter_id, By("admin:a", "a test of the platform"))
    assert await kept(store, letters, one) == [letter_id]
    assert await states(store) == [("discarded", 1)]


async def test_a_header_that_anybody_can_send_links_to_nothing(
    store: Database, letters: DeadLetters, clock: ManualClock
) -> None:
    (waiting,) = await kept(store, letters, letter(clock))
    for forged in (b"\xff", b"no id", str(uuid4()).encode(), str(waiting).encode()):
        await kept(store, letters, letter(clock, headers=((RETRY_OF, forged),)))
    assert await states(store) == [("waiting", 1)] * 5


@pytest.mark.parametrize("done", [LetterState.RETRIED, LetterState.DISCARDED])
@pytest.mark.parametrize("asked", [LetterState.RETRIED, LetterState.DISCARDED])
@pytest.mark.parametrize("who", ["section:zhao", "section:qian"])
async def test_decided_once_and_by_one_person(
    store: Database,
    units: UnitsOfWork[UnitOfWork],
    letters: DeadLetters,
    clock: ManualClock,
    done: LetterState,
    asked: LetterState,
    who: str,
) -> None:
    (letter_id,) = await kept(store, letters, letter(clock))

    async def decide(state: LetterState, by: str) -> int:
        async with units.open() as work:
            if state is LetterState.DISCARDED:
                await letters.discard(work, letter_id, By(by, "obsolete"))
            else:
                await letters.retry(work, letter_id, By(by))
            return len(work.forwarded)

    assert await decide(done, "section:zhao") == (done is LetterState.RETRIED)
    clock.advance(timedelta(minutes=1))
    if (asked, who) == (done, "section:zhao"):
        assert await decide(asked, who) == 0  # done already, and not sent again
    else:
        with pytest.raises(Conflict) as refused:
            await decide(asked, who)
        members = refused.value.members
        assert (problem_of(refused.value).status, members["state"], members["decided_by"]) == (
            409,
            done,
            "section:zhao",
        )
    assert await states(store) == [(done, 1)]


async def test_two_people_at_once_one_of_them_decides(
    store: Database, units: UnitsOfWork[UnitOfWork], letters: DeadLetters, clock: ManualClock
) -> None:
    (letter_id,) = await kept(store, letters, letter(clock))

    async def retry(who: str) -> int:
        async with units.open() as work:
            await letters.retry(work, letter_id, By(who))
            return len(work.forwarded)

    answers = await asyncio.gather(*(retry(f"section:{n}") for n in range(8)), return_exceptions=True)
    assert answers.count(1) == 1
    assert {problem_of(answer).status for answer in answers if isinstance(answer, Refusal)} == {409}
    async with store.autocommit() as connection:
        assert await connection.scalar(select(func.count()).select_from(outbox)) == 1


async def test_all_of_a_reason_go_back_in_the_order_they_came(
    store: Database, units: UnitsOfWork[UnitOfWork], letters: DeadLetters, clock: ManualClock
) -> None:
    ours = [letter(clock, "unknown-category", b"%d" % number) for number in range(AT_ONCE + 3)]
    await kept(store, letters, letter(clock), *ours)
    keys: list[bytes | None] = []
    for expected in (AT_ONCE, 3, 0):
        async with units.open() as work:
            retried = await letters.retry_all(work, By("admin:a"), code="unknown-category", topic="told")
        assert retried == len(work.forwarded) == expected
        keys += [one.key for one in work.forwarded]
    assert keys == [one.record.key for one in ours]
    assert (await states(store))[0] == ("waiting", 1)


async def test_one_that_waits_too_long_is_told_once_and_measured(
    store: Database, units: UnitsOfWork[UnitOfWork], letters: DeadLetters, clock: ManualClock
) -> None:
    telemetry, allowed = Telemetry("sample"), policy.load()
    duty = WaitingLetters(letters, units=units, telemetry=telemetry)

    def gauge(name: str, **labels: str) -> float | None:
        return telemetry.registry.get_sample_value(f"tricolor_dead_letters_{name}", labels)

    early, late = letter(clock), letter(clock, "unknown-category")
    (letter_id, other) = await kept(store, letters, early, late)
    clock.advance(allowed.waiting - timedelta(seconds=1))
    assert await duty.run_once() == 0
    async with units.open() as work:
        await letters.discard(work, other, By("admin:a", "obsolete"))
    clock.advance(timedelta(seconds=1))
    assert [await duty.run_once(), await duty.run_once()] == [1, 0]
    assert (gauge("waiting", code="not-json"), gauge("waiting", code="unknown-category")) == (1, None)
    assert gauge("oldest_seconds") == allowed.waiting.total_seconds()
    async with units.open() as work:
        (body,) = await work.connection.scalars(select(outbox.c.value))
        counts = await reading.counted(work.connection, dead_letters, allowed, clock.now())
        await letters.retry(work, letter_id, By("admin:a"))
    event = from_json(body)
    assert event["type"] == "cn.tricolor.dead_letter.waiting.v1"
    assert (event["data"]["letter_id"], event["data"]["detail"]) == (str(letter_id), "detail␀with NUL")
    assert event["data"]["policy_version"] == allowed.version
    assert (counts.waiting, counts.overdue, counts.items[0].code) == (1, 1, "not-json")
    assert await duty.run_once() == 0
    assert (gauge("waiting", code="not-json"), gauge("oldest_seconds")) == (None, 0)
