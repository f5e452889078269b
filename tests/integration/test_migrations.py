"""What the migrations of each service make is what its tables say."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, text

from services.alert_ingest import tables as ingest
from services.console import tables as console
from services.deadline_watch import tables as watch
from services.dispatcher import tables as dispatch
from services.infrastructure import HISTORIES
from shared.contract.cloudevents import Refused
from shared.messaging.kafka import Record, dead_letter
from shared.messaging.outbox import Outbox
from shared.messaging.stored_events import headers_read
from shared.storage.database import Database
from shared.storage.migrating import History, migrate, missing_migration
from shared.time.clock import ManualClock

ALL = [pytest.param(tables.metadata, id=str(tables.metadata.schema)) for tables in (ingest, dispatch, watch, console)]


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
        async with database.autocommit() as connection:
            revision = await connection.scalar(text(f"select version_num from {history.schema}.migration"))
        assert revision == "of_tomorrow"


# The console has had letters as rows from its first release on.
@pytest.mark.parametrize("history", HISTORIES[:3], ids=lambda history: history.schema)
async def test_letters_sent_by_the_release_before_are_on_the_work_list(
    empty_database_url: str, history: History
) -> None:
    """Byte for byte, with the record's own headers and without ours."""
    database = Database(empty_database_url)
    (own,) = (
        one for one in ScriptDirectory.from_config(history.config()).walk_revisions() if "dead_letters" in one.path
    )

    def upgrade(connection: Connection) -> None:
        config = history.config()
        config.attributes["connection"] = connection
        connection.execute(text(f"create schema {history.schema}"))
        command.upgrade(config, str(own.down_revision))

    now = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
    headers = (("ce_id", b"\xff"), ("ce_type", b"a"))
    record = Record("p.cases", 1, 7, b"E1", b"\x00\xff", headers, 0)
    letters = [dead_letter(record, Refused("not-json", detail), "us", now) for detail in ("a\x00ü\\", "")]
    async with database.engine.begin() as connection:
        await connection.run_sync(upgrade)
    async with database.transaction() as connection:
        for number, letter in enumerate(letters):
            await Outbox(outbox_of(history), ManualClock(now)).append(
                connection, [letter._replace(event_id=UUID(int=number))]
            )
    await migrate(database.engine, history)
    async with database.autocommit() as connection:
        rows = (await connection.execute(text(f"select * from {history.schema}.dead_letters order by position"))).all()
    assert [row.detail for row in rows] == ["a␀ü\\", ""]
    for row in rows:
        assert (row.topic, row.origin, row.consumer, row.code) == ("p.cases", "p.cases/1/7", "us", "not-json")
        assert (row.key, row.body, headers_read(row.headers)) == (b"E1", b"\x00\xff", headers)
        assert (row.failed_at, row.first_id, row.attempt, row.state) == (now, row.letter_id, 1, "waiting")
    await database.close()


def outbox_of(history: History) -> Table:
    outboxes: dict[str | None, Table] = {one.metadata.schema: one.outbox for one in (ingest, dispatch, watch)}
    return outboxes[history.schema]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: str(history.schema))
def test_the_files_say_which_revisions_there_are(history: History) -> None:
    """Alembic is not asked at a start that finds nothing to migrate."""
    walked = [one.revision for one in ScriptDirectory.from_config(history.config()).walk_revisions()]
    assert list(history.revisions) == walked[::-1]
    assert history.head == ScriptDirectory.from_config(history.config()).get_current_head()


async def test_codes_that_the_release_before_stored_as_they_came_are_found(empty_database_url: str) -> None:
    """Each in every table, the proper one of two left alone."""
    database = Database(empty_database_url)
    code = "91440306MA5000001A"
    written = {1: "９１４４０３０６ｍａ５０００００１ａ", 2: f'="{code.lower()}"', 3: f"'{code}", 4: code}
    rows = {
        "dispatch": (
            "insert into dispatch.recusals (enterprise_code, officer, reason, recorded_by, recorded_at)"
            " values (:code, 'o' || :number, 'r', 'b', now())",
            "insert into dispatch.enterprises (code, name, classification, source, updated_at)"
            " values (:code, :number, '{}', 'master', now())",
            "insert into dispatch.outlets (enterprise_code, code, mn, name, medium, updated_at)"
            " values (:code, 'da' || :number, 'ｍn' || :number, 'n', 'gas', now())",
        ),
        "ingest": (
            "insert into ingest.cases (alert_id, case_id, enterprise_code)"
            " values (gen_random_uuid(), gen_random_uuid(), :code)",
        ),
        "watch": (
            "insert into watch.cases (case_id, kind, alert_id, level, enterprise_code, heard_at)"
            " values (gen_random_uuid(), 'on_site', gen_random_uuid(), 'red', :code, now())",
        ),
    }
    for history in HISTORIES[:3]:  # no release before had a console
        own = [one for one in ScriptDirectory.from_config(history.config()).walk_revisions() if _brings_codes(one.path)]

        def upgrade(connection: Connection, history: History = history, to: str = str(own[0].down_revision)) -> None:
            config = history.config()
            config.attributes["connection"] = connection
            connection.execute(text(f"create schema {history.schema}"))
            command.upgrade(config, to)

        async with database.engine.begin() as connection:
            await connection.run_sync(upgrade)
            for statement in rows[str(history.schema)]:
                for number, spelling in written.items():
                    values = {"code": spelling, "number": str(number)}
                    await connection.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})
        await migrate(database.engine, history)

    async with database.autocommit() as connection:
        for table in ("ingest.cases", "watch.cases", "dispatch.recusals", "dispatch.outlets"):
            assert set(await connection.scalars(text(f"select enterprise_code from {table}"))) == {code}
        assert await connection.scalar(text(f"select name from dispatch.enterprises where code = '{code}'")) == "4"
        assert set(await connection.scalars(text("select code || mn from dispatch.outlets"))) == {
            f"DA{number}MN{number}" for number in written
        }
    await database.close()


def _brings_codes(path: str) -> bool:
    return path.endswith(("_codes.py", "_identity.py"))
