"""What proves a day's draw: the events published of it, what the case files say, and whose reports were accepted."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.verification import VERIFICATION_DECIDED
from services.dispatcher.domain.draw_proof import RecordedDraw
from services.dispatcher.domain.verification_draw import DrawMethod
from shared.contract.events import DRAW_COMMITTED, DRAW_PUBLISHED, CaseKind, DrawCommitted, DrawPublished
from shared.contract.messages import SYSTEM
from shared.contract.words import CaseState
from shared.messaging.outbox import whole
from shared.storage.packing import unpacked
from shared.time.instants import instant_on

_CASES, _TIMELINE = tables.cases.c, tables.timeline.c


class PublishedDraw(NamedTuple):
    """What was published of a day, as far as it was."""

    committed: DrawCommitted | None
    published: DrawPublished | None


async def published_of(connection: AsyncConnection, day: date) -> PublishedDraw:
    """The events of a day as they left, archived ones as well; of each type the first."""
    rows = await connection.scalars(
        text(f"select o.value from {whole(tables.outbox)} o where o.key = :key order by o.position"),
        {"key": SYSTEM.encode()},
    )
    first: dict[str, dict[str, object]] = {}
    for value in rows:
        event = from_json(unpacked(value))
        if event["type"] in (DRAW_COMMITTED, DRAW_PUBLISHED) and event["data"]["day"] == day.isoformat():
            first.setdefault(event["type"], event["data"])
    committed, published = first.get(DRAW_COMMITTED), first.get(DRAW_PUBLISHED)
    return PublishedDraw(
        None if committed is None else DrawCommitted.model_validate(committed),
        None if published is None else DrawPublished.model_validate(published),
    )


async def recorded_on(connection: AsyncConnection, day: date, method: DrawMethod) -> dict[UUID, RecordedDraw]:
    """What the case files say of the draws made on a day by `method`."""
    begin, end = _span(day)
    rows = await connection.execute(
        select(_TIMELINE.case_id, _TIMELINE.detail, _TIMELINE.at)
        .where(_TIMELINE.type == VERIFICATION_DECIDED, _TIMELINE.at >= begin, _TIMELINE.at < end)
        .order_by(_TIMELINE.entry_id)
    )
    return {
        row.case_id: RecordedDraw(row.detail["lot"], row.detail["verified"], row.at)
        for row in rows
        if row.detail.get("method", DrawMethod.HASHED) == method
    }


async def accepted_on(connection: AsyncConnection, day: date) -> set[UUID]:
    """The cases whose report or marking was accepted on a day, each of which had to be drawn."""
    begin, end = _span(day)
    found = await connection.scalars(
        select(_CASES.case_id).where(
            _CASES.kind.in_([CaseKind.SELF_REPORT, CaseKind.MARKING]),
            _CASES.state == CaseState.ACCEPTED_REPORT,
            _CASES.merged_into.is_(None),  # what joined another is answered, and drawn, with that
            _CASES.closed_at >= begin,
            _CASES.closed_at < end,
        )
    )
    return set(found)


def _span(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight in Shanghai."""
    return instant_on(day, time()), instant_on(day + timedelta(days=1), time())
