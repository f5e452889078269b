"""The commands `tricolor backup` and `tricolor restore`."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from services.backup import BackupFailed, backup, restore
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.time.instants import shown

app = typer.Typer()

Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL and the attachments are kept.")]
DATA = Path(".tricolor")


@app.command("backup")
def backup_(
    into: Annotated[Path, typer.Argument(help="A directory that is empty or not there yet.", file_okay=False)],
    data: Data = DATA,
) -> None:
    """Back up the database and the files of the cases, while everything runs."""
    try:
        done = backup(into, Settings(), data, SystemClock().now())
    except (BackupFailed, OSError) as failure:
        sys.exit(f"tricolor: {failure}")
    typer.echo(f"{into}: the state of {shown(done.at)}, {done.files} files")
    if "://" in done.attachments and not done.attachments.startswith("file:"):
        typer.echo(f"the files in {done.attachments} are not in it: back them up where they are")


@app.command("restore")
def restore_(
    source: Annotated[Path, typer.Argument(help="What `tricolor backup` wrote.", exists=True, file_okay=False)],
    data: Data = DATA,
) -> None:
    """Restore a backup into an empty database. What Kafka needs is in docs/operations/backup-and-restore.md."""
    try:
        manifest, again = restore(source, Settings(), data)
    except (BackupFailed, OSError) as failure:
        sys.exit(f"tricolor: {failure}")
    typer.echo(
        f"restored to {shown(manifest.at)}; {again} events that had not reached their readers are relayed when the "
        "services start, on topics of ours that are empty"
    )
