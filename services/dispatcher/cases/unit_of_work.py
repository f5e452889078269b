"""The dispatcher's unit of work: besides events it gathers the notices to send and the officers to wake."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.notices.queueing import enqueue
from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.policies.versions import DispatchPolicies
from shared.contract.messages import Publisher
from shared.evidence.domain.hashing import Algorithm
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.database import Database
from shared.time.clock import Clock

SERVICE = "dispatcher"


class CaseUnitOfWork(UnitOfWork):
    """A unit of work of the dispatcher, which also gathers notices and the officers to wake."""

    def __init__(
        self, connection: AsyncConnection, now: datetime, wakeups: Wakeups, policies: DispatchPolicies
    ) -> None:
        super().__init__(connection, now)
        self._wakeups, self._policies = wakeups, policies
        self._policy: DispatchPolicy | None = None
        self.seen: int | None = None
        """The revision of the case that the caller decided on, where the request says so (`If-Match`)."""
        self.notices: list[NoticeDraft] = []
        self.officers: set[str] = set()
        self._queued = self._registered = False

    def notify(self, drafts: Iterable[NoticeDraft]) -> None:
        """Have these notices sent when this commits."""
        self.notices += drafts

    def wake(self, officers: Iterable[str]) -> None:
        """Have requests of these officers that are held open answered when this commits."""
        self.officers.update(officers)

    def queue(self) -> None:
        """Have the pass over the queue look at what waits for a team, at once when this commits."""
        self._queued = True

    def registered(self) -> None:
        """Have cases without a station looked at when this commits: one may be in charge by then."""
        self._registered = True

    async def policy(self) -> DispatchPolicy:
        """The dispatch policy in force, by which everything in this unit of work is decided."""
        if self._policy is None:
            self._policy = await self._policies.in_force(self.connection, self.now)
        return self._policy

    async def policy_version_at(self, at: datetime) -> str:
        """The version of the dispatch policy that decided at another instant."""
        return (await self._policies.at(self.connection, at)).version

    async def before_outbox(self) -> None:
        if self.notices:
            await enqueue(self.connection, self.notices, self.now, await self.policy())
            self.after_commit(self._wakeups.notified.set)
        if self.officers:
            officers = frozenset(self.officers)
            self.after_commit(lambda: self._wakeups.officers.wake(officers))
        if self.emitted:
            concerned = frozenset(event.enterprise for event in self.emitted)
            self.after_commit(lambda: self._wakeups.enterprises.wake(concerned))
        if self._queued:
            self.after_commit(self._wakeups.queued.set)
        if self._registered:
            self.after_commit(self._wakeups.registered.set)


def units_of_work(
    database: Database,
    outbox: Outbox,
    clock: Clock,
    wakeups: Wakeups,
    topic_prefix: str,
    policies: DispatchPolicies,
    hashing: Algorithm = "sha256",
) -> UnitsOfWork[CaseUnitOfWork]:
    return UnitsOfWork(
        database=database,
        outbox=outbox,
        clock=clock,
        publisher=Publisher(SERVICE, topic_prefix),
        make=partial(CaseUnitOfWork, wakeups=wakeups, policies=policies),
        hashing=hashing,
    )
