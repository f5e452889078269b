"""The units of work of alert_ingest: the plain kind, which writes to the topic `alerts`."""

from shared.contract.messages import Publisher
from shared.evidence.domain.hashing import Algorithm
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.database import Database
from shared.time.clock import Clock

SERVICE = "alert_ingest"


def units_of_work(
    database: Database, outbox: Outbox, clock: Clock, topic_prefix: str, hashing: Algorithm = "sha256"
) -> UnitsOfWork[UnitOfWork]:
    return UnitsOfWork(
        database=database,
        outbox=outbox,
        clock=clock,
        publisher=Publisher(SERVICE, topic_prefix),
        make=UnitOfWork,
        hashing=hashing,
    )
