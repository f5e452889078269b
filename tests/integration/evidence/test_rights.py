"""The services' role adds evidence and reads it; it can neither change it nor take away what keeps it."""

import os
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from services.infrastructure import HISTORIES
from shared.evidence.protection import grant_to
from shared.evidence.tables import NAMES
from shared.storage.database import Database
from tests.integration.evidence.store import Store

_numbers = count(1)


@pytest.fixture
async def service(database: Database, database_url: str) -> AsyncIterator[Database]:
    """The database as the services see it: under a role that was given what they need."""
    role = f"service_{os.getpid()}_{next(_numbers)}"
    async with database.transaction() as connection:
        await connection.execute(text(f"create role {role} login"))
        await grant_to(connection, role, [history.schema for history in HISTORIES])
    service = Database(make_url(database_url).set(username=role).render_as_string(hide_password=False))
    yield service
    await service.close()
    async with database.transaction() as connection:
        await connection.execute(text(f"reassign owned by {role} to current_user"))
        await connection.execute(text(f"drop owned by {role}"))
        await connection.execute(text(f"drop role {role}"))


async def test_it_adds_signs_and_reads(service: Database, tmp_path: Path) -> None:
    store = Store(service, tmp_path / "dispatch")
    await store.happens(1, 2)
    assert await store.sign() == 2
    assert (await store.verified()).passed


REFUSED = [
    "update {table} set {column} = {column}",
    "delete from {table}",
    "truncate {table}",
    "drop table {table}",
    "alter table {table} disable trigger all",
    "alter table {table} owner to current_user",
    "drop trigger {name}_kept on {table}",
    "drop function dispatch.keep_evidence() cascade",
    "create or replace function dispatch.keep_evidence() returns trigger language plpgsql as 'begin return null; end'",
    "set session_replication_role = replica",
    "drop schema dispatch cascade",
]


async def test_it_can_do_nothing_else_with_it(service: Database) -> None:
    for name in NAMES:
        column = "size" if name in ("evidence_roots", "evidence_timestamps") else "hash"
        for statement in REFUSED:
            with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
                async with service.transaction() as connection:
                    await connection.execute(text(statement.format(table=f"dispatch.{name}", name=name, column=column)))


async def test_housekeeping_can_still_make_and_drop_months(service: Database) -> None:
    async with service.transaction() as connection:
        await connection.execute(text("create table dispatch.x (like dispatch.outbox_archive including all)"))
        attach = "alter table dispatch.outbox_archive attach partition dispatch.x for values from ('{}') to ('{}')"
        await connection.execute(text(attach.format("2026-01-01", "2026-02-01")))
        await connection.execute(text("drop table dispatch.x"))
