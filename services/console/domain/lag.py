"""How far behind a reader is, in seconds: since when what it reads next has been there. Pure."""

from collections import deque
from collections.abc import Hashable, Mapping
from typing import Generic, TypeVar

P = TypeVar("P", bound=Hashable)
_REMEMBERED = 1_000


class Lag(Generic[P]):
    """Looks at offsets again and again, and remembers when each end was first seen."""

    def __init__(self) -> None:
        self._seen: dict[P, deque[tuple[int, float]]] = {}

    def look(self, partitions: Mapping[P, tuple[int, int]], now: float) -> dict[P, float]:
        """By partition, for how long the first of its unread records has waited; by its next offset and its end."""
        for gone in self._seen.keys() - partitions.keys():
            del self._seen[gone]
        found: dict[P, float] = {}
        for partition, (position, end) in partitions.items():
            seen = self._seen.setdefault(partition, deque(maxlen=_REMEMBERED))
            if not seen or seen[-1][0] < end:
                seen.append((end, now))
            while seen and seen[0][0] <= position:
                seen.popleft()
            found[partition] = now - seen[0][1] if seen else 0.0
        return found
