"""PostgreSQL: one engine for each service, and one transaction for each unit of work."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
from pydantic_core import from_json, to_json
from sqlalchemy import AdaptedConnection, MetaData, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

_AFTER_COMMIT = "tricolor.after_commit"
# Serialization failure, deadlock, a lock not had in time, too many connections, shutdown and start-up: the same work
# succeeds later.
_TRANSIENT_SQLSTATES = ("40001", "40P01", "55P03", "53", "57P01", "57P02", "57P03", "08")


ERRORS = (SQLAlchemyError, OSError)
"""All failures of the database. `is_transient` and `is_unstorable` say which of them concern a caller."""


def asyncpg_url(url: str) -> str:
    """Return `url` with the driver this project uses; `postgres://` and `postgresql://` are both understood."""
    return (
        make_url(url.replace("postgres://", "postgresql://", 1))
        .set(drivername="postgresql+asyncpg")
        .render_as_string(hide_password=False)
    )


def schema_metadata(schema: str) -> MetaData:
    """Return the metadata of one service's tables, with the names that its migrations give to keys and checks."""
    return MetaData(
        schema=schema,
        naming_convention={
            "pk": "%(table_name)s_pkey",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
            "ix": "%(table_name)s_%(column_0_N_name)s_idx",
            "ck": "%(table_name)s_%(constraint_name)s_check",
        },
    )


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed when tried again: the server was away or busy, or ended a deadlock.

    A failure without a state is the driver's own, about its connection: the server ended it, and that came halfway.
    """
    if isinstance(error, OSError | InterfaceError | PoolTimeout):
        return True
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", "") or "")
        return (
            error.connection_invalidated
            or state.startswith(_TRANSIENT_SQLSTATES)
            or (isinstance(error, OperationalError | InternalError) and not state)
        )
    return False


def is_unstorable(error: BaseException) -> bool:
    """Whether the server refused a value as such: a NUL in a text, a number out of range (SQLSTATE class 22)."""
    return isinstance(error, DBAPIError) and str(getattr(error.orig, "sqlstate", "") or "").startswith("22")


class Database:
    """A pool of connections. Every transaction is opened here, at the edge, and nowhere below."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine = create_async_engine(
            asyncpg_url(url),
            hide_parameters=True,  # of a statement that failed: errors are logged, and names and numbers are in them
            pool_size=pool_size,
            max_overflow=pool_size,
            json_serializer=lambda value: to_json(value).decode(),
            json_deserializer=from_json,
        )
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Commit when the block ends, roll back when it raises; then run what `after_commit` was given."""
        async with self.engine.begin() as connection:
            callbacks: list[Callable[[], None]] = []
            connection.info[_AFTER_COMMIT] = callbacks
            yield connection
        for callback in callbacks:
            callback()

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """For one statement that is its own transaction: one that only reads, which saves two round trips, or one that
        may not be in another, such as `vacuum`.
        """
        async with self._autocommit.connect() as connection:
            yield connection

    @asynccontextmanager
    async def alone(self, name: str, *, wait: bool = True) -> AsyncIterator[bool]:
        """Hold the lock `name` of the database until the block ends, whatever transactions come and go meanwhile.

        Answers whether it is held: without `wait` it is not, where somebody else holds it.
        """
        lock = "pg_advisory_lock" if wait else "pg_try_advisory_lock"
        async with self._autocommit.connect() as connection:
            held = await connection.scalar(text(f"select {lock}(hashtext(:name))"), {"name": name}) is not False
            try:
                yield held
            finally:
                if held:
                    await connection.execute(text("select pg_advisory_unlock(hashtext(:name))"), {"name": name})

    async def ping(self) -> None:
        """Raises when the database does not answer."""
        async with self.engine.connect() as connection:
            await connection.execute(text("select 1"))

    async def close(self) -> None:
        await self.engine.dispose()


def _refuse_closed(connection: AdaptedConnection, *_: object) -> None:
    """Make the pool open another connection in place of one that the server closed.

    The driver knows. SQLAlchemy's `pool_pre_ping` asks the server instead: three round trips before every transaction,
    which is more than most of ours take.
    """
    driver: asyncpg.Connection = connection.driver_connection
    if driver.is_closed():
        raise DisconnectionError("the server closed it")


@contextmanager
def driver_errors(statement: str) -> Iterator[None]:
    """Raise what the driver raises, asked by itself, as SQLAlchemy would have."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise IntegrityError(statement, None, error) from error
    except asyncpg.SyntaxOrAccessError as error:
        raise ProgrammingError(statement, None, error) from error
    except asyncpg.PostgresError as error:
        raise DBAPIError(statement, None, error) from error
    except asyncpg.InterfaceError as error:
        raise InterfaceError(statement, None, error) from error
    except asyncpg.InternalClientError as error:
        raise InternalError(statement, None, error) from error


def after_commit(connection: AsyncConnection, callback: Callable[[], None]) -> None:
    """Have `callback` run once the transaction of `connection` is durable."""
    callbacks: list[Callable[[], None]] = connection.info[_AFTER_COMMIT]
    if callback not in callbacks:
        callbacks.append(callback)
