"""Notices on whose arrival a clock depends, and which did not arrive in time: the next try, and the station's work."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, and_, func, literal, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.tables import notice_matters, notices
from shared.contract.cloudevents import written
from shared.storage.recordsets import recordset
from shared.time.instants import shown

_NOTICES = notices.c
_WAITED_FOR = and_(_NOTICES.deliver_by.is_not(None), _NOTICES.delivered_at.is_(None), _NOTICES.told_at.is_(None))


async def late(connection: AsyncConnection, now: datetime, limit: int) -> dict[UUID, list[UUID]]:
    """The notices that did not arrive in time, the longest late first, each with the cases that it is about."""
    found = await connection.execute(
        select(_NOTICES.notice_id, _NOTICES.case_id)
        .where(_WAITED_FOR, _NOTICES.deliver_by <= now)
        .order_by(_NOTICES.deliver_by)
        .limit(limit)
    )
    return await cases_of_all(connection, found.all())


async def cases_of(connection: AsyncConnection, notice_id: UUID) -> list[UUID]:
    """The cases that a notice is about."""
    found = await connection.execute(
        select(_NOTICES.notice_id, _NOTICES.case_id).where(_NOTICES.notice_id == notice_id)
    )
    return (await cases_of_all(connection, found.all())).get(notice_id, [])


async def cases_of_all(connection: AsyncConnection, rows: Iterable[Any]) -> dict[UUID, list[UUID]]:
    """By notice, the cases that each of several is about."""
    cases = {row.notice_id: [] if row.case_id is None else [row.case_id] for row in rows}
    matters = notice_matters.c
    for row in await connection.execute(
        select(matters.notice_id, matters.case_id).where(matters.notice_id.in_(cases)).order_by(matters.position)
    ):
        if row.case_id not in cases[row.notice_id]:
            cases[row.notice_id].append(row.case_id)
    return cases


async def lock_late(connection: AsyncConnection, notice_ids: Collection[UUID], now: datetime) -> Sequence[Row[Any]]:
    """Lock those of the notices that are late still; their cases are locked already."""
    found = await connection.execute(
        select(notices)
        .where(_NOTICES.notice_id.in_(notice_ids), _WAITED_FOR, _NOTICES.deliver_by <= now)
        .order_by(_NOTICES.notice_id)
        .with_for_update()
    )
    return found.all()


async def stop_waiting(connection: AsyncConnection, notice_ids: Collection[UUID]) -> None:
    """Nothing depends on the notices any more: what they ask for was done, or is asked no more."""
    if notice_ids:
        await connection.execute(update(notices).where(_NOTICES.notice_id.in_(notice_ids)).values(deliver_by=None))


class NextTry(NamedTuple):
    """A late notice that is to be sent on the next channel, and by when it is to arrive then."""

    notice: Row[Any]
    deliver_by: datetime


async def begin_next_tries(connection: AsyncConnection, tries: Sequence[NextTry], now: datetime) -> None:
    """Have notices sent on the next channel, and keep what came of the one before."""
    if not tries:
        return
    begun = [
        {
            "notice_id": one.notice.notice_id,
            "tried": [*one.notice.tried, try_of(one.notice, now)],
            "try_number": one.notice.try_number + 1,
            "deliver_by": one.deliver_by,
        }
        for one in tries
    ]
    await connection.execute(_NEXT_TRIES, {"tries": written(begun), "now": now})


_NEXT_TRIES = text(f"""
    update dispatch.notices n
       set tried = begun.tried, try_number = begun.try_number, receipt = null, attempt_at = :now,
           deliver_by = begun.deliver_by
      from {recordset("tries")} as begun (notice_id uuid, tried jsonb, try_number integer, deliver_by timestamptz)
     where n.notice_id = begun.notice_id
""")


async def mark_told(connection: AsyncConnection, notice_ids: Collection[UUID], now: datetime) -> None:
    """Keep that the stations were asked to phone; what could not be sent is tried again meanwhile."""
    if notice_ids:
        await connection.execute(update(notices).where(_NOTICES.notice_id.in_(notice_ids)).values(told_at=now))


def try_of(notice: Row[Any], now: datetime) -> dict[str, Any]:
    """What is kept of the try under way: the channel and address, whether it was taken, and what went wrong."""
    return {
        "channel": notice.channel,
        "address": notice.address,
        "taken": notice.receipt is not None,
        "receipt": notice.receipt,
        "failure": None if notice.receipt is not None else notice.failure,
        "until": shown(now),
    }


async def unheard_of(connection: AsyncConnection, case_ids: Collection[UUID]) -> set[UUID]:
    """Those of the cases about which a notice has not arrived since its station was told to phone."""
    return set(await connection.scalars(_UNHEARD, {"case_ids": [*case_ids]}))


_UNHEARD = text("""
    select asked.case_id
      from unnest(cast(:case_ids as uuid[])) as asked (case_id)
     where exists (select 1 from dispatch.notices n
                    where n.case_id = asked.case_id and n.told_at is not null and n.delivered_at is null)
        or exists (select 1 from dispatch.notice_matters m join dispatch.notices n using (notice_id)
                    where m.case_id = asked.case_id and n.told_at is not null and n.delivered_at is null)
""")


# --- the station's work ---


async def list_undelivered(
    connection: AsyncConnection,
    station: str | None,
    *,
    open_only: bool,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The notices that a station (None: every one) was told of because they had not arrived, the oldest first.

    `open_only` leaves out those that arrived since.
    """
    statement = select(notices).where(_NOTICES.told_at.is_not(None))
    if open_only:
        statement = statement.where(_NOTICES.delivered_at.is_(None))
    if station is not None:
        statement = statement.where(concerns_station(station))
    if after is not None:
        statement = statement.where(tuple_(_NOTICES.told_at, _NOTICES.notice_id) > after)
    statement = statement.order_by(_NOTICES.told_at, _NOTICES.notice_id).limit(limit)
    return (await connection.execute(statement)).all()


def concerns_station(station: str) -> ColumnElement[bool]:
    """The condition for notices about a case of a station, or about no case and an enterprise of it."""
    cases, enterprises = tables.cases.c, tables.enterprises.c
    listed = select(notice_matters.c.case_id).where(notice_matters.c.notice_id == _NOTICES.notice_id)
    about = or_(cases.case_id == _NOTICES.case_id, cases.case_id.in_(listed.correlate(notices)))
    case = select(cases.case_id).where(cases.station == station, about).correlate(notices)
    enterprise = select(enterprises.code).where(
        enterprises.code == _NOTICES.enterprise_code, enterprises.station == station
    )
    return or_(case.exists(), and_(_NOTICES.case_id.is_(None), enterprise.correlate(notices).exists()))


def told_of_case() -> ScalarSelect[Any]:
    """The notices about a case that had not arrived when its station was told, as JSON, beside `dispatch.cases`."""
    item = func.jsonb_build_object(
        *("notice_id", _NOTICES.notice_id, "purpose", _NOTICES.purpose),
        *("recipient_kind", _NOTICES.recipient_kind, "recipient", _NOTICES.recipient),
        *("created_at", _NOTICES.created_at, "told_at", _NOTICES.told_at),
        *("delivered_at", _NOTICES.delivered_at, "delivered_by", _NOTICES.delivered_by),
    )
    case_id = tables.cases.c.case_id
    listed = select(notice_matters.c.notice_id).where(notice_matters.c.case_id == case_id).correlate(tables.cases)
    return (
        select(func.coalesce(func.jsonb_agg(aggregate_order_by(item, _NOTICES.told_at)), literal([], JSONB)))
        .where(_NOTICES.told_at.is_not(None), or_(_NOTICES.case_id == case_id, _NOTICES.notice_id.in_(listed)))
        .correlate(tables.cases)
        .scalar_subquery()
    )
