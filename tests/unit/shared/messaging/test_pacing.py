"""How much is taken at once, and how long a partition in trouble is left alone."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging.pacing import Holds, Pace, backoff, fitting


@given(st.lists(st.integers(0, 100), min_size=1, max_size=50), st.integers(1, 20), st.integers(0, 300))
def test_what_fits_is_as_much_as_both_limits_allow_and_never_nothing(sizes: list[int], count: int, size: int) -> None:
    number = fitting(sizes, count=count, size=size)
    assert 1 <= number <= count
    assert number == 1 or sum(sizes[:number]) <= size
    assert number == min(count, len(sizes)) or sum(sizes[: number + 1]) > size


@given(st.integers(1, 10_000), st.integers(0, 9))
def test_a_backoff_grows_to_half_a_minute_with_jitter(failures: int, seed: int) -> None:
    seconds = backoff(failures, random.Random(seed))
    full = min(30.0, 0.4 * 2.0 ** min(failures - 1, 10))
    assert full / 2 <= seconds <= full


def test_a_pace_halves_when_slow_and_grows_back_when_quick() -> None:
    pace = Pace(500, seconds=5.0)
    for seconds, records in ((6.0, 250), (31.0, 40), (3.0, 40), (1.0, 80), (0.1, 160), (0.1, 320), (0.1, 500)):
        pace.took(seconds)
        assert pace.records == records
    for _ in range(20):
        pace.took(60.0)
    assert pace.records == 1


def test_a_held_partition_is_left_alone_until_its_time_and_stays_in_trouble_until_handled() -> None:
    holds: Holds[str] = Holds(random.Random(1))
    first = holds.hold("a", now=100.0)
    assert (holds.held, holds.in_trouble) == ({"a"}, {"a"})
    assert holds.due(100.0 + first - 0.01) == set()
    assert holds.due(100.0 + first) == {"a"}
    assert (holds.held, holds.in_trouble) == (set(), {"a"})
    assert [holds.hold("a", now=0.0) > 6.0 for _ in range(5)] == [False] * 4 + [True]
    holds.recovered("a")
    assert holds.in_trouble == set()
    assert holds.hold("a", now=0.0) <= 0.4


def test_what_is_another_members_is_forgotten() -> None:
    holds: Holds[str] = Holds(random.Random(1))
    for partition in "abc":
        holds.hold(partition, now=0.0)
    holds.keep({"a"})
    assert (holds.held, holds.in_trouble) == ({"a"}, {"a"})


def test_records_gather_after_a_few_and_not_after_many() -> None:
    pace = Pace(most=500, seconds=2.0)
    assert pace.gathering(3) == 0.0
    pace.took(0.02)
    assert pace.gathering(3) == pytest.approx(0.06)
    assert pace.gathering(0) == 0.0
    assert pace.gathering(64) == 0.0
    pace.took(5)
    assert pace.gathering(1) == 0.5


def test_what_nobody_waits_for_gathers_for_a_while_however_quick_it_is() -> None:
    pace = Pace(most=500, seconds=2.0, gathering=0.15)
    pace.took(0.01)
    assert (pace.gathering(3), pace.gathering(0), pace.gathering(64)) == (0.15, 0.0, 0.0)
    pace.took(0.1)
    assert pace.gathering(3) == pytest.approx(0.3)
