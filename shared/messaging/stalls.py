"""Which partitions stand still while records wait in them, and for how long. No I/O: offsets and instants come in."""

from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)


class Stalls(Generic[P]):
    """Looks at offsets again and again. One that does not move for `allowed` seconds is reported, once."""

    def __init__(self, allowed: float) -> None:
        self._allowed = allowed
        self._since: dict[P, tuple[int, float]] = {}
        """By partition where it stands, and since when it has been seen there with records waiting."""
        self._reported: set[P] = set()

    def look(self, partitions: Mapping[P, tuple[int, int]], now: float) -> dict[P, float]:
        """For how many seconds each has stood still, by its next offset and its end; 0 where nothing waits."""
        for partition in self._since.keys() - partitions.keys():
            self._move(partition)
        for partition, (offset, end) in partitions.items():
            known = self._since.get(partition)
            if known is not None and (known[0] != offset or offset >= end):
                self._move(partition)
            if offset < end:
                self._since.setdefault(partition, (offset, now))
        return {one: now - self._since[one][1] if one in self._since else 0.0 for one in partitions}

    def overdue(self, stood: Mapping[P, float]) -> set[P]:
        """Those that have stood still for too long."""
        return {partition for partition, seconds in stood.items() if seconds >= self._allowed}

    def unreported(self, stood: Mapping[P, float]) -> set[P]:
        """Those of them that were not reported since they last moved."""
        return self.overdue(stood) - self._reported

    def report(self, partition: P) -> None:
        self._reported.add(partition)

    def _move(self, partition: P) -> None:
        del self._since[partition]
        self._reported.discard(partition)
