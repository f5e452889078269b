"""Nobody looks for what waits below where all is relayed, and nothing that waits is ever below it."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from sqlalchemy import text

from shared.contract.cloudevents import Outgoing
from shared.messaging.outbox import Outbox, waiting
from shared.messaging.relay import Relay
from shared.messaging.relayed import _RAISED_AFTER, Progress
from shared.messaging.replay import Selection, relay_again, replay
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock, SystemClock
from tests.integration.shared.conftest import outbox
from tests.integration.shared.messaging.test_outbox import Topic, event, read, relay, topic

__all__ = ["relay", "topic"]  # fixtures


async def append(store: Database, *events: Outgoing) -> None:
    async with store.transaction() as connection:
        await Outbox(outbox, SystemClock()).append(connection, events)


async def until(store: Database) -> int:
    async with store.autocommit() as connection:
        return int(await connection.scalar(text("select until from sample.outbox_relayed")) or 0)


async def published(store: Database, progress: Progress, events: int = _RAISED_AFTER) -> int:
    """Publish what waits, note that it were `events`, and answer up to where all is relayed."""
    async with store.autocommit() as connection:
        await connection.execute(text("update sample.outbox set published_at = now() where published_at is null"))
        await progress.relayed(connection, events)
    return await until(store)


async def test_it_follows_the_relay(store: Database, relay: Relay, topic: Topic) -> None:
    await append(store, *(event(topic, str(number)) for number in range(3)))
    assert await relay.run_once(limit=2) == 2
    assert await until(store) == 2
    assert await relay.run_once() == 1
    assert await until(store) == 2  # which is not worth a statement yet
    assert not await relay.has_waiting()
    async with store.autocommit() as connection:
        assert await waiting(connection, outbox) is None


async def test_it_is_back_at_the_end_once_an_old_event_was_relayed_again(
    store: Database, relay: Relay, topic: Topic
) -> None:
    events = [event(topic, str(number)) for number in range(9)]
    await append(store, *events)
    assert await relay.run_once() == 9
    async with store.transaction() as connection:
        assert await relay_again(connection, outbox, [events[2].event_id]) == 1
        assert await relay.run_once() == 0
    assert await until(store) == 2
    assert await relay.has_waiting()
    assert await relay.run_once() == 1
    assert await until(store) == 9


async def test_it_is_raised_later_where_somebody_writes_just_then(store: Database, relay: Relay, topic: Topic) -> None:
    await append(store, event(topic, "one"))
    async with store.transaction() as connection:
        await Outbox(outbox, SystemClock()).append(connection, [event(topic, "two", "E2")])
        assert await relay.run_once() == 1
        assert await until(store) == 0
        assert await relay.has_waiting()
        await connection.rollback()
    assert await relay.run_once() == 0
    assert await until(store) == 2
    assert not await relay.has_waiting()


async def test_what_is_not_committed_yet_is_not_passed_over(
    store: Database, relay: Relay, topic: Topic, settings: Settings, broker: str
) -> None:
    async with store.transaction() as connection:
        await Outbox(outbox, SystemClock()).append(connection, [event(topic, "late", "E1")])
        await append(store, event(topic, "early", "E2"))
        assert await relay.run_once() == 1
        assert await until(store) == 0
    assert await relay.run_once() == 1
    assert sorted(await read(settings, broker, topic, 2)) == [(b"E1", b"late"), (b"E2", b"early")]
    assert await until(store) == 2


async def test_it_is_raised_while_somebody_always_writes(store: Database, topic: Topic) -> None:
    progress, reached = Progress(outbox), []
    async with AsyncExitStack() as before:
        for number in range(5):
            now = AsyncExitStack()
            connection = await now.enter_async_context(store.transaction())
            await Outbox(outbox, SystemClock()).append(connection, [event(topic, "", f"E{number}")])
            await before.aclose()
            reached.append(await published(store, progress))
            before.push_async_callback(now.aclose)
    assert reached == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("archived", [False, True])
async def test_it_is_lowered_by_what_waits_again(
    store: Database, clock: ManualClock, relay: Relay, topic: Topic, *, archived: bool
) -> None:
    for number in range(6):
        await append(store, event(topic, str(number)))
    assert await relay.run_once() == 6
    assert await until(store) == 6
    if archived:
        async with store.transaction() as connection:
            await connection.execute(text("create table sample.months partition of sample.outbox_archive default"))
            await connection.execute(
                text("""
                    with old as (delete from sample.outbox where position between 3 and 5 returning *)
                    insert into sample.outbox_archive
                    select position, event_id, topic, key, value, headers, appended_at - interval '40 days',
                           published_at
                      from old
                """)
            )
    since = SystemClock().now() - timedelta(days=50)
    assert await replay(store, outbox, Selection(topic, since), at_once=2) == 6
    assert await until(store) == 0
    assert await relay.run_once() == 6


async def test_it_is_not_raised_over_what_waits_again_meanwhile(store: Database, topic: Topic) -> None:
    progress = Progress(outbox)
    await append(store, *(event(topic, str(number)) for number in range(4)))
    assert await published(store, progress) == 4
    await append(store, event(topic, "later"))
    async with store.transaction() as connection:
        await connection.execute(text("update sample.outbox set published_at = null where position = 2"))
        assert await published(store, progress) == 4
    assert await until(store) == 1
    async with store.autocommit() as connection:
        first = await waiting(connection, outbox)
    assert first is not None
    assert (first.pending, first.position) == (1, 2)


async def test_it_is_not_raised_over_what_waits_again_unseen(store: Database, topic: Topic) -> None:
    progress = Progress(outbox)
    await append(store, *(event(topic, str(number)) for number in range(4)))
    async with store.transaction() as connection:
        await Outbox(outbox, SystemClock()).append(connection, [event(topic, "just then", "E2")])
        assert await published(store, progress) == 0  # for somebody writes
    async with store.transaction() as connection:
        # Above the position, so that there is nothing to lower.
        await connection.execute(text("update sample.outbox set published_at = null where position = 2"))
        async with store.autocommit() as other:
            raising = asyncio.create_task(progress.relayed(other, _RAISED_AFTER))
            await asyncio.wait([raising], timeout=0.5)
            assert not raising.done()
            await connection.commit()
            await raising
    assert await until(store) == 1
