"""Group commit: what arrives while a batch is being stored is the next batch.

A transaction costs more than an event in it. So requests that come at the same time share one, and a request that comes
alone is stored at once. Callers who were answered together mostly come again together: they are waited for, a little.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple

from services.alert_ingest.domain.deduplication import Receipt
from services.alert_ingest.handlers.intake import Submission

MOST = 1_000
"""Events that go together: more would keep the first of them waiting for the last."""
_FEW = 64
_AGAIN_SECONDS = 0.1
"""Within which callers who were answered mostly come again: a client sends its next batch."""

Take = Callable[[Sequence[Submission]], Awaitable[list[Receipt]]]


class _Request(NamedTuple):
    submissions: Sequence[Submission]
    answer: "asyncio.Future[list[Receipt]]"


def patience(took: float) -> float:
    """For how many seconds callers are waited for after a batch that took so many seconds to store."""
    return min(0.05, took / 2)


class GroupCommit:
    """Has `take` take in together what several callers submit, and gives each its own receipts."""

    def __init__(
        self, take: Take, patience: Callable[[float], float] = patience, again: float = _AGAIN_SECONDS
    ) -> None:
        self._take, self._patience, self._again = take, patience, again
        self._waiting: deque[_Request] = deque()
        self._arrived = asyncio.Event()
        self._working: asyncio.Task[None] | None = None
        self._crowded = False
        self._crowded_until = 0.0

    def is_crowded(self) -> bool:
        """Whether several callers, or one with many events, wait for their answers, or did a moment ago."""
        return self._crowded or bool(self._waiting) or time.monotonic() < self._crowded_until

    async def take(self, submissions: Sequence[Submission]) -> list[Receipt]:
        """Take events in; answer a receipt for each, in order, when all of them are durable. Raises as `take` does."""
        answer: asyncio.Future[list[Receipt]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Request(submissions, answer))
        self._arrived.set()
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await answer

    async def _work(self) -> None:
        try:
            while self._waiting:
                requests, began = self._next(), time.monotonic()
                self._crowded = len(requests) > 1 or len(requests[0].submissions) > _FEW
                await self._store(requests)
                callers = len(requests) + len(self._waiting)
                if callers > 1:
                    await self._gather(callers, self._patience(time.monotonic() - began))
        finally:
            if self._crowded:
                self._crowded, self._crowded_until = False, time.monotonic() + self._again
            self._working = None
            for request in self._waiting:
                request.answer.cancel()
            self._waiting.clear()

    async def _gather(self, callers: int, seconds: float) -> None:
        """Wait until so many callers wait, for `seconds` at most: else half would always wait for the other half."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while len(self._waiting) < callers and sum(len(one.submissions) for one in self._waiting) < MOST:
                    self._arrived.clear()
                    await self._arrived.wait()

    def _next(self) -> list[_Request]:
        """Those that go together next: as many as come to no more than `MOST`, and always one."""
        requests = [self._waiting.popleft()]
        number = len(requests[0].submissions)
        while self._waiting and number + len(self._waiting[0].submissions) <= MOST:
            requests.append(self._waiting.popleft())
            number += len(requests[-1].submissions)
        return requests

    async def _store(self, requests: Sequence[_Request]) -> None:
        """Store the requests together; one by one where that fails, for one of them may be why."""
        try:
            receipts = await self._take([one for request in requests for one in request.submissions])
        except Exception as error:
            if len(requests) > 1:
                for request in requests:
                    await self._store([request])
            elif not requests[0].answer.done():
                requests[0].answer.set_exception(error)
            return
        except BaseException:
            for request in requests:
                request.answer.cancel()
            raise
        first = 0
        for request in requests:
            after = first + len(request.submissions)
            if not request.answer.done():  # its caller may be gone
                request.answer.set_result(receipts[first:after])
            first = after
