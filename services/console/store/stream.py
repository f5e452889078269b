"""Reading what changed since a number, as those who watch are told it."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.store import alert_list, case_list
from services.console.store.questions import rows_by_id

_AT_ONCE = 500
_SINCE = text(f"""
    select number, subject, id, stations from console.changes
     where number > :after order by number limit {_AT_ONCE}
""")
_EDGES = text("select coalesce(min(number), 0), coalesce(max(number), 0) from console.changes")
_LAST = text("select coalesce(max(number), 0) from console.changes")


class Seen(NamedTuple):
    """A case or an alert as it is now; without a `row` it is not the reader's any more. `number` is the change's."""

    number: int
    subject: str
    id: UUID
    row: Row[Any] | None


class Batch(NamedTuple):
    """What changed for a reader, and up to which number all of it was looked at."""

    upto: int
    seen: list[Seen]


async def last_number(connection: AsyncConnection) -> int:
    """The number of the newest change."""
    return int(await connection.scalar(_LAST) or 0)


async def is_forgotten(connection: AsyncConnection, number: int) -> bool:
    """Whether changes after `number` are not kept any more, or `number` is of another read model than this one."""
    first, last = (await connection.execute(_EDGES)).one()
    return bool(number > last or (first and number < first - 1) or (not first and number))


async def begin(connection: AsyncConnection, last_event_id: str | None) -> tuple[int, bool]:
    """The number after which a stream begins, and whether all that its reader missed is kept."""
    newest = await last_number(connection)
    if last_event_id is None:
        return newest, True
    asked = int(last_event_id) if last_event_id.isdecimal() else -1
    if asked < 0 or await is_forgotten(connection, asked):
        return newest, False
    return asked, True


async def changed_since(connection: AsyncConnection, after: int, station: str | None) -> Batch:
    """What changed after a number within the reader's station; of several changes of one thing only that it did."""
    rows = (await connection.execute(_SINCE, {"after": after})).all()
    if not rows:
        return Batch(after, [])
    newest: dict[tuple[str, UUID], tuple[int, bool]] = {}
    for row in rows:
        known = newest.get((row.subject, row.id), (0, False))[1]
        newest[row.subject, row.id] = (row.number, known or station is None or station in row.stations)
    wanted = {key: number for key, (number, own) in newest.items() if own}
    found: dict[tuple[str, UUID], Row[Any]] = {}
    for subject, listing in (("case", case_list.LISTING), ("alert", alert_list.LISTING)):
        ids: Sequence[UUID] = [id_ for kind, id_ in wanted if kind == subject]
        if ids:
            found |= {(subject, id_): row for id_, row in (await rows_by_id(connection, listing, ids)).items()}
    seen = []
    for (subject, id_), number in sorted(wanted.items(), key=lambda one: one[1]):
        now = found.get((subject, id_))
        is_own = now is not None and station in (None, now.station)
        seen.append(Seen(number, subject, id_, now if is_own else None))
    return Batch(rows[-1].number, seen)
