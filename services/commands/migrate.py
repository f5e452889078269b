"""The command `tricolor migrate`."""

import asyncio
import sys

import typer

from services.infrastructure import prepare_database
from shared.settings import Settings
from shared.telemetry import configure_logging

app = typer.Typer()


@app.command()
def migrate() -> None:
    """Bring the schemas in TRICOLOR_DATABASE_URL up to date. Safe to run twice, or twice at once."""
    configure_logging()
    url = Settings().database_url
    if url is None:
        sys.exit("tricolor: TRICOLOR_DATABASE_URL is not set; an embedded database migrates itself")
    asyncio.run(prepare_database(url, migrating=True))
