"""A pooled connection that the server closed is replaced before anybody works with it."""

import asyncio

from sqlalchemy import text

from shared.storage.database import Database

OWN = text("select pg_backend_pid()")


async def test_connections_that_the_server_closed_are_not_handed_out(store: Database) -> None:
    async with store.autocommit() as killer:
        async with store.transaction() as one, store.transaction() as other:
            closed = {await one.scalar(OWN), await other.scalar(OWN)}
        await killer.execute(
            text("select pg_terminate_backend(pid, 5000) from unnest(cast(:pids as int[])) as pid"),
            {"pids": list(closed)},
        )
        await asyncio.sleep(0.2)  # for the news to reach this side
    async with store.transaction() as one, store.transaction() as other, store.autocommit() as third:
        now = {await connection.scalar(OWN) for connection in (one, other, third)}
    assert len(now) == 3
    assert not now & closed
