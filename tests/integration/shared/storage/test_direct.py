"""Statements put to the driver itself fail as those by SQLAlchemy do: whoever asked tries again."""

import asyncio
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.storage.database import ERRORS, Database, is_transient
from shared.storage.direct import fetch_value

OWN = "select pg_backend_pid()"
_TURNS = 5


async def _ended_by_the_server(store: Database, connection: AsyncConnection) -> None:
    """Have the server end the connection while nothing is heard here: a thread tells it to, and is waited for."""
    own = await fetch_value(connection, OWN)
    url = store.engine.url.render_as_string(hide_password=False)

    async def end() -> None:
        other = Database(url)
        async with other.autocommit() as killer:
            await killer.execute(text("select pg_terminate_backend(cast(:pid as int), 5000)"), {"pid": own})
        await other.close()

    thread = threading.Thread(target=lambda: asyncio.run(end()))
    thread.start()
    thread.join()
    time.sleep(0.1)  # noqa: ASYNC251  until its last word and the end of the connection have come


@pytest.mark.parametrize("turns", range(_TURNS))
async def test_a_connection_that_the_server_ends_is_a_passing_failure_however_much_of_that_was_heard(
    store: Database, turns: int
) -> None:
    async with store.autocommit() as connection:
        await _ended_by_the_server(store, connection)
        for _ in range(turns):
            await asyncio.sleep(0)  # each hears one thing more
        with pytest.raises(ERRORS) as failed:
            await fetch_value(connection, OWN)
        assert is_transient(failed.value)
        assert connection.invalidated
