"""Stored notices: each occasion is notified of once, and recipients read their own."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import ColumnElement, Row, false, func, select, text, true, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.notices.wording import NoticeDraft
from services.dispatcher.tables import notices
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound
from shared.contract.roles import Role
from shared.time.identifiers import identifier


async def enqueue(connection: AsyncConnection, drafts: Sequence[NoticeDraft], now: datetime) -> None:
    """Store `drafts` for delivery. One whose occasion is stored already was notified of, and is left alone."""
    if not drafts:
        return
    await connection.execute(
        text("""
            insert into dispatch.notices (notice_id, occasion, purpose, recipient_kind, recipient, station,
                                          enterprise_code, alert_id, case_id, subject, body, created_at, attempts,
                                          attempt_at)
            select notice_id, occasion, purpose, recipient_kind, recipient, station,
                   enterprise_code, alert_id, case_id, subject, body, :now, 0, :now
              from jsonb_to_recordset(cast(:drafts as jsonb)) as new (
                     notice_id uuid, occasion text, purpose text, recipient_kind text, recipient text, station text,
                     enterprise_code text, alert_id uuid, case_id uuid, subject jsonb, body jsonb)
             order by occasion
            on conflict (occasion) do nothing
        """),
        {"drafts": to_json([{"notice_id": identifier(now)} | asdict(draft) for draft in drafts]).decode(), "now": now},
    )


async def list_notices(
    connection: AsyncConnection,
    caller: Principal,
    asked: Mapping[str, object],
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The notices that the caller may see and `asked` describes, newest first, from `after` on."""
    statement = (
        select(notices)
        .where(_visible(caller), *(notices.c[name] == value for name, value in asked.items() if value is not None))
        .order_by(notices.c.created_at.desc(), notices.c.notice_id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(notices.c.created_at, notices.c.notice_id) < after)
    return (await connection.execute(statement)).all()


async def acknowledge(connection: AsyncConnection, caller: Principal, notice_id: UUID, now: datetime) -> Row[Any]:
    """Acknowledge a notice of the caller's; the first time counts. Raises NotFound where there is no such notice."""
    written = await connection.execute(
        update(notices)
        .where(notices.c.notice_id == notice_id, _visible(caller))
        .values(acknowledged_at=func.coalesce(notices.c.acknowledged_at, now))
        .returning(notices)
    )
    row: Row[Any] | None = written.one_or_none()
    if row is None:
        raise NotFound("notice", notice_id)
    return row


def _visible(caller: Principal) -> ColumnElement[bool]:
    """The condition for notices that the caller sees; a station's chief without a station sees none."""

    match caller.role:
        case Role.ENTERPRISE:
            return _addressed("enterprise", *caller.own_enterprises)
        case Role.OFFICER:
            return _addressed("officer", caller.subject)
        case Role.STATION_CHIEF if caller.station is not None:
            return _addressed("role", caller.role) & (notices.c.station == caller.station)
        case Role.SECTION | Role.LEADER:
            return _addressed("role", caller.role)
        case Role.AUDITOR | Role.ADMIN:
            return true()
        case _:
            return false()


def _addressed(kind: str, *recipients: str) -> ColumnElement[bool]:
    return (notices.c.recipient_kind == kind) & notices.c.recipient.in_(recipients)
