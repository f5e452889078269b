"""The unit of work: one transaction, what it changes, the events it emits, and what follows once it is durable.

Every request, batch of records, pass and command runs in one, opened at the edge and nowhere below.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import Outgoing
from shared.contract.messages import Event, Publisher
from shared.contract.principal import Principal
from shared.evidence.domain.facts import TRICOLOR, fact_of
from shared.evidence.domain.hashing import Algorithm
from shared.evidence.domain.records import Circumstances, Fact
from shared.messaging.outbox import Outbox
from shared.storage import database
from shared.storage.database import Database
from shared.time.clock import Clock


class UnitOfWork:
    """One transaction, in which everything happens at `now` (UTC), all of it or nothing.

    What it emits and what it records is kept as evidence, with the `caller` on whose request it happened, if any.
    Events leave through the outbox, which is appended to when the unit of work closes: that takes locks in one global
    order which are held until the commit, so nothing may follow it.
    """

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self.connection, self.now = connection, now
        self.caller: Principal | None = None
        self.emitted: list[Event] = []
        self.recorded: list[Fact] = []
        self.forwarded: list[Outgoing] = []

    def emit(self, *events: Event) -> None:
        """Publish `events`, in order, when this commits."""
        self.emitted += events

    def record(self, *facts: Fact) -> None:
        """Keep facts as evidence that no event tells of."""
        self.recorded += facts

    def forward(self, *records: Outgoing) -> None:
        """Publish records as they are when this commits: dead letters, and what is sent again."""
        self.forwarded += records

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Have `callback` run once what was changed is durable, and never when it is rolled back."""
        database.after_commit(self.connection, callback)

    async def before_outbox(self) -> None:
        """Store what a service gathers in its own kind of unit of work; called once, before the events are appended."""


W = TypeVar("W", bound=UnitOfWork)


async def nothing_more(work: UnitOfWork, *_: object) -> None:
    """What is called in a unit of work by whom nobody gave anything more to do."""
    del work


class UnitsOfWork(Generic[W]):
    """Opens the units of work of one service, each of the kind that `make` makes."""

    def __init__(
        self,
        *,
        database: Database,
        outbox: Outbox,
        clock: Clock,
        publisher: Publisher,
        make: Callable[[AsyncConnection, datetime], W],
        hashing: Algorithm = "sha256",
    ) -> None:
        """`hashing` is how evidence is chained from now on; every record says how it was."""
        self.database, self.clock = database, clock
        self._outbox, self._publisher, self._make, self._hashing = outbox, publisher, make, hashing

    @asynccontextmanager
    async def open(self, caller: Principal | None = None) -> AsyncIterator[W]:
        """Open a unit of work, which commits when the block ends and rolls back when it raises.

        `caller` is whose request it is, where it is one.
        """
        async with self.database.transaction() as connection:
            work = self._make(connection, self.clock.now())
            work.caller = caller
            yield work
            await self.flush(work)

    async def flush(self, work: UnitOfWork) -> None:
        """Store what `work` gathered, then append its events to the outbox; whoever opened the transaction commits."""
        await work.before_outbox()
        events = [self._publisher.compose(event, work.now) for event in work.emitted]
        facts = [fact_of(event, published) for event, published in zip(work.emitted, events, strict=True)]
        await self._outbox.append(
            work.connection, [*events, *work.forwarded], [*facts, *work.recorded], self._circumstances(work)
        )

    def _circumstances(self, work: UnitOfWork) -> Circumstances:
        caller = work.caller
        return Circumstances(
            at=work.now,
            service=self._publisher.service,
            caller=TRICOLOR if caller is None else caller.actor,
            credential=None if caller is None else caller.credential,
            algorithm=self._hashing,
        )
