"""Requests that officers hold open until their assignments change, and how they are woken.

A unit of work wakes the officers whose assignments it changed once that is durable (`CaseUnitOfWork.wake`), and the
passes for which it made work: over the queue when a case comes to wait (`CaseUnitOfWork.queue`), over notices, and over
cases without a station when somebody is registered. Only requests and passes of this process wake up. What other
replicas change is found by `feed.recheck`, a duty of every second, and by the beats of the passes.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator


class HeldRequest:
    """One request that an officer holds open."""

    __slots__ = ("_known", "_woken")

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._known: str | None = None

    def wake(self) -> None:
        self._woken.set()

    @property
    def known_revision(self) -> str | None:
        """The revision that the caller knows, while the request sleeps."""
        return None if self._woken.is_set() else self._known

    async def wait(self, known: str, seconds: float) -> None:
        """Sleep until woken, or for `seconds` of real time. Having been woken since the last sleep counts."""
        self._known = known
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._known = None
        self._woken.clear()


class Wakeups:
    """The requests that are held open, by officer. Each is an entry in a dictionary: no task, no connection."""

    def __init__(self) -> None:
        self._held: defaultdict[str, set[HeldRequest]] = defaultdict(set)
        self.released = False
        self.queued = asyncio.Event()
        """Set when a case came to wait for a team, for the pass that gives it one."""
        self.notified = asyncio.Event()
        """Set when there are notices to send."""
        self.registered = asyncio.Event()
        """Set when a station or an enterprise was written, for which a case without a station may wait."""

    def wake(self, officers: Iterable[str]) -> None:
        """Wake the requests of these officers; they look for themselves whether anything changed."""
        for officer in officers:
            for request in self._held.get(officer, ()):
                request.wake()

    def release_all(self) -> None:
        """Answer every held request now, and hold none from now on: the server stops."""
        self.released = True
        self.wake(list(self._held))

    @contextlib.contextmanager
    def hold(self, officer: str) -> Iterator[HeldRequest]:
        """Register before looking: a change that happens between looking and waiting is then not missed."""
        request = HeldRequest()
        self._held[officer].add(request)
        try:
            yield request
        finally:
            self._held[officer].discard(request)
            if not self._held[officer]:
                del self._held[officer]

    def known(self) -> list[tuple[str, str]]:
        """Officer and revision the caller knows, of every request that sleeps."""
        return [
            (officer, revision)
            for officer, requests in self._held.items()
            for request in requests
            if (revision := request.known_revision) is not None
        ]
