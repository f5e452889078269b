"""The clock is injected everywhere, so that a test can move it and a demonstration can hurry it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from shared.time.instants import aware


class Clock(Protocol):
    """What the services know of time."""

    def now(self) -> datetime:
        """The present instant: aware, in UTC."""
        ...

    def real_seconds(self, span: timedelta) -> float:
        """How long a person waits while `span` passes on this clock."""
        ...


def patience(clock: Clock, span: timedelta) -> timedelta:
    """How much passes on `clock` while `span` of real time does, and `span` at least: what is on its way needs that.

    On a clock that stands still, `span`.
    """
    real = clock.real_seconds(span)
    return span * (span.total_seconds() / real) if 0 < real < span.total_seconds() else span


def pace_of(clock: Clock) -> float:
    """How many seconds pass on `clock` in a real one: 1 for the host's, 0 for one that stands still."""
    real = clock.real_seconds(timedelta(seconds=1))
    return 1 / real if real > 0 else 0.0


def longest(clock: Clock, span: timedelta) -> timedelta:
    """How much may pass on `clock` while `span` of real time does: more than `span` only where it is hurried."""
    return span * clock.fastest if isinstance(clock, ScaledClock) else span


class SystemClock:
    """The host's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds()


class ScaledClock:
    """Runs `factor` times as fast as the host, from `start` on; the factor can be changed on the way.

    It reads the host's monotonic clock, so a correction of the host's time never moves it. `fastest` is how fast it
    may run or has run before, where that is faster.
    """

    def __init__(self, start: datetime, factor: float, *, fastest: float = 1.0) -> None:
        self._base = aware(start)
        self._since = time.monotonic()
        self._factor = factor
        self.fastest = max(factor, fastest)

    @property
    def factor(self) -> float:
        return self._factor

    def set_factor(self, factor: float) -> None:
        """Go on from the present instant at another speed."""
        self._base, self._since, self._factor = self.now(), time.monotonic(), factor
        self.fastest = max(self.fastest, factor)

    def now(self) -> datetime:
        return self._base + timedelta(seconds=(time.monotonic() - self._since) * self._factor)

    def real_seconds(self, span: timedelta) -> float:
        return span.total_seconds() / self._factor


class ManualClock:
    """Stands still until a test moves it, and then only forward."""

    def __init__(self, start: datetime) -> None:
        self._now = aware(start)

    def now(self) -> datetime:
        return self._now

    def real_seconds(self, span: timedelta) -> float:
        del span
        return 0.0

    def advance(self, span: timedelta) -> datetime:
        return self.move_to(self._now + span)

    def move_to(self, instant: datetime) -> datetime:
        """Raises ValueError when `instant` lies in the past."""
        if aware(instant) < self._now:
            raise ValueError(f"the clock stands at {self._now.isoformat()}, {instant.isoformat()} is past")
        self._now = aware(instant)
        return self._now
