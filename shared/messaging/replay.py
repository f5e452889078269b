"""Publishing events of an outbox again, where a topic was lost or a consumer lost what it had stored.

Nothing is published from here. Events are marked as not published, and the relay of the service, which goes by
position, sends them: the oldest first, and before whatever is appended meanwhile. `published_at` says when an event
was published last; when it happened, and was durable, stands in the event itself and in `appended_at`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.messaging.outbox import restore_archived, whole
from shared.messaging.relay import relay_gate
from shared.storage.database import Database

_AT_ONCE = 5_000


@dataclass(frozen=True)
class Selection:
    """The events to publish again: those of `topic` that were appended from `since` on, and before `until`.

    With `key` those of one enterprise only; with `unread_by` those that one of these inboxes has not recorded.
    """

    topic: str
    since: datetime
    until: datetime | None = None
    key: str | None = None
    unread_by: Sequence[Table] = ()

    def condition(self) -> str:
        """Return the condition on rows `o` of an outbox in SQL, over the values of `values`."""
        parts = ["o.topic = :topic", "o.appended_at >= :since"]
        parts += ["o.appended_at < :until"] if self.until is not None else []
        parts += ["o.key = :key"] if self.key is not None else []
        unread = [
            f"not exists (select 1 from {inbox.fullname} i where i.event_id = o.event_id)" for inbox in self.unread_by
        ]
        parts += [f"({' or '.join(unread)})"] if unread else []
        return " and ".join(parts)

    def values(self) -> dict[str, Any]:
        given = {"topic": self.topic, "since": self.since, "until": self.until}
        key = {"key": self.key.encode()} if self.key is not None else {}
        return {name: value for name, value in given.items() if value is not None} | key


@dataclass(frozen=True)
class Found:
    """How many events of a selection were published before, and how many wait to be published anyway."""

    published: int
    waiting: int


async def find(connection: AsyncConnection, outbox: Table, selection: Selection) -> Found:
    """Count the events that `replay` would publish again."""
    counted = await connection.execute(
        text(
            "select count(*) filter (where o.published_at is not null), count(*) filter (where o.published_at is null)"
            f" from {whole(outbox)} o where {selection.condition()}"
        ),
        selection.values(),
    )
    published, waiting = counted.one()
    return Found(published, waiting)


async def replay(database: Database, outbox: Table, selection: Selection, *, at_once: int = _AT_ONCE) -> int:
    """Have the selected events relayed again, in their order; answer how many.

    Archived ones come back for it. Transactions are bounded: `at_once` rows each. Services may go on working: appending
    is not held up, and the relay waits until everything is marked, so that of one key nothing newer overtakes what is
    published again.
    """
    mark = text(f"""
        with chosen as (
            select o.position from {outbox.fullname} o
             where o.position > :after and o.published_at is not null and {selection.condition()}
             order by o.position limit :at_once),
        marked as (
            update {outbox.fullname} o set published_at = null from chosen where o.position = chosen.position
            returning o.position)
        select count(*), max(position) from marked
    """)
    total = after = 0
    async with database.alone(relay_gate(outbox)):
        while True:
            async with database.transaction() as connection:
                back = await restore_archived(connection, outbox, selection.condition(), selection.values(), at_once)
            total += back
            if back < at_once:
                break
        while True:
            async with database.transaction() as connection:
                values = selection.values() | {"after": after, "at_once": at_once}
                number, last = (await connection.execute(mark, values)).one()
            total += int(number)
            if number < at_once:
                return total
            after = last


async def relay_again(connection: AsyncConnection, outbox: Table, event_ids: Collection[UUID]) -> int:
    """Have single events relayed again, archived or not; answer how many were published before."""
    columns = outbox.c
    back = await restore_archived(connection, outbox, "o.event_id = any(:event_ids)", {"event_ids": list(event_ids)})
    marked = await connection.execute(
        update(outbox)
        .where(columns.event_id.in_(event_ids), columns.published_at.is_not(None))
        .values(published_at=None)
    )
    return back + marked.rowcount
