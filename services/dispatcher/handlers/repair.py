"""Mending what the dispatcher lacks of the chain from event to outcome, each repair in a unit of work of its own.

All of it may be done twice: readers recognise what is published again, and acting anew has no effect that stands.
"""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import Self
from uuid import UUID

from sqlalchemy import text

from services.dispatcher import tables
from services.dispatcher.cases.republish import republish
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork, units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.policies.versions import DispatchPolicies
from shared.contract.events import CaseType, Topic
from shared.messaging.inbox import forget
from shared.messaging.outbox import Outbox, whole
from shared.messaging.replay import relay_again
from shared.messaging.unit_of_work import UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock


class Repair:
    """What the dispatcher does for whoever found a gap; what publishes answers how many events leave because of it."""

    def __init__(self, units: UnitsOfWork[CaseUnitOfWork], cases_topic: str) -> None:
        self._units, self._cases_topic = units, cases_topic

    @classmethod
    def of(cls, settings: Settings, clock: Clock, database: Database) -> Self:
        outbox = Outbox(tables.outbox, clock)
        units = units_of_work(
            database,
            outbox,
            clock,
            Wakeups(),
            settings.topic_prefix,
            DispatchPolicies.shipped(),
            settings.evidence_hash,
        )
        return cls(units, settings.topic(Topic.CASES))

    async def publish_again(self, event_ids: Collection[UUID]) -> int:
        """Have these events of the outbox handed to Kafka once more."""
        async with self._units.open() as work:
            return await relay_again(work.connection, tables.outbox, event_ids)

    async def compose_steps_again(self, steps: Mapping[UUID, AbstractSet[CaseType]]) -> int:
        """Compose the events of these openings and closings again, for they are lost."""
        async with self._units.open() as work:
            return await republish(work, steps)

    async def act_anew(self, event_ids: Collection[UUID]) -> int:
        """Forget that these events were acted on: they are when they come again. Answers how many were known."""
        async with self._units.open() as work:
            return await forget(work.connection, tables.inbox, event_ids)

    async def published_of(self, case_ids: Collection[UUID]) -> list[UUID]:
        """The events that were published about these cases, archived ones as well."""
        async with self._units.open() as work:
            found = await work.connection.scalars(
                text(f"""
                    select o.event_id from {whole(tables.outbox)} o
                     where case when o.topic = :topic
                           then cast(convert_from(o.value, 'UTF8')::jsonb->'data'->>'case_id' as uuid)
                                = any(cast(:case_ids as uuid[])) end
                """),
                {"topic": self._cases_topic, "case_ids": list(case_ids)},
            )
            return list(found)
