"""Events are grouped by handler without changing the order of any key."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.inbox import Handler, Received, group_by_handler
from shared.messaging.unit_of_work import UnitOfWork

Keyed = tuple[bytes | None, Received[Any]]


def handler() -> Handler[UnitOfWork]:
    async def handle(work: UnitOfWork, events: Sequence[Received[Any]]) -> None:
        del work, events

    return handle


ONE, TWO, THREE = handler(), handler(), handler()
HANDLERS = {"a": ONE, "b": TWO, "c": TWO, "d": THREE}


def event(number: int, type_: str) -> Received[Any]:
    return Received(UUID(int=number), type_, {})


def keyed(*shown: str) -> list[Keyed]:
    """Events written as key and type: `1a` is of the key 1 and the type a."""
    return [(one[0].encode(), event(number, one[1])) for number, one in enumerate(shown)]


@given(st.lists(st.tuples(st.sampled_from([b"1", b"2", b"3", None]), st.sampled_from("abcdx"))))
def test_every_event_once_by_its_handler_and_in_the_order_of_its_key(given_: list[tuple[bytes | None, str]]) -> None:
    events = [(key, event(number, type_)) for number, (key, type_) in enumerate(given_)]
    rounds = group_by_handler(events, HANDLERS)
    handled = [one for _, group in rounds for one in group]
    assert sorted(one.event_id for one in handled) == [one.event_id for _, one in events if one.type_ in HANDLERS]
    assert all(HANDLERS[one.type_] is by for by, group in rounds for one in group)
    key_of = {one.event_id: key for key, one in events}
    for key in {key for key, _ in events}:
        of_key = [one.event_id for one in handled if key_of[one.event_id] == key]
        assert of_key == sorted(of_key)
    assert all(group for _, group in rounds)


@given(st.lists(st.sampled_from("abcd"), unique=False), st.integers(1, 20))
def test_more_keys_that_see_the_same_need_no_more_groups(types: list[str], keys: int) -> None:
    alone = group_by_handler([(b"0", event(number, type_)) for number, type_ in enumerate(types)], HANDLERS)
    together = group_by_handler(
        [(b"%d" % key, event(number * keys + key, type_)) for number, type_ in enumerate(types) for key in range(keys)],
        HANDLERS,
    )
    assert [by for by, _ in together] == [by for by, _ in alone]


def test_keys_in_different_states_share_groups() -> None:
    rounds = group_by_handler(keyed("1a", "2b", "1b", "3a", "2d", "1d"), HANDLERS)
    assert [(by, [one.event_id.int for one in group]) for by, group in rounds] == [
        (ONE, [0, 3]),
        (TWO, [1, 2]),
        (THREE, [4, 5]),
    ]
