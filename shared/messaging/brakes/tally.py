"""Counting what a partition brings: whether too much of it is refused. Pure."""

from collections import deque
from dataclasses import dataclass

from shared.messaging.brakes.policy import RefusalLimits


@dataclass(frozen=True, slots=True)
class Excess:
    """Too many refusals: `refused` of the last `of` records."""

    refused: int
    of: int


class RefusalTally:
    """Counts the records of one partition, and says when the refused ones among them are too many."""

    def __init__(self, limits: RefusalLimits) -> None:
        self._limits = limits
        self._last: deque[bool] = deque(maxlen=limits.of_last)
        self._refused = self._in_a_row = 0

    def count(self, *, refused: bool) -> Excess | None:
        """Count one more record; answer the excess, if there is one now."""
        if len(self._last) == self._limits.of_last:
            self._refused -= self._last[0]
        self._last.append(refused)
        self._refused += refused
        self._in_a_row = self._in_a_row + 1 if refused else 0
        if self._in_a_row >= self._limits.in_a_row:
            return Excess(self._in_a_row, self._in_a_row)
        # A share of few records says nothing.
        if len(self._last) == self._limits.of_last and self._refused >= self._limits.share * self._limits.of_last:
            return Excess(self._refused, self._limits.of_last)
        return None
