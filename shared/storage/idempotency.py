"""The answers stored under the keys of requests: the table that each service has, and its statements."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, DateTime, Integer, LargeBinary, MetaData, Row, Table, Text, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

IdempotencyTable = Table


def idempotency_table(metadata: MetaData) -> IdempotencyTable:
    return Table(
        "idempotency",
        metadata,
        Column("subject", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("fingerprint", LargeBinary, nullable=False),
        Column("status", Integer),
        Column("body", LargeBinary),
        Column("received_at", DateTime(timezone=True), nullable=False),
    )


async def claim(
    connection: AsyncConnection, table: IdempotencyTable, subject: str, key: str, fingerprint: bytes, now: datetime
) -> Row[Any] | None:
    """Take the key, waiting for a request that is just using it; answer that request's row where it was first."""
    claimed = await connection.execute(
        insert(table)
        .values(subject=subject, key=key, fingerprint=fingerprint, received_at=now)
        .on_conflict_do_nothing()
    )
    if claimed.rowcount:
        return None
    twin = await connection.execute(select(table).where(table.c.subject == subject, table.c.key == key))
    row: Row[Any] = twin.one()
    return row


async def remember(
    connection: AsyncConnection, table: IdempotencyTable, subject: str, key: str, status: int, body: bytes
) -> None:
    """Store the answer to the request that took the key."""
    await connection.execute(
        update(table).where(table.c.subject == subject, table.c.key == key).values(status=status, body=body)
    )
