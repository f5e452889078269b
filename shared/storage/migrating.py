"""Migrations: one history for each service, in its own schema, so that each can move to its own server.

Most starts and nearly all commands find the schema up to date, and do without alembic, which takes long to load.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

if TYPE_CHECKING:
    from alembic.config import Config

_ENVIRONMENT = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class History:
    """The migrations of one service: its PostgreSQL schema, and the folder of its revisions."""

    schema: str
    versions: Path

    def config(self) -> "Config":
        """How alembic finds them."""
        from alembic.config import Config  # noqa: PLC0415  see the top

        config = Config()
        config.set_main_option("script_location", str(_ENVIRONMENT))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", str(self.versions))
        config.attributes["schema"] = self.schema
        return config

    @cached_property
    def revisions(self) -> Sequence[str]:
        """All of them, the newest last: a revision is the number that its file begins with."""
        return sorted(path.name.partition("_")[0] for path in self.versions.glob("[0-9]*_*.py"))

    @property
    def head(self) -> str:
        return self.revisions[-1]

    def is_newer(self, revision: str | None) -> bool:
        """Whether `revision` is one that this code does not know yet.

        Migrations add first and take away a release later, so this code runs on the schema of the release after it.
        """
        return revision is not None and revision not in self.revisions


async def migrate(engine: AsyncEngine, history: History) -> None:
    """Bring the schema to its newest revision. Of two starters one migrates and the other finds it done.

    A schema that a newer release has migrated already is left as it is.
    """

    if await missing_migration(engine, history) is None:
        return
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade, history)


def _upgrade(connection: Connection, history: History) -> None:
    from alembic import command  # noqa: PLC0415  see the top

    connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": f"migrate:{history.schema}"})
    connection.execute(text(f'create schema if not exists "{history.schema}"'))
    if history.is_newer(_present(connection, history.schema)):
        return
    config = history.config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def missing_migration(engine: AsyncEngine, history: History) -> str | None:
    """Say that the schema is older than this code needs, for a readiness check; None where it is not."""
    async with engine.connect() as connection:
        current = await connection.run_sync(_present, history.schema)
    if current == history.head or history.is_newer(current):
        return None
    return (
        f"schema {history.schema} is at {current or 'nothing'}, this code needs {history.head}: run `tricolor migrate`"
    )


def _present(connection: Connection, schema: str) -> str | None:
    """Return the revision that the schema is at."""
    table = connection.scalar(text("select to_regclass(:table)"), {"table": f"{schema}.migration"})
    found: str | None = table and connection.scalar(text(f'select version_num from "{schema}".migration'))
    return found
