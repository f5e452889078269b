"""The inbox: which events of other services this one has acted on, so that each takes effect once."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

from asyncpg.pgproto import pgproto
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid, delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import Refused, parse_envelope, structured_form
from shared.contract.messages import data_of
from shared.messaging.dead_letters.store import DeadLetters, Letter
from shared.messaging.kafka import Record
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.arrays import array, array_of_plain

M = TypeVar("M", bound=BaseModel)
W = TypeVar("W", bound=UnitOfWork)


class Received(NamedTuple, Generic[M]):
    """An event of another service that was received and not acted on before."""

    event_id: UUID
    type_: str
    data: M


Handler: TypeAlias = Callable[[W, Sequence[Received[Any]]], Awaitable[None]]
"""Acts on events in the order given, all in the caller's unit of work.

Raises Refused where one of them can never be acted on. It is then called again with fewer, until the one is found.
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


async def _lock_nothing(work: UnitOfWork, events: Sequence[Received[Any]]) -> None:
    del work, events


class Inbox(Generic[W]):
    """Acts on the records of a chunk in one unit of work, each event once, by the handler of its type.

    An event of a type without a handler is recorded and has no effect. `lock` is given all events of a chunk that
    have one, before any handler runs, to lock what they will change in one order: locked by one handler after another,
    two chunks could end in a deadlock.
    """

    def __init__(
        self,
        *,
        consumer: str,
        units: UnitsOfWork[W],
        table: Table,
        letters: DeadLetters,
        handlers: Mapping[str, Handler[W]],
        lock: Handler[W] = _lock_nothing,
    ) -> None:
        self._consumer, self._units, self._letters, self._handlers = consumer, units, letters, handlers
        self._lock = lock
        self._claim = text(f"""
            insert into {table.fullname} (event_id, type, received_at)
            select event_id, type, :now
              from unnest(cast(cast(:event_id as text) as uuid[]), cast(cast(:type as text) as text[]))
                   as new (event_id, type)
            on conflict (event_id) do nothing
            returning event_id
        """)

    async def handle(self, records: Sequence[Record]) -> list[Record]:
        """Act on each record once, in order within each key; return those that were refused.

        A record that can never be acted on becomes a dead letter and leaves its neighbours untouched. Transient
        failures are raised for the consumer to try the same records again.
        """
        try:
            return await self._handle_together(records)
        except Refused as refusal:
            if len(records) > 1:
                half = len(records) // 2
                return [*await self.handle(records[:half]), *await self.handle(records[half:])]
            async with self._units.open() as work:
                await self._refuse(work, [(records[0], refusal)])
            return [*records]

    async def _handle_together(self, records: Sequence[Record]) -> list[Record]:
        received: list[tuple[bytes | None, Received[Any]]] = []
        refused: list[tuple[Record, Refused]] = []
        for record in records:
            try:
                received.append((record.key, self._read(record)))
            except Refused as refusal:
                refused.append((record, refusal))
        async with self._units.open() as work:
            claimed = [one for one in await self._claimed(work, received) if one[1].type_ in self._handlers]
            if claimed:
                await self._lock(work, [event for _, event in claimed])
            for handler, events in group_by_handler(claimed, self._handlers):
                await handler(work, events)
            await self._refuse(work, refused)
        return [record for record, _ in refused]

    def _read(self, record: Record) -> Received[Any]:
        event = parse_envelope(structured_form(record.value, record.headers))
        try:
            # The driver's own kind of UUID: it is read, hashed and put in order several times as fast as Python's.
            event_id = pgproto.UUID(event.id)
        except ValueError as error:
            raise Refused("invalid-event", f"id: {event.id!r} is not a UUID, so not an event of ours") from error
        return Received(event_id, event.type, data_of(event) if event.type in self._handlers else event.data)

    async def _claimed(
        self, work: W, received: Sequence[tuple[bytes | None, Received[Any]]]
    ) -> list[tuple[bytes | None, Received[Any]]]:
        """Record the events as acted on, and answer those that nobody acted on before, each once."""
        first: dict[UUID, tuple[bytes | None, Received[Any]]] = {}
        for key, event in received:
            first.setdefault(event.event_id, (key, event))
        # In one order whoever claims: two replicas given the same records wait for each other and never deadlock.
        ids = sorted(first)
        claimed = set(
            await work.connection.scalars(
                self._claim,
                {
                    "event_id": array_of_plain([one.hex for one in ids]),
                    "type": array([first[one][1].type_ for one in ids]),
                    "now": work.now,
                },
            )
        )
        return [(key, event) for key, event in first.values() if event.event_id in claimed]

    async def _refuse(self, work: W, refused: Sequence[tuple[Record, Refused]]) -> None:
        letters = [Letter(record, refusal, self._consumer, work.now) for record, refusal in refused]
        work.forward(*await self._letters.keep(work.connection, letters))


def group_by_handler(
    events: Sequence[tuple[bytes | None, Received[Any]]], handlers: Mapping[str, Handler[W]]
) -> list[tuple[Handler[W], list[Received[Any]]]]:
    """Group the events by the handler of their type, in as few groups as keep the order within each key.

    Only the order of events of one key means anything. So an event goes into the first group of its handler that comes
    no sooner than the group of the event before it of the same key.
    """
    groups: list[tuple[Handler[W], list[Received[Any]]]] = []
    places: defaultdict[Handler[W], list[int]] = defaultdict(list)
    reached: dict[bytes | None, int] = {}
    for key, event in events:
        if (handler := handlers.get(event.type_)) is None:
            continue
        place = next((place for place in places[handler] if place >= reached.get(key, 0)), len(groups))
        if place == len(groups):
            groups.append((handler, []))
            places[handler].append(place)
        groups[place][1].append(event)
        reached[key] = place
    return groups
