"""Storing rows: many by PostgreSQL's COPY, which writes a page of them as one record of its log, and few by inserting.

COPY asks before it sends, and so takes two round trips; few rows are inserted in one.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.storage.database import driver_errors
from shared.storage.direct import driver_of

FROM = 20
"""Rows from which it pays: below, its round trips cost more than it saves."""


async def copy_rows(
    connection: AsyncConnection, table: Table, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Store `rows` of these columns in the transaction of `connection`, which has begun with a statement before.

    Unlike an insert it knows no conflict: raises DBAPIError where a key is there already, as for whatever else fails.
    """
    driver = driver_of(connection)
    if not driver.is_in_transaction():
        raise RuntimeError("the transaction begins with its first statement, and this is none")
    stored = list(rows)
    with driver_errors(f"copy {table.fullname}"):
        if len(stored) < FROM:
            await driver.executemany(_insertion(table, columns), stored)
        else:
            await driver.copy_records_to_table(table.name, schema_name=table.schema, columns=columns, records=stored)


def _insertion(table: Table, columns: Sequence[str]) -> str:
    """The statement that inserts one row; the driver sends the values of all together."""
    places = ", ".join(f"${number}" for number, _ in enumerate(columns, 1))
    return f"insert into {table.fullname} ({', '.join(columns)}) values ({places})"


def is_duplicate(error: DBAPIError) -> bool:
    """Whether a row was refused because its key is there already."""
    return isinstance(error.orig, asyncpg.UniqueViolationError)
