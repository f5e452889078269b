"""What is on its way needs real time, however the clock is hurried."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.time.clock import Clock, ManualClock, ScaledClock, SystemClock, longest, patience

_START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("clock", "passes"),
    [
        (SystemClock(), _MINUTE),
        (ManualClock(_START), _MINUTE),
        (ScaledClock(_START, 600), timedelta(hours=10)),
        (ScaledClock(_START, 0.5), _MINUTE),
    ],
)
def test_patience_is_a_span_of_real_time_and_never_shorter_than_said(clock: Clock, passes: timedelta) -> None:
    assert patience(clock, _MINUTE) == passes


def test_the_longest_that_may_pass_is_as_the_clock_ran_or_may_run_at_its_fastest() -> None:
    slowed = ScaledClock(_START, 600)
    slowed.set_factor(1)
    assert longest(slowed, _MINUTE) == timedelta(hours=10)
    assert longest(ScaledClock(_START, 1, fastest=60), _MINUTE) == timedelta(hours=1)
    assert longest(ScaledClock(_START, 0.5), _MINUTE) == _MINUTE
    assert longest(SystemClock(), _MINUTE) == longest(ManualClock(_START), _MINUTE) == _MINUTE
