"""What the migrations of each service make is what its tables say."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text

from services.alert_ingest import tables as ingest
from services.deadline_watch import tables as watch
from services.dispatcher import tables as dispatch
from services.infrastructure import HISTORIES
from shared.database import Database
from shared.migrating import migrate, missing_migration

ALL = [pytest.param(tables.metadata, id=str(tables.metadata.schema)) for tables in (ingest, dispatch, watch)]


@pytest.mark.parametrize("metadata", ALL)
async def test_autogenerate_finds_nothing_to_do(database: Database, metadata: MetaData) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == metadata.schema,
                "include_object": lambda _, name, kind, *__: not (kind == "table" and name == "migration"),
                "compare_type": True,
            },
        )
        return list(compare_metadata(context, metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


@pytest.mark.parametrize("metadata", ALL)
async def test_the_same_checks_and_partial_indexes(database: Database, metadata: MetaData) -> None:
    """Autogenerate compares neither: build the metadata beside it, and let PostgreSQL describe both."""
    schema = metadata.schema
    described = text(f"""
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
          from pg_constraint where connamespace = '{schema}'::regnamespace and conname not like 'migration%'
        union all
        select tablename, indexname, indexdef
          from pg_indexes where schemaname = '{schema}' and tablename <> 'migration'
        order by 1, 2, 3
    """)

    async with database.engine.connect() as connection:
        migrated = (await connection.execute(described)).all()
        await connection.execute(text(f"drop schema {schema} cascade"))
        await connection.execute(text(f"create schema {schema}"))
        await connection.run_sync(metadata.create_all)
        assert (await connection.execute(described)).all() == migrated
        await connection.rollback()


async def test_migrating_again_changes_nothing_and_a_missing_schema_is_named(database: Database) -> None:
    for history in HISTORIES:
        assert await missing_migration(database.engine, history) is None
        await migrate(database.engine, history)
        assert await missing_migration(database.engine, history) is None
    async with database.transaction() as connection:
        await connection.execute(text("drop schema watch cascade"))
    (watching,) = (history for history in HISTORIES if history.schema == "watch")
    assert "tricolor migrate" in str(await missing_migration(database.engine, watching))


async def test_a_schema_of_the_release_after_is_run_on_and_left_as_it_is(database: Database) -> None:
    async with database.transaction() as connection:
        for history in HISTORIES:
            await connection.execute(text(f"update {history.schema}.migration set version_num = 'of_tomorrow'"))
    for history in HISTORIES:
        assert await missing_migration(database.engine, history) is None
        await migrate(database.engine, history)
        async with database.reading() as connection:
            revision = await connection.scalar(text(f"select version_num from {history.schema}.migration"))
        assert revision == "of_tomorrow"
