"""How much a consumer takes at once, and which partitions it pauses for a while."""

import random
from collections.abc import Collection, Hashable, Sequence
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)

_FIRST_BACKOFF = 0.4
_LONGEST_BACKOFF = 30.0
_FEW = 64
_GATHERING, _LONGEST_GATHERING = 3.0, 0.5
"""How long records gather after a few were handled: so many times what these took, and no more seconds than that."""


def backoff(failures: int, choice: random.Random) -> float:
    """Return the seconds to wait after so many `failures` in a row: doubled each time, with jitter, 30 s at most."""
    # The exponent is bounded too: a week of failures would overflow a float.
    return min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** min(failures - 1, 10)) * choice.uniform(0.5, 1)


def fitting(sizes: Sequence[int], *, count: int, size: int) -> int:
    """Return how many of the first `sizes` go together: at most `count`, at most `size` in all, but always one."""
    total = 0
    for number, one in enumerate(sizes[:count]):
        total += one
        if number and total > size:
            return number
    return min(count, len(sizes))


class Pace:
    """How many records are handled in one go: as many as take a few seconds, `most` when all is well.

    `gathering` is for how many seconds they gather at least while they come one by one.
    """

    def __init__(self, most: int, seconds: float, gathering: float = 0.0) -> None:
        self.records = self._most = most
        self._seconds, self._gathering = seconds, gathering
        self._took = 0.0

    def took(self, seconds: float) -> None:
        """Take half as many after a slow batch, fewer yet after a much slower one, and twice as many after a quick one.

        One that took all its time and was given up has done nothing: halving would take as long again, several times.
        """
        self._took = seconds
        if seconds > self._seconds:
            self.records = max(1, int(self.records * min(0.5, self._seconds / seconds)))
        elif seconds < self._seconds / 4:
            self.records = min(self._most, self.records * 2)

    def gathering(self, handled: int) -> float:
        """Return the seconds to let records gather after `handled` of them.

        A batch of three costs nearly as much as one of fifty, so that who reads again at once, while records come one
        by one, spends all time on such. The first record after a quiet while waits for nothing.
        """
        if not 0 < handled < _FEW:
            return 0.0
        return min(_LONGEST_GATHERING, max(self._gathering, _GATHERING * self._took))


class Holds(Generic[P]):
    """The partitions that fail: how often each failed in a row, and until when it is paused."""

    def __init__(self, choice: random.Random) -> None:
        self._choice = choice
        self._failures: dict[P, int] = {}
        self._until: dict[P, float] = {}

    def hold(self, partition: P, now: float) -> float:
        """Pause `partition` for a while after one more failure; answer for how many seconds."""
        failures = self._failures[partition] = self._failures.get(partition, 0) + 1
        seconds = backoff(failures, self._choice)
        self._until[partition] = now + seconds
        return seconds

    def due(self, now: float) -> set[P]:
        """Return the paused partitions whose time has come: they are tried next, apart from the others."""
        come = {partition for partition, until in self._until.items() if until <= now}
        for partition in come:
            del self._until[partition]
        return come

    def recovered(self, partition: P) -> None:
        """Note that `partition` was handled, or is tried again at once: its next failure counts as the first."""
        self._failures.pop(partition, None)
        self._until.pop(partition, None)

    def failures(self, partition: P) -> int:
        """How often `partition` failed in a row."""
        return self._failures.get(partition, 0)

    def keep(self, partitions: Collection[P]) -> None:
        """Forget all but `partitions`: the others belong to another member now."""
        for known in (self._failures, self._until):
            for gone in known.keys() - set(partitions):
                del known[gone]

    @property
    def held(self) -> set[P]:
        """Return the partitions that are paused now."""
        return set(self._until)

    @property
    def in_trouble(self) -> set[P]:
        """Return the partitions that failed when last tried: they are tried apart from the others."""
        return set(self._failures)
