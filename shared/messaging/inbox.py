"""The inbox: which events of other services this one has acted on. It makes at-least-once delivery once."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError
from pydantic_core import to_json
from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid, delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import CloudEvent, Outgoing, Refused, parse, structured_form
from shared.messaging.dead_letters.store import DeadLetters, Letter
from shared.messaging.kafka import Record
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.time.clock import Clock

M = TypeVar("M", bound=BaseModel)

React = Callable[[AsyncConnection, CloudEvent, datetime], Awaitable[Sequence[Outgoing]]]
"""(connection, event, now) → the events that the reaction causes.

Raises Refused for an event that can never be acted on; it is then kept as a dead letter.
"""


def inbox_table(metadata: MetaData) -> Table:
    return Table(
        "inbox",
        metadata,
        Column("event_id", Uuid, primary_key=True),
        Column("type", Text, nullable=False),
        Column("received_at", DateTime(timezone=True), nullable=False),
    )


async def forget(connection: AsyncConnection, inbox: Table, event_ids: Collection[UUID]) -> int:
    """Have the owner of `inbox` act on these events anew when they come again; answer how many it knew.

    For events whose effect is gone although they are recorded. Where an effect is there still, acting anew must be
    harmless: the caller answers for it.
    """
    forgotten = await connection.execute(delete(inbox).where(inbox.c.event_id.in_(event_ids)))
    return forgotten.rowcount


def told(model: type[M], event: CloudEvent) -> M:
    """What one of our own events tells. Raises Refused where it does not fit the contract."""
    try:
        return model.model_validate_json(to_json(event.data))
    except ValidationError as error:
        raise Refused("invalid-event", f"data of {event.type}: {error}") from error


class Inbox:
    """Handles records one transaction each: recognise, react, append what follows, commit."""

    def __init__(
        self,
        *,
        consumer: str,
        database: Database,
        table: Table,
        outbox: Outbox,
        letters: DeadLetters,
        clock: Clock,
        react: React,
    ) -> None:
        self._consumer, self._database, self._table = consumer, database, table
        self._outbox, self._letters, self._clock, self._react = outbox, letters, clock, react

    async def handle(self, records: Sequence[Record]) -> None:
        """Act on each record once, in order. A poison record becomes a dead letter and holds up nothing.

        Transient failures are raised for the consumer to try the same records again.
        """
        for record in records:
            try:
                await self._act(record)
            except Refused as refusal:
                letter = Letter(record, refusal, self._consumer, self._clock.now())
                async with self._database.transaction() as connection:
                    await self._outbox.append(connection, await self._letters.keep(connection, [letter]))

    async def _act(self, record: Record) -> None:
        event = parse(CloudEvent, structured_form(record.value, record.headers))
        try:
            event_id = UUID(event.id)
        except ValueError as error:
            raise Refused("invalid-event", f"id: {event.id!r} is not a UUID, so not an event of ours") from error
        now = self._clock.now()
        async with self._database.transaction() as connection:
            claimed = await connection.execute(
                insert(self._table).values(event_id=event_id, type=event.type, received_at=now).on_conflict_do_nothing()
            )
            if claimed.rowcount:
                await self._outbox.append(connection, await self._react(connection, event, now))
