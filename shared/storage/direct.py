"""Statements of the hot paths, put to the driver itself: by SQLAlchemy one costs four times as much, a row five times.

They are SQL as the server reads it, with $1, $2, … for values, and part of the transaction of their connection, if it
has any. JSON comes as text. They raise what a statement by SQLAlchemy raises.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import text
from sqlalchemy.exc import InternalError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.storage.database import driver_errors

_BEGINNING = text("select 1")


async def fetch(connection: AsyncConnection, statement: str, *values: object) -> list[Any]:
    """The rows that `statement` answers, each to be taken apart in the order of its columns."""
    async with _driver_for(connection, statement) as driver:
        rows: list[Any] = await driver.fetch(statement, *values)
    return rows


async def fetch_value(connection: AsyncConnection, statement: str, *values: object) -> Any:
    """The first value of the first row that `statement` answers; None where there is no row."""
    async with _driver_for(connection, statement) as driver:
        return await driver.fetchval(statement, *values)


async def fetch_value_locked(connection: AsyncConnection, lock: str, statement: str, *values: object) -> Any:
    """The same once `lock` was taken, in a transaction of the two alone. `connection` is one of `autocommit`."""
    async with _driver_for(connection, statement) as driver, driver.transaction():
        await driver.execute(lock)
        return await driver.fetchval(statement, *values)


def driver_of(connection: AsyncConnection) -> asyncpg.Connection:
    """The driver's connection; at a tenth of what `get_raw_connection` costs, which changes the stack for it."""
    if connection.sync_connection is None:
        raise RuntimeError("the connection was not started")
    driver: asyncpg.Connection = connection.sync_connection.connection.driver_connection
    return driver


@asynccontextmanager
async def _driver_for(connection: AsyncConnection, statement: str) -> AsyncIterator[asyncpg.Connection]:
    """The driver's connection, in the transaction; the connection is invalidated where it was lost."""
    driver = driver_of(connection)
    if not driver.is_in_transaction() and not _commits_each(connection):
        await connection.execute(_BEGINNING)  # it begins with the first statement that SQLAlchemy executes
    try:
        with driver_errors(statement):
            yield driver
    except Exception as error:
        # Between the server's last word and the end of the connection the driver takes it for one in use.
        if driver.is_closed() or isinstance(error, InternalError):
            await connection.invalidate()
        raise


def _commits_each(connection: AsyncConnection) -> bool:
    """Whether each statement is a transaction of its own (`Database.autocommit`)."""
    return (
        connection.sync_connection is not None
        and connection.sync_connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"
    )
