"""What is on its way needs real time, however the clock is hurried."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.time.clock import Clock, ManualClock, ScaledClock, SystemClock, patience

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
