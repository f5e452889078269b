"""Migrations: one history a service, in the service's own schema, so that each can move to its own server."""

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

_ENVIRONMENT = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class History:
    """The migrations of one service: its PostgreSQL schema, and the folder of its revisions."""

    schema: str
    versions: Path

    def config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(_ENVIRONMENT))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("version_locations", str(self.versions))
        config.attributes["schema"] = self.schema
        return config

    @property
    def head(self) -> str | None:
        return ScriptDirectory.from_config(self.config()).get_current_head()


async def migrate(engine: AsyncEngine, history: History) -> None:
    """Bring the schema to its newest revision. Of two starters one migrates and the other finds it done."""

    def upgrade(connection: Connection) -> None:
        connection.execute(text("select pg_advisory_xact_lock(hashtext(:name))"), {"name": f"migrate:{history.schema}"})
        connection.execute(text(f'create schema if not exists "{history.schema}"'))
        config = history.config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)


async def missing_migration(engine: AsyncEngine, history: History) -> str | None:
    """What a readiness check says when the schema is not at the revision this code was written for."""
    async with engine.connect() as connection:
        present = await connection.scalar(text("select to_regclass(:table)"), {"table": f"{history.schema}.migration"})
        current = present and await connection.scalar(text(f'select version_num from "{history.schema}".migration'))
    if current == history.head:
        return None
    return (
        f"schema {history.schema} is at {current or 'nothing'}, this code needs {history.head}: run `tricolor migrate`"
    )
