"""When a platform or an outlet has been silent for longer than is its habit."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.alert_ingest.domain import silence
from services.alert_ingest.domain.silence import Allowance, Habit, Key, Voice
from shared.contract.platforms import PlatformSilent

START = datetime(2026, 3, 2, tzinfo=UTC)
ALLOWANCE = Allowance(after=3, shortest_hours=1, times=4)

intervals = st.lists(st.integers(1, 100_000), max_size=60)


def after(seconds: list[int]) -> Habit:
    habit = Habit(1, START)
    for one in seconds:
        habit = habit.heard_again(habit.heard_at + timedelta(seconds=one))
    return habit


@given(intervals)
def test_a_habit_lies_within_what_was_heard(seconds: list[int]) -> None:
    habit = after(seconds)
    assert habit.arrivals == len(seconds) + 1
    assert habit.heard_at == START + timedelta(seconds=sum(seconds))
    if seconds:
        assert habit.usual is not None
        assert min(seconds) - 1e-3 <= habit.usual.total_seconds() <= max(seconds) + 1e-3
    else:
        assert habit.usual is None


@given(intervals, st.integers(-100_000, 100_000))
def test_nobody_is_silent_before_the_shortest_time_or_before_a_habit_is_known(seconds: list[int], ago: int) -> None:
    habit, since = after(seconds), START + timedelta(seconds=ago)
    at = habit.silent_at(ALLOWANCE, since)
    if habit.arrivals < ALLOWANCE.after:
        assert at is None
    else:
        assert at is not None
        assert at - max(habit.heard_at, since) >= timedelta(hours=ALLOWANCE.shortest_hours)


@given(intervals, st.integers(0, 100_000))
def test_what_comes_late_changes_nothing(seconds: list[int], ago: int) -> None:
    habit = after(seconds)
    assert habit.heard_again(habit.heard_at - timedelta(seconds=ago)) == habit


def test_the_average_follows_a_new_habit() -> None:
    slower = after([60] * 100 + [600] * 60)
    assert slower.usual is not None
    assert slower.usual > timedelta(minutes=9)


def test_what_falls_silent_together_is_one_message_for_the_platform_and_one_for_its_outlets() -> None:
    policy, now = silence.load(), START + timedelta(days=60)
    habits = {
        Key("/a", Voice.EVENTS): after([3_600] * 20),
        Key("/a", Voice.HEARTBEATS): after([60] * 20),
        Key("/b", Voice.OUTLETS, "E1", "MN1"): after([3_600] * 20),
        Key("/b", Voice.OUTLETS, "E2", "MN2"): after([7_200] * 20),
    }
    told = list(silence.messages(PlatformSilent, habits, policy, now))
    assert [(one.source, [outlet.outlet for outlet in one.outlets]) for one in told] == [
        ("/a", []),
        ("/b", ["MN1", "MN2"]),
    ]
    assert [one.allowed_hours for one in told] == [12.0, 72.0]
    assert told[0].heard_at == START + timedelta(hours=20)
