"""What arrives while a batch is being stored is the next batch, and each caller has an answer of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from services.alert_ingest.domain.deduplication import Receipt
from services.alert_ingest.handlers.group_commit import MOST, GroupCommit, patience
from services.alert_ingest.handlers.intake import Submission


def submissions(*names: str) -> list[Submission]:
    return [Submission(raw=name.encode(), structured=name.encode, entrance="http", origin="test") for name in names]


class Store:
    """Takes batches in: `let_go` ends the one in hand, and a batch with `bad` in it fails."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.begun = asyncio.Event()
        self.let_go = asyncio.Event()

    async def take(self, batch: Sequence[Submission]) -> list[Receipt]:
        names = [one.raw.decode() for one in batch]
        self.batches.append(names)
        self.begun.set()
        await self.let_go.wait()
        if "bad" in names:
            raise ValueError("bad")
        return [Receipt("accepted", name) for name in names]


def ids(receipts: Sequence[Receipt]) -> list[str | None]:
    return [receipt.id for receipt in receipts]


async def gathered(store: Store, *batches: list[Submission]) -> list[asyncio.Task[list[Receipt]]]:
    """The first batch in hand, the others waiting behind it."""
    group = GroupCommit(store.take)
    first = asyncio.create_task(group.take(batches[0]))
    await store.begun.wait()
    others = [asyncio.create_task(group.take(batch)) for batch in batches[1:]]
    await asyncio.sleep(0)
    return [first, *others]


async def test_one_alone_is_stored_at_once_and_what_comes_meanwhile_together() -> None:
    store = Store()
    tasks = await gathered(store, submissions("a"), submissions("b"), submissions("c", "d"))
    store.let_go.set()
    assert [ids(receipts) for receipts in await asyncio.gather(*tasks)] == [["a"], ["b"], ["c", "d"]]
    assert store.batches == [["a"], ["b", "c", "d"]]


async def test_one_that_fails_fails_alone() -> None:
    store = Store()
    tasks = await gathered(store, submissions("a"), submissions("b"), submissions("bad"), submissions("c"))
    store.let_go.set()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(answer) for answer in answers] == [list, list, ValueError, list]
    assert store.batches == [["a"], ["b", "bad", "c"], ["b"], ["bad"], ["c"]]


async def test_a_caller_that_left_keeps_nobody_from_an_answer() -> None:
    store = Store()
    tasks = await gathered(store, submissions("a"), submissions("b"), submissions("c"))
    tasks[1].cancel()
    store.let_go.set()
    assert ids(await tasks[2]) == ["c"]
    with pytest.raises(asyncio.CancelledError):
        await tasks[1]


async def test_no_more_go_together_than_keep_the_first_from_waiting_long() -> None:
    store = Store()
    large = submissions(*map(str, range(MOST)))
    tasks = await gathered(store, submissions("a"), submissions("b"), large, submissions("c"))
    store.let_go.set()
    await asyncio.gather(*tasks)
    assert [len(batch) for batch in store.batches] == [1, 1, MOST, 1]


async def test_callers_that_were_answered_together_are_waited_for() -> None:
    store = Store()
    store.let_go.set()
    group = GroupCommit(store.take, patience=lambda _: 3_600.0)
    await asyncio.gather(group.take(submissions("a")), group.take(submissions("b")))
    first = asyncio.create_task(group.take(submissions("a2")))
    for _ in range(10):
        await asyncio.sleep(0)
    waiting = list(store.batches)
    other = await group.take(submissions("b2"))
    assert (ids(await first), ids(other)) == (["a2"], ["b2"])
    assert [waiting, store.batches] == [[["a", "b"]], [["a", "b"], ["a2", "b2"]]]


async def test_nobody_is_waited_for_after_one_alone() -> None:
    store = Store()
    store.let_go.set()
    group = GroupCommit(store.take, patience=lambda _: 3_600.0)
    assert ids(await group.take(submissions("a"))) == ["a"]
    assert ids(await group.take(submissions("b"))) == ["b"]
    assert store.batches == [["a"], ["b"]]


async def test_callers_are_waited_for_so_long_and_no_longer() -> None:
    store = Store()
    store.let_go.set()
    group = GroupCommit(store.take, patience=lambda _: 0.0)
    await asyncio.gather(group.take(submissions("a")), group.take(submissions("b")))
    assert ids(await group.take(submissions("a2"))) == ["a2"]
    assert store.batches == [["a", "b"], ["a2"]]


def test_callers_are_waited_for_less_long_than_storing_takes() -> None:
    assert patience(0.02) == 0.01
    assert patience(1.0) == 0.05


@pytest.mark.parametrize(("again", "afterwards"), [(3_600.0, True), (0.0, False)])
async def test_several_callers_are_a_crowd_until_a_moment_after_their_answers(
    again: float, *, afterwards: bool
) -> None:
    store = Store()
    group = GroupCommit(store.take, patience=lambda _: 0.0, again=again)
    alone = asyncio.create_task(group.take(submissions("a")))
    await store.begun.wait()
    assert not group.is_crowded(), "one caller with one event"
    others = [asyncio.create_task(group.take(submissions(name))) for name in "bc"]
    await asyncio.sleep(0)
    assert group.is_crowded()
    store.let_go.set()
    await asyncio.gather(alone, *others)
    assert group.is_crowded() is afterwards, "they mostly come again"


async def test_one_caller_with_many_events_is_a_crowd() -> None:
    store = Store()
    group = GroupCommit(store.take)
    task = asyncio.create_task(group.take(submissions(*map(str, range(100)))))
    await store.begun.wait()
    assert group.is_crowded()
    store.let_go.set()
    await task
