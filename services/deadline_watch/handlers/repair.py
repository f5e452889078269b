"""Mending what deadline_watch lacks of the chain from event to outcome, each repair in a unit of work of its own.

All of it may be done twice: readers recognise what is published again, and a clock is a function of its case's events.
"""

from collections.abc import Collection
from typing import Self
from uuid import UUID

from services.deadline_watch import tables
from services.deadline_watch.store.units_of_work import units_of_work
from shared.messaging.inbox import forget
from shared.messaging.replay import relay_again
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock


class Repair:
    """What deadline_watch does for whoever found a gap."""

    def __init__(self, units: UnitsOfWork[UnitOfWork]) -> None:
        self._units = units

    @classmethod
    def of(cls, settings: Settings, clock: Clock, database: Database) -> Self:
        return cls(units_of_work(database, clock, settings.topic_prefix, hashing=settings.evidence_hash))

    async def publish_again(self, event_ids: Collection[UUID]) -> int:
        """Have these events of the outbox handed to Kafka once more; answer how many there were to."""
        async with self._units.open() as work:
            return await relay_again(work.connection, tables.outbox, event_ids)

    async def act_anew(self, event_ids: Collection[UUID]) -> int:
        """Forget that these events were acted on: they are when they come again. Answers how many were known."""
        async with self._units.open() as work:
            return await forget(work.connection, tables.inbox, event_ids)
