"""The units of work of deadline_watch: requests, events, passes and commands each run in one."""

from services.deadline_watch import tables
from shared.contract.messages import Publisher
from shared.evidence.domain.hashing import Algorithm
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.database import Database
from shared.time.clock import Clock

NAME = "deadline_watch"


def units_of_work(
    database: Database,
    clock: Clock,
    topic_prefix: str,
    outbox: Outbox | None = None,
    hashing: Algorithm = "sha256",
) -> UnitsOfWork[UnitOfWork]:
    """Units of work whose events leave as those of deadline_watch, through `outbox` where one is given."""
    return UnitsOfWork(
        database=database,
        outbox=outbox or Outbox(tables.outbox, clock),
        clock=clock,
        publisher=Publisher(NAME, topic_prefix),
        make=UnitOfWork,
        hashing=hashing,
    )
