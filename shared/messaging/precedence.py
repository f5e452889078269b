"""Precedence: what goes on behind the answers gives way while a crowd waits for answers, and not for long.

All services of a process share its one thread. A chunk of five hundred events that another service handles keeps
everybody waiting who pushes one, and nobody waits for the chunk. It costs less besides the more has gathered.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

from shared.messaging.kafka import first_of

LONGEST_SECONDS = 2.0
"""How long a consumer gives way at most before each chunk: under a crowd that does not end, cases are opened still."""
_LOOK_SECONDS = 0.03


class Precedence:
    """Who goes first: `crowds` answer whether many wait for answers now."""

    def __init__(self, crowds: Sequence[Callable[[], bool]], longest_seconds: float = LONGEST_SECONDS) -> None:
        self._crowds, self._longest_seconds = crowds, longest_seconds

    def is_claimed(self) -> bool:
        """Whether somebody goes first now."""
        return any(is_crowd() for is_crowd in self._crowds)

    async def give_way(self, stopping: asyncio.Event) -> None:
        """Wait until nobody goes first, for a while at most, and no longer than until `stopping`."""
        until = time.monotonic() + self._longest_seconds
        while self.is_claimed() and time.monotonic() < until:
            if await first_of(stopping, _LOOK_SECONDS):
                return
