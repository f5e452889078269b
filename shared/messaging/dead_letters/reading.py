"""Reading dead letters: the letters, their bytes, how many wait for which reason, and since when."""

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Result, Row, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.refusals import NotFound
from shared.messaging.dead_letters.policy import DeadLetterPolicy
from shared.messaging.dead_letters.store import LetterState
from shared.messaging.stored_events import headers_read
from shared.time.instants import Instant


class Content(BaseModel):
    """Bytes, as text where they are UTF-8 and else in base64; always complete."""

    encoding: Literal["utf-8", "base64"]
    content: str

    @classmethod
    def of(cls, content: bytes | None) -> Self | None:
        if content is None:
            return None
        try:
            return cls(encoding="utf-8", content=content.decode())
        except UnicodeDecodeError:
            return cls(encoding="base64", content=base64.b64encode(content).decode())


class DeadLetter(BaseModel):
    """A record that was refused: where it came from, why, and what was decided on it.

    `age_seconds` counts from the refusal to the decision, or to now. `attempt` is 1 but for a retry that failed again.
    """

    letter_id: UUID
    state: LetterState
    topic: str
    origin: str
    consumer: str
    key: Content | None
    bytes: int
    code: str
    detail: str
    failed_at: Instant
    age_seconds: float
    attempt: int
    told_at: Instant | None
    decided_at: Instant | None
    decided_by: str | None
    reason: str | None

    @classmethod
    def of(cls, row: Row[Any], now: datetime) -> Self:
        return cls.model_validate(_shown(row, now))


class Header(BaseModel):
    name: str
    value: Content | None


class Attempt(BaseModel):
    """One of the letters that retries of the same record led to."""

    letter_id: UUID
    attempt: int
    state: LetterState
    code: str
    failed_at: Instant
    decided_at: Instant | None
    decided_by: str | None
    reason: str | None


class WholeDeadLetter(DeadLetter):
    """A dead letter with the record's bytes and headers, and every attempt at it, the first one first."""

    body: Content
    headers: list[Header]
    history: list[Attempt]


class Count(BaseModel):
    """The letters that wait for one reason on one topic; `overdue` wait longer than the policy allows."""

    code: str
    topic: str
    waiting: int
    overdue: int
    oldest_failed_at: Instant
    oldest_seconds: float


class Counts(BaseModel):
    waiting: int
    overdue: int
    allowed_hours: float
    policy_version: str
    items: list[Count]


async def listed(
    connection: AsyncConnection, table: Table, conditions: Sequence[ColumnElement[bool]], limit: int, after: int = 0
) -> Sequence[Row[Any]]:
    """Read up to `limit` letters after the position `after`, in the order they came, with the size of their bodies."""
    columns = [column for column in table.c if column.name not in {"body", "headers"}]
    rows: Result[Any] = await connection.execute(
        select(*columns, func.octet_length(table.c.body).label("bytes"))
        .where(table.c.position > after, *conditions)
        .order_by(table.c.position)
        .limit(limit)
    )
    return rows.all()


async def counted(connection: AsyncConnection, table: Table, policy: DeadLetterPolicy, now: datetime) -> Counts:
    """Count the letters that wait, by reason and topic, the one that waits longest first."""
    columns = table.c
    oldest = func.min(columns.failed_at)
    rows = await connection.execute(
        select(
            columns.code,
            columns.topic,
            func.count().label("waiting"),
            func.count().filter(columns.failed_at <= now - policy.waiting).label("overdue"),
            oldest.label("oldest_failed_at"),
        )
        .where(columns.state == LetterState.WAITING)
        .group_by(columns.code, columns.topic)
        .order_by(oldest, columns.code, columns.topic)
    )
    items = [Count(**row._asdict(), oldest_seconds=(now - row.oldest_failed_at).total_seconds()) for row in rows.all()]
    return Counts(
        waiting=sum(item.waiting for item in items),
        overdue=sum(item.overdue for item in items),
        allowed_hours=policy.waiting_hours,
        policy_version=policy.version,
        items=items,
    )


async def exists(connection: AsyncConnection, table: Table, letter_id: UUID) -> bool:
    return await connection.scalar(select(table.c.position).where(table.c.letter_id == letter_id)) is not None


async def whole(connection: AsyncConnection, table: Table, letter_id: UUID, now: datetime) -> WholeDeadLetter:
    """Raises NotFound."""
    row = (await connection.execute(select(table).where(table.c.letter_id == letter_id))).one_or_none()
    if row is None:
        raise NotFound("dead letter", letter_id)
    history = await connection.execute(select(table).where(table.c.first_id == row.first_id).order_by(table.c.position))
    return WholeDeadLetter.model_validate(
        _shown(row, now)
        | {
            "body": Content.of(row.body),
            "headers": [{"name": name, "value": Content.of(value)} for name, value in headers_read(row.headers)],
            "history": [one._asdict() for one in history],
        }
    )


def _shown(row: Row[Any], now: datetime) -> dict[str, Any]:
    values = row._asdict()
    return {
        "bytes": len(row.body) if "body" in values else None,
        **values,
        "key": Content.of(row.key),
        "age_seconds": ((row.decided_at or now) - row.failed_at).total_seconds(),
    }
