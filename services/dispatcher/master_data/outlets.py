"""The stored outlets (排放口) of enterprises."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.tables import outlets


async def find(connection: AsyncConnection, enterprise: str, outlet: str) -> Sequence[Row[Any]]:
    """The outlets of an enterprise whose code or whose MN is `outlet`."""
    columns = outlets.c
    rows = await connection.execute(
        select(outlets).where(columns.enterprise_code == enterprise, or_(columns.code == outlet, columns.mn == outlet))
    )
    return rows.all()


async def list_outlets(
    connection: AsyncConnection, enterprise: str, *, after: str | None, limit: int
) -> Sequence[Row[Any]]:
    """The outlets of an enterprise by code, from the one after `after` on."""
    statement = select(outlets).where(outlets.c.enterprise_code == enterprise).order_by(outlets.c.code).limit(limit)
    if after is not None:
        statement = statement.where(outlets.c.code > after)
    return (await connection.execute(statement)).all()


async def holder_of(connection: AsyncConnection, mn: str) -> tuple[str, str] | None:
    """Enterprise and code of the outlet that the data logger `mn` belongs to."""
    row = (
        await connection.execute(select(outlets.c.enterprise_code, outlets.c.code).where(outlets.c.mn == mn))
    ).one_or_none()
    return None if row is None else (row.enterprise_code, row.code)
