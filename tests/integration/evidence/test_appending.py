"""Facts become records in the transaction of their cause, chained in order whoever writes at once."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from pydantic_core import from_json
from sqlalchemy import text

from shared.contract.events import DEAD_LETTER_WAITING, DeadLetterWaiting
from shared.contract.messages import SYSTEM, Event
from shared.contract.principal import Credential, Principal
from shared.contract.roles import Role
from shared.storage.packing import unpacked
from tests.integration.evidence.store import CHAIN, Store


async def rows(store: Store, where: str = "true") -> list[dict[str, Any]]:
    async with store.database.autocommit() as connection:
        found = await connection.execute(text(f"select * from dispatch.evidence where {where} order by position"))
        return [dict(row._mapping) for row in found]


async def test_an_event_is_recorded_as_it_was_published_with_whose_request_it_was(store: Store) -> None:
    now = store.clock.now()
    data = DeadLetterWaiting(
        letter_id=uuid4(),
        service="dispatcher",
        topic="alerts",
        origin="alerts/0/0",
        code="not-json",
        detail="d",
        attempt=1,
        failed_at=now,
        at=now,
        policy_version="9",
    )
    caller = Principal(role=Role.SECTION, subject="chen", credential=Credential("t1", "issuer"))
    async with store.units.open(caller) as work:
        work.emit(Event(DEAD_LETTER_WAITING, SYSTEM, data))
    (row,) = await rows(store, "chain like 'dead-letter:%'")
    async with store.database.autocommit() as connection:
        outbox = await connection.execute(text("select event_id, value from dispatch.outbox"))
        event_id, value = outbox.one()
    content = from_json(unpacked(row["content"]))
    assert unpacked(row["document"]) == value
    assert content["event"] == str(event_id)
    assert content["actor"] == {"role": "section", "subject": "chen"}
    assert content["token"] == {"id": "t1", "issuer": "issuer"}
    assert content["policy"] == {"policy": "9"}


async def waiting_for_a_lock(store: Store) -> None:
    """Return once somebody waits for an advisory lock."""
    waiting = text("select count(*) from pg_locks where locktype = 'advisory' and not granted")
    async with store.database.autocommit() as connection:
        while not await connection.scalar(waiting):
            pass


async def test_what_is_rolled_back_leaves_no_record(store: Store) -> None:
    before = len(await rows(store))

    async def fail() -> None:
        async with store.units.open() as work:
            work.record(store.fact(1, "never"))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    assert len(await rows(store)) == before
    await store.happens(1)
    await store.sign()
    assert (await store.verified()).passed


async def test_many_writers_of_the_same_cases_never_fork_a_chain(store: Store) -> None:
    async def write(order: int) -> None:
        for _ in range(10):
            await store.happens(*((1, 2, 3)[::order]))

    async def sign() -> None:
        for _ in range(10):
            await store.tree.run_once()

    await asyncio.gather(write(1), write(-1), write(1), write(-1), sign())
    await store.sign()
    found = await store.verified()
    assert (found.faults, found.records) == ([], 9 + 120)
    numbers = [row["number"] for row in await rows(store, f"chain = '{CHAIN.format(1)}'")]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_a_record_that_commits_late_is_under_the_next_root(store: Store) -> None:
    """The tree waits for whoever appends, and takes what is on its way in whole."""
    async with store.database.transaction() as connection:
        work = store.units._make(connection, store.clock.now())
        work.record(store.fact(1, "slow"))
        await store.units.flush(work)
        signing = asyncio.create_task(store.sign())
        await waiting_for_a_lock(store)
        assert not signing.done()
    assert await signing == 1
    found = await store.verified()
    assert (found.faults, found.records, found.roots) == ([], 10, 4)


async def test_a_tree_that_has_nothing_new_signs_nothing(store: Store) -> None:
    assert await store.sign() == 0
    assert (await store.verified()).roots == 3
