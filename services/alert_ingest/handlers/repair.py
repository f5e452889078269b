"""Mending what alert_ingest lacks of the chain from event to outcome, each repair in a unit of work of its own.

All of it may be done twice: the readers recognise what is published again.
"""

from collections.abc import Collection
from typing import Self
from uuid import UUID

from services.alert_ingest import tables
from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.alert_ingest.handlers.republish import republish
from services.alert_ingest.store.rule_book_versions import RuleBooks
from services.alert_ingest.store.unit_of_work import units_of_work
from shared.messaging.outbox import Outbox
from shared.messaging.replay import relay_again
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock


class Repair:
    """What alert_ingest does for whoever found a gap; each method answers how many events leave because of it."""

    def __init__(self, units: UnitsOfWork[UnitOfWork], books: RuleBooks) -> None:
        self._units, self._books = units, books

    @classmethod
    def of(cls, settings: Settings, clock: Clock, database: Database) -> Self:
        units = units_of_work(
            database, Outbox(tables.outbox, clock), clock, settings.topic_prefix, settings.evidence_hash
        )
        return cls(units, RuleBooks(RULE_BOOK.read_text(encoding="utf-8")))

    async def publish_again(self, event_ids: Collection[UUID]) -> int:
        """Have these events of the outbox handed to Kafka once more."""
        async with self._units.open() as work:
            return await relay_again(work.connection, tables.outbox, event_ids)

    async def compose_grades_again(self, alert_ids: Collection[UUID]) -> int:
        """Compose the events of the grades in force of these alerts again, for they are lost."""
        async with self._units.open() as work:
            return await republish(work, self._books, alert_ids)
