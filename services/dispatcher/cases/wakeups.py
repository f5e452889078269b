"""Wake-ups for officers who hold a request open until their assignments change.

Whoever changes a case, or whom it is assigned to, has the officers concerned touched once that is durable:

    after_commit(connection, lambda: changes.touch([*team_before, *team_after]))

Only requests held by this process wake up. What other replicas change is found by `assignment_feed.recheck`, a
duty of every second. `release_all` belongs to the service's `wakes`: a stopping server lets its callers go.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator


class Waiter:
    """One held request."""

    __slots__ = ("_known", "_news")

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._known: str | None = None

    def wake(self) -> None:
        self._news.set()

    @property
    def asleep_on(self) -> str | None:
        """The revision the caller knows, while the request sleeps."""
        return None if self._news.is_set() else self._known

    async def news(self, known: str, seconds: float) -> None:
        """Sleep until woken, or for `seconds` of real time. Having been woken since the last sleep counts."""
        self._known = known
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._news.wait()
        self._known = None
        self._news.clear()


class Changes:
    """Who waits for whose assignments. A waiter is an entry in a dictionary: no task, no connection."""

    def __init__(self) -> None:
        self._waiters: defaultdict[str, set[Waiter]] = defaultdict(set)
        self.released = False

    def touch(self, officers: Iterable[str]) -> None:
        """Wake the requests of these officers; they look for themselves whether anything changed."""
        for officer in officers:
            for waiter in self._waiters.get(officer, ()):
                waiter.wake()

    def release_all(self) -> None:
        """Answer every held request now, and hold none from now on."""
        self.released = True
        self.touch(list(self._waiters))

    @contextlib.contextmanager
    def attend(self, officer: str) -> Iterator[Waiter]:
        """Register before looking: a change that happens between looking and waiting is then not missed."""
        waiter = Waiter()
        self._waiters[officer].add(waiter)
        try:
            yield waiter
        finally:
            self._waiters[officer].discard(waiter)
            if not self._waiters[officer]:
                del self._waiters[officer]

    def known(self) -> list[tuple[str, str]]:
        """(officer, revision the caller knows) of every request that sleeps."""
        return [
            (officer, revision)
            for officer, waiters in self._waiters.items()
            for waiter in waiters
            if (revision := waiter.asleep_on) is not None
        ]
