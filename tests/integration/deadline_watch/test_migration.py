"""What the migrations make is what the tables say."""

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from services.deadline_watch.build import HISTORY
from services.deadline_watch.tables import metadata
from shared.database import Database


async def test_the_migration_equals_the_metadata(database: Database) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "include_name": lambda name, kind, _: kind != "schema" or name == HISTORY.schema,
                "include_object": lambda _, name, kind, *__: not (kind == "table" and name == "migration"),
                "compare_type": True,
            },
        )
        return list(compare_metadata(context, metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_same_checks_and_partial_indexes(database: Database) -> None:
    """Autogenerate compares neither: build the metadata beside it, and let PostgreSQL describe both."""

    described = text("""
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid)
          from pg_constraint where connamespace = 'watch'::regnamespace and conname not like 'migration%'
        union all
        select tablename, indexname, indexdef
          from pg_indexes where schemaname = 'watch' and tablename <> 'migration'
        order by 1, 2, 3
    """)

    async with database.engine.connect() as connection:
        migrated = (await connection.execute(described)).all()
        await connection.execute(text("drop schema watch cascade"))
        await connection.execute(text("create schema watch"))
        await connection.run_sync(metadata.create_all)
        assert (await connection.execute(described)).all() == migrated
        await connection.rollback()
