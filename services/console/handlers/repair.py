"""Mending what the console lacks of the chain: its own events are published again. Readers recognise them."""

from collections.abc import Collection
from typing import Self
from uuid import UUID

from services.console import tables
from services.console.store.unit_of_work import ReadModelWork, units_of_work
from services.console.store.wakeups import Wakeups
from shared.messaging.replay import relay_again
from shared.messaging.unit_of_work import UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock


class Repair:
    """What the console does for whoever found a gap."""

    def __init__(self, units: UnitsOfWork[ReadModelWork]) -> None:
        self._units = units

    @classmethod
    def of(cls, settings: Settings, clock: Clock, database: Database) -> Self:
        return cls(units_of_work(database, clock, settings.topic_prefix, Wakeups(), hashing=settings.evidence_hash))

    async def publish_again(self, event_ids: Collection[UUID]) -> int:
        """Have these events of the outbox handed to Kafka once more; answer how many there were to."""
        async with self._units.open() as work:
            return await relay_again(work.connection, tables.outbox, event_ids)
