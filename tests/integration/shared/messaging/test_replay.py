"""Telling again from an outbox: what is selected, in its order, before anything newer, while appending goes on."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import insert, select, text

from shared.contract.cloudevents import Outgoing
from shared.messaging.outbox import Outbox, position_at
from shared.messaging.relay import Relay, relay_gate
from shared.messaging.replay import Found, Selection, find, relay_again, replay
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.shared.conftest import inbox, outbox
from tests.integration.shared.messaging.test_outbox import Topic, event, read, relay, topic

__all__ = ["relay", "topic"]  # fixtures


async def append(store: Database, clock: ManualClock, events: Sequence[Outgoing]) -> None:
    async with store.transaction() as connection:
        await Outbox(outbox, clock).append(connection, events)


async def pending(store: Database) -> list[bytes]:
    async with store.transaction() as connection:
        waiting = select(outbox.c.value).where(outbox.c.published_at.is_(None)).order_by(outbox.c.position)
        return list(await connection.scalars(waiting))


@pytest.fixture
async def emitted(store: Database, clock: ManualClock, relay: Relay, topic: Topic) -> list[Outgoing]:
    """Ten events an hour apart, of two keys in turn, all relayed; and one of another topic among them."""
    keys = count()
    events = [event(topic, str(number), f"E{next(keys) % 2}") for number in range(10)]
    for one in events:
        await append(store, clock, [one])
        clock.advance(timedelta(hours=1))
    await append(store, clock, [event(topic + "-other", "elsewhere")])
    await relay.run_once()
    return events


async def test_a_span_of_time_and_a_key_select(
    store: Database, clock: ManualClock, emitted: list[Outgoing], topic: Topic
) -> None:
    start = clock.now() - timedelta(hours=10)
    spans = {
        (0, None, None): "0123456789",
        (3, 7, None): "3456",
        (3, 7, "E0"): "46",
        (9.5, None, None): "",
    }
    for (since, until, key), values in spans.items():
        selection = Selection(
            topic,
            start + timedelta(hours=since),
            start + timedelta(hours=until) if until is not None else None,
            key,
        )
        async with store.transaction() as connection:
            assert await find(connection, outbox, selection) == Found(published=len(values), waiting=0)
        assert await replay(store, outbox, selection, at_once=2) == len(values)
        assert await pending(store) == [value.encode() for value in values]
        async with store.transaction() as connection:
            assert (await find(connection, outbox, selection)).waiting == len(values)
            await connection.execute(outbox.update().values(published_at=clock.now()))


async def test_what_has_moved_to_the_archive_comes_back_to_be_told_again(
    store: Database, clock: ManualClock, emitted: list[Outgoing], topic: Topic
) -> None:
    async with store.transaction() as connection:
        await connection.execute(text("create table sample.months partition of sample.outbox_archive default"))
        await connection.execute(
            text("""
                with old as (delete from sample.outbox where position <= 6 returning *)
                insert into sample.outbox_archive select * from old
            """)
        )
        selection = Selection(topic, clock.now() - timedelta(hours=8))
        assert await find(connection, outbox, selection) == Found(published=8, waiting=0)
    assert await replay(store, outbox, selection, at_once=3) == 8
    assert await pending(store) == [b"%d" % number for number in range(2, 10)]
    async with store.transaction() as connection:
        assert await relay_again(connection, outbox, [emitted[1].event_id]) == 1
        assert await connection.scalar(text("select count(*) from sample.outbox_archive")) == 1


async def test_what_every_reader_has_acted_on_is_left_out(
    store: Database, clock: ManualClock, emitted: list[Outgoing], topic: Topic
) -> None:
    async with store.transaction() as connection:
        for one in emitted[:8]:
            await connection.execute(insert(inbox).values(event_id=one.event_id, type="t", received_at=clock.now()))
    selection = Selection(topic, clock.now() - timedelta(days=1), unread_by=[inbox])
    assert await replay(store, outbox, selection) == 2
    assert await pending(store) == [b"8", b"9"]


async def test_a_key_is_told_again_in_its_order_and_nothing_newer_overtakes(
    store: Database,
    clock: ManualClock,
    relay: Relay,
    emitted: list[Outgoing],
    topic: Topic,
    settings: Settings,
    broker: str,
) -> None:
    async def append_and_relay(stopping: asyncio.Event) -> None:
        number = 10
        while not stopping.is_set() or number < 20:
            await append(store, clock, [event(topic, str(number), f"E{number % 2}")])
            await relay.run_once(limit=3)
            number += 1

    stopping = asyncio.Event()
    at_work = asyncio.create_task(append_and_relay(stopping))
    await replay(store, outbox, Selection(topic, clock.now() - timedelta(days=1)), at_once=1)
    stopping.set()
    await at_work
    while await relay.run_once():
        pass

    async with store.transaction() as connection:
        appended = list(await connection.scalars(select(outbox.c.value).where(outbox.c.topic == topic)))
    told_again = [value for _, value in await read(settings, broker, topic, len(appended) + 10)]
    for parity in (0, 1):
        of_key = [int(value) for value in told_again if int(value) % 2 == parity]
        start = next(place for place in range(1, len(of_key)) if of_key[place] < of_key[place - 1])
        # Until it was asked for in order; then from the first one on in order again, to the last that there is.
        assert of_key[:start] == sorted(of_key[:start])
        assert of_key[start:] == sorted(of_key[start:])
        assert of_key[start] == parity
        assert set(of_key) == {int(value) for value in appended if int(value) % 2 == parity}


async def test_relays_wait_while_events_are_being_marked(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic
) -> None:
    await append(store, clock, [event(topic, "one")])
    async with store.alone(relay_gate(outbox)):
        assert await relay.run_once() == 0
        async with store.alone(relay_gate(outbox), wait=False) as held:
            assert not held
        await append(store, clock, [event(topic, "two")])
    assert await relay.run_once() == 2


async def test_single_events_are_relayed_again(store: Database, emitted: list[Outgoing]) -> None:
    async with store.transaction() as connection:
        assert await relay_again(connection, outbox, [emitted[7].event_id, emitted[2].event_id]) == 2
        assert await relay_again(connection, outbox, [emitted[2].event_id]) == 0
    assert await pending(store) == [b"2", b"7"]


async def test_a_position_is_found_for_any_instant(
    store: Database, clock: ManualClock, emitted: list[Outgoing]
) -> None:
    start = clock.now() - timedelta(hours=10)
    async with store.transaction() as connection:
        await connection.execute(text(f"delete from {outbox.fullname} where position in (1, 5, 6)"))
        rows = (await connection.execute(select(outbox.c.position, outbox.c.appended_at))).all()
        for minutes in range(-30, 11 * 60 + 30, 15):
            instant = start + timedelta(minutes=minutes)
            position = await position_at(connection, outbox, instant)
            found = {row.position for row in rows if row.position >= position}
            assert found == {row.position for row in rows if row.appended_at >= instant}
        await connection.execute(text(f"delete from {outbox.fullname}"))
        assert await position_at(connection, outbox, start) == 0
