"""Storing many rows at once by PostgreSQL's COPY: it writes a page of rows as one record of its log, not row by row."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncConnection

FROM = 20
"""Rows from which it pays: below, its round trips cost more than it saves."""


async def copy_rows(
    connection: AsyncConnection, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Store `rows` of these columns in the transaction of `connection`, which has begun with a statement before.

    Unlike an insert it knows no conflict: raises DBAPIError where a key is there already, as for whatever else fails.
    """
    raw = await connection.get_raw_connection()
    driver: asyncpg.Connection = raw.driver_connection
    if not driver.is_in_transaction():
        raise RuntimeError("the transaction begins with its first statement, and this is none")
    try:
        await driver.copy_records_to_table(table.name, schema_name=table.schema, columns=columns, records=rows)
    except asyncpg.PostgresError as error:
        raise DBAPIError(f"copy {table.fullname}", None, error) from error
    except asyncpg.InterfaceError as error:
        raise InterfaceError(f"copy {table.fullname}", None, error) from error


def is_duplicate(error: DBAPIError) -> bool:
    """Whether a row was refused because its key is there already."""
    return isinstance(error.orig, asyncpg.UniqueViolationError)
