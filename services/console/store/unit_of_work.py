"""The console's unit of work: it also gathers what changed, for the counts and for those who watch."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.console import tables
from services.console.domain.alert_record import AlertRecord
from services.console.domain.case_record import CaseRecord
from services.console.domain.counts import Differences
from services.console.store import changes
from services.console.store.wakeups import Wakeups
from shared.contract.messages import Publisher
from shared.evidence.domain.hashing import Algorithm
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.database import Database
from shared.time.clock import Clock

NAME = "console"


class ReadModelWork(UnitOfWork):
    """A unit of work of the console."""

    def __init__(self, connection: AsyncConnection, now: datetime, wakeups: Wakeups) -> None:
        super().__init__(connection, now)
        self._wakeups = wakeups
        self._differences = Differences()
        self._changes: list[changes.Change] = []
        self._has_other_work = False

    def changed_case(self, before: CaseRecord | None, after: CaseRecord) -> None:
        """Have the counts follow, and whoever watches told, when this commits."""
        self._differences.change(before, after)
        if after.kind is not None:
            self._note("case", after.case_id, (None if before is None else before.station, after.station))

    def changed_alert(self, before: AlertRecord | None, after: AlertRecord) -> None:
        """Have whoever watches told when this commits."""
        if after.level is not None:
            self._note("alert", after.alert_id, (None if before is None else before.station, after.station))

    def moved_alert(self, alert_id: UUID, before: str | None, now: str | None) -> None:
        """Have whoever watches told that an alert is another station's now."""
        self._note("alert", alert_id, (before, now))

    def changed_work(self) -> None:
        """Have whoever watches told that something else waits for people now, or no more, when this commits."""
        self._has_other_work = True

    def _note(self, subject: str, id_: UUID, stations: Iterable[str | None]) -> None:
        self._changes.append(changes.Change(subject, id_, sorted({one for one in stations if one})))

    async def before_outbox(self) -> None:
        if await changes.publish(self.connection, self._differences, self._changes, self.now):
            self.after_commit(self._wakeups.wake)
        if self._has_other_work:
            await changes.publish_work(self.connection)
            self.after_commit(self._wakeups.wake_for_work)


def units_of_work(
    database: Database,
    clock: Clock,
    topic_prefix: str,
    wakeups: Wakeups,
    outbox: Outbox | None = None,
    hashing: Algorithm = "sha256",
) -> UnitsOfWork[ReadModelWork]:
    return UnitsOfWork(
        database=database,
        outbox=outbox or Outbox(tables.outbox, clock),
        clock=clock,
        publisher=Publisher(NAME, topic_prefix),
        make=partial(ReadModelWork, wakeups=wakeups),
        hashing=hashing,
    )
