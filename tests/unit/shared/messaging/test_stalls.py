"""Which partitions stand still while records wait, reported once until they move."""

from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.stalls import Stalls


def test_one_that_does_not_move_is_reported_once_until_it_does() -> None:
    stalls: Stalls[str] = Stalls(300)
    assert stalls.look({"a": (5, 9), "b": (3, 3)}, 0) == {"a": 0, "b": 0}
    stood = stalls.look({"a": (5, 12), "b": (3, 3)}, 299)
    assert (stood, stalls.overdue(stood)) == ({"a": 299, "b": 0}, set())
    stood = stalls.look({"a": (5, 12), "b": (3, 4)}, 300)
    assert stalls.unreported(stood) == {"a"}
    stalls.report("a")
    stood = stalls.look({"a": (5, 12), "b": (3, 4)}, 500)
    assert (stalls.overdue(stood), stalls.unreported(stood)) == ({"a"}, set())
    stood = stalls.look({"a": (6, 12), "b": (3, 4)}, 600)
    assert stood == {"a": 0, "b": 300}
    assert stalls.unreported(stood) == {"b"}
    stood = stalls.look({"a": (6, 12)}, 900)  # b is another member's now
    assert stalls.unreported(stood) == {"a"}
    assert stalls.look({"b": (3, 4)}, 901) == {"b": 0}


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0, 100)), max_size=30))
def test_it_counts_from_when_it_was_first_seen_there(looks: list[tuple[int, int, float]]) -> None:
    stalls: Stalls[str] = Stalls(50)
    now, since, before = 0.0, 0.0, None
    for offset, waiting, later in looks:
        now += later
        if not waiting or offset != before:
            since = now
        before = offset if waiting else None
        assert stalls.look({"a": (offset, offset + waiting)}, now) == {"a": now - since}
