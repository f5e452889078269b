"""Stored notices: recipients read their own, which is what `seen` means, and acknowledge them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, case, false, func, or_, select, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.tables import notice_matters, notices
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Reach, Role

FETCH = "fetch"
"""`delivered_by`: no channel said that it arrived, its recipient came for it."""


async def list_notices(
    connection: AsyncConnection,
    caller: Principal,
    asked: Mapping[str, object],
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The notices that the caller may see and `asked` describes, newest first, from `after` on."""
    described = (_is(name, value) for name, value in asked.items() if value is not None)
    return await _listed(connection, _visible(caller), *described, after=after, limit=limit)


async def list_of_case(
    connection: AsyncConnection, case_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Row[Any]]:
    """The notices about a case, alone or in a list, to whomever, newest first, from `after` on."""
    return await _listed(connection, _is("case_id", case_id), after=after, limit=limit)


async def _listed(
    connection: AsyncConnection, *conditions: ColumnElement[bool], after: tuple[Any, ...] | None, limit: int
) -> Sequence[Row[Any]]:
    statement = (
        select(notices)
        .where(*conditions)
        .order_by(notices.c.created_at.desc(), notices.c.notice_id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(notices.c.created_at, notices.c.notice_id) < after)
    return (await connection.execute(statement)).all()


async def mark_seen(
    connection: AsyncConnection, caller: Principal, rows: Sequence[Row[Any]], now: datetime
) -> list[Row[Any]]:
    """Keep that the caller fetched those of the notices that are the caller's own; return all as they are then."""
    fresh = [row.notice_id for row in rows if row.seen_at is None]
    if not fresh:
        return list(rows)
    written = await connection.execute(
        update(notices)
        .where(notices.c.notice_id.in_(fresh), _own(caller), notices.c.seen_at.is_(None))
        .values(seen_at=now, **_arrived(now))
        .returning(notices)
    )
    seen = {row.notice_id: row for row in written}
    return [seen.get(row.notice_id, row) for row in rows]


async def mark_offers_seen(
    connection: AsyncConnection, officer: str, case_ids: Collection[UUID], now: datetime
) -> Sequence[Row[Any]]:
    """Keep that an officer fetched these cases, and return the notices that offered them and were not seen before."""
    if not case_ids:
        return []
    written = await connection.execute(
        update(notices)
        .where(
            _addressed("officer", officer),
            notices.c.case_id.in_(case_ids),
            notices.c.purpose == "case_offered",
            notices.c.seen_at.is_(None),
        )
        .values(seen_at=now, **_arrived(now))
        .returning(notices)
    )
    rows: Sequence[Row[Any]] = written.all()
    return rows


async def acknowledge(connection: AsyncConnection, caller: Principal, notice_id: UUID, now: datetime) -> Row[Any]:
    """Acknowledge a notice of the caller's; the first time counts. Raises NotFound where there is no such notice."""
    written = await connection.execute(
        update(notices)
        .where(notices.c.notice_id == notice_id, _own(caller))
        .values(
            acknowledged_at=func.coalesce(notices.c.acknowledged_at, now),
            seen_at=func.coalesce(notices.c.seen_at, now),
            **_arrived(now),
        )
        .returning(notices)
    )
    row: Row[Any] | None = written.one_or_none()
    if row is None:
        raise NotFound("notice", notice_id)
    return row


def _arrived(now: datetime) -> dict[str, Any]:
    """What a recipient reads has arrived, whether or not a channel said so before."""
    return {
        "delivered_at": func.coalesce(notices.c.delivered_at, now),
        "delivered_by": case((notices.c.delivered_at.is_(None), FETCH), else_=notices.c.delivered_by),
    }


def _is(name: str, value: object) -> ColumnElement[bool]:
    """The condition for notices of which `name` is `value`; a list is one of each of its cases and purposes."""
    if name not in ("case_id", "purpose"):
        return notices.c[name] == value
    listed = select(notice_matters.c.notice_id).where(notice_matters.c[name] == value)
    return or_(notices.c[name] == value, notices.c.notice_id.in_(listed))


def _visible(caller: Principal) -> ColumnElement[bool]:
    """The condition for notices that the caller may read."""
    return true() if caller.reach is Reach.DISTRICT else _own(caller)


def _own(caller: Principal) -> ColumnElement[bool]:
    """The condition for notices to the caller; a station's chief without a station has none."""
    match caller.role:
        case Role.ENTERPRISE:
            return _addressed("enterprise", *caller.own_enterprises)
        case Role.OFFICER:
            return _addressed("officer", caller.subject)
        case Role.STATION_CHIEF if caller.station is not None:
            return and_(_addressed("role", caller.role), notices.c.station == caller.station)
        case Role.SECTION | Role.LEADER | Role.ADMIN:
            return _addressed("role", caller.role)
        case _:
            return false()


def _addressed(kind: str, *recipients: str) -> ColumnElement[bool]:
    return and_(notices.c.recipient_kind == kind, notices.c.recipient.in_(recipients))
