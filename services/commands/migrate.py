"""The command `tricolor migrate`."""

import asyncio
import sys
from typing import Annotated

import typer

from services.infrastructure import HISTORIES, prepare_database
from shared.evidence.protection import grant_to
from shared.settings import Settings
from shared.storage.database import Database
from shared.telemetry import configure_logging

app = typer.Typer()


@app.command()
def migrate(
    services: Annotated[
        str | None,
        typer.Option(
            help="The database role that the services run as, which is to exist: give it what they need, and of the"
            " evidence only to add and to read."
        ),
    ] = None,
) -> None:
    """Bring the schemas in TRICOLOR_DATABASE_URL up to date. Safe to run twice, or twice at once."""
    configure_logging()
    url = Settings().database_url
    if url is None:
        sys.exit("tricolor: TRICOLOR_DATABASE_URL is not set; an embedded database migrates itself")
    asyncio.run(prepare_database(url, migrating=True))
    if services is not None:
        asyncio.run(_grant(url, services))


async def _grant(url: str, role: str) -> None:
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as connection:
            await grant_to(connection, role, [history.schema for history in HISTORIES])
    finally:
        await database.close()
