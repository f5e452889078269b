"""Requests that are held open until something changes, and how they are woken.

Officers hold them for their assignments, enterprises for their cases. A unit of work wakes the officers whose
assignments it changed once that is durable (`CaseUnitOfWork.wake`), the enterprises that its events are about, and the
passes for which it made work: over the queue when a case comes to wait (`CaseUnitOfWork.queue`), over notices, and over
cases without a station when somebody is registered. Only requests and passes of this process wake up. What other
replicas change is found by `feed.recheck` and `enterprise_feed.Recheck`, duties of every second, and by the beats of
the passes.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator


class HeldRequest:
    """One request that is held open."""

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


class HeldRequests:
    """The requests that are held open, by who holds them. Each is an entry in a dictionary: no task, no connection."""

    def __init__(self) -> None:
        self._held: defaultdict[str, set[HeldRequest]] = defaultdict(set)

    def wake(self, holders: Iterable[str]) -> None:
        """Wake the requests of these; they look for themselves whether anything changed."""
        for holder in holders:
            for request in self._held.get(holder, ()):
                request.wake()

    def holders(self) -> list[str]:
        """Whose requests are held."""
        return list(self._held)

    @contextlib.contextmanager
    def hold(self, *holders: str) -> Iterator[HeldRequest]:
        """Register before looking: a change that happens between looking and waiting is then not missed."""
        request = HeldRequest()
        for holder in holders:
            self._held[holder].add(request)
        try:
            yield request
        finally:
            for holder in holders:
                self._held[holder].discard(request)
                if not self._held[holder]:
                    del self._held[holder]

    def known(self) -> list[tuple[str, str]]:
        """Holder and revision the caller knows, of every request that sleeps."""
        return [
            (holder, revision)
            for holder, requests in self._held.items()
            for request in requests
            if (revision := request.known_revision) is not None
        ]


class Wakeups:
    """What may sleep in this process: requests of officers and of enterprises, and passes with nothing to do."""

    def __init__(self) -> None:
        self.officers = HeldRequests()
        self.enterprises = HeldRequests()
        self.released = False
        self.queued = asyncio.Event()
        """Set when a case came to wait for a team, for the pass that gives it one."""
        self.notified = asyncio.Event()
        """Set when there are notices to send."""
        self.registered = asyncio.Event()
        """Set when a station or an enterprise was written, for which a case without a station may wait."""

    def release_all(self) -> None:
        """Answer every held request now, and hold none from now on: the server stops."""
        self.released = True
        for requests in (self.officers, self.enterprises):
            requests.wake(requests.holders())
