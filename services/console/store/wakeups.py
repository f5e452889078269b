"""Waking those who watch the read model, as soon as a change is durable, whichever replica made it.

A change made in this process wakes them at once; one of another process comes by PostgreSQL's `notify`.
"""

import asyncio
import contextlib
from collections.abc import Iterator

import asyncpg
from sqlalchemy import text

from services.console.store.changes import CHANNEL, WORK
from shared.storage.database import Database


class Wakeups:
    """The streams that are held open. Each is an entry in a set: no task, no connection."""

    def __init__(self) -> None:
        self._held: set[asyncio.Event] = set()
        self.released = False
        self.work_changes = 0

    def wake(self) -> None:
        """Have everybody look for themselves whether anything changed that is theirs."""
        for event in self._held:
            event.set()

    def wake_for_work(self) -> None:
        """The same, where something else waits for people now: `work_changes` counts how often."""
        self.work_changes += 1
        self.wake()

    def release_all(self) -> None:
        """End every stream now, and hold none from now on: the server stops."""
        self.released = True
        self.wake()

    @contextlib.contextmanager
    def hold(self) -> Iterator[asyncio.Event]:
        """Register before looking: a change that happens between looking and waiting is then not missed."""
        event = asyncio.Event()
        self._held.add(event)
        try:
            yield event
        finally:
            self._held.discard(event)


class Listener:
    """Keeps one connection on which PostgreSQL says that another process changed something."""

    def __init__(self, database: Database, wakeups: Wakeups) -> None:
        self._database, self._wakeups = database, wakeups
        self._session = contextlib.AsyncExitStack()
        self._driver: asyncpg.Connection | None = None

    async def run_once(self) -> int:
        """See that the connection is there; a new one may have missed changes, so everybody looks. Answers 0."""
        if self._driver is None or self._driver.is_closed():
            await self.close()
            connection = await self._session.enter_async_context(self._database.autocommit())
            raw = await connection.get_raw_connection()
            driver = raw.driver_connection
            assert isinstance(driver, asyncpg.Connection)  # noqa: S101  the only driver
            # The subscription is the connection's: back in the pool it would go on.
            self._session.push_async_callback(connection.invalidate)
            await driver.add_listener(CHANNEL, self._hear)
            await connection.execute(text("select 1"))
            self._driver = driver
            self._wakeups.wake()
        return 0

    def _hear(self, _connection: object, _process: int, _channel: str, payload: object) -> None:
        if payload == WORK:
            self._wakeups.wake_for_work()
        else:
            self._wakeups.wake()

    async def close(self) -> None:
        self._driver = None
        await self._session.aclose()
