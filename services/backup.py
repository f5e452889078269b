"""A backup of everything that is the bureau's: the schemas of all services at one instant, and the files of the cases.

The database comes first. A case's file is written before its row and never changed, so every row of the snapshot has
its file in what is copied afterwards.
"""

import asyncio
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError
from sqlalchemy import text
from sqlalchemy.engine import make_url

from services.infrastructure import HISTORIES, prepare_database, republish_unread
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.instants import Instant

_DUMP, _FILES, _MANIFEST = "database.dump", "attachments", "backup.json"


class BackupFailed(Exception):  # noqa: N818  said of the command
    """Nothing was restored, or the backup is not one; the message says why."""


class Manifest(BaseModel):
    """Written last: where it is, the backup is whole."""

    at: Instant
    revisions: dict[str, str | None]
    dump_sha256: str
    files: int
    attachments: str
    """Where the files were; copied only where that is a directory."""


@dataclass(frozen=True)
class Server:
    """The PostgreSQL that the settings name, or the embedded one of `data`, and the tools that fit it."""

    url: str
    tools: Path | None
    embedded: EmbeddedPostgres | None = None

    @classmethod
    def of(cls, settings: Settings, data: Path) -> "Server":
        if settings.database_url:
            return cls(settings.database_url, None)
        embedded = EmbeddedPostgres(data / "postgres")
        return cls(embedded.url(), embedded.tools, embedded)

    def run(self, tool: str, *arguments: str) -> None:
        """Raises BackupFailed with what the tool said."""
        url = make_url(self.url.replace("postgres://", "postgresql://", 1)).set(drivername="postgresql")
        # A password among the arguments could be read by every user of the machine.
        environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
        address = url.set(password=None).render_as_string(hide_password=False)
        path = str(self.tools / tool) if self.tools else tool
        try:
            done = subprocess.run(  # noqa: S603  arguments of our own
                [path, f"--dbname={address}", *arguments], env=environment, capture_output=True, text=True, check=False
            )
        except FileNotFoundError as error:
            raise BackupFailed(f"{tool} is not installed: it comes with PostgreSQL's client programs") from error
        if done.returncode:
            raise BackupFailed(f"{tool}: {done.stderr.strip()}")


def backup(into: Path, settings: Settings, data: Path, now: datetime) -> Manifest:
    """Fill the directory `into` while the system runs. Raises BackupFailed, and then there is no manifest in it."""
    if into.exists() and any(into.iterdir()):
        raise BackupFailed(f"{into} is not empty")
    server = Server.of(settings, data)
    revisions = asyncio.run(_revisions(server.url))
    if not revisions:
        raise BackupFailed("there is nothing of Tricolor in this database")
    into.mkdir(parents=True, exist_ok=True)
    server.run(
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        "--lock-wait-timeout=30s",
        f"--file={into / _DUMP}",
        *(f"--schema={schema}" for schema in revisions),
    )
    files = _files_of(settings, data)
    copied = sum(_copied(files, into / _FILES)) if files else 0
    manifest = Manifest(
        at=now,
        revisions=revisions,
        dump_sha256=_sha256(into / _DUMP),
        files=copied,
        attachments=settings.attachments_url or str(files),
    )
    (into / _MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
    return manifest


def restore(source: Path, settings: Settings, data: Path) -> tuple[Manifest, int]:
    """Restore into a database without Tricolor's schemas, and bring it to this release.

    What had not reached its reader is relayed again by the services, so they start on empty topics of ours. Answers
    the manifest, and how many events those are. Raises BackupFailed, and then the database is as it was.
    """
    try:
        manifest = Manifest.model_validate_json((source / _MANIFEST).read_bytes())
    except (OSError, ValidationError) as error:
        raise BackupFailed(f"{source} is not a whole backup: {error}") from error
    if _sha256(source / _DUMP) != manifest.dump_sha256:
        raise BackupFailed(f"{source / _DUMP} is not what was written: its checksum differs")
    server = Server.of(settings, data)
    if there := asyncio.run(_revisions(server.url)):
        raise BackupFailed(f"the database has {', '.join(there)} already: restore into an empty one")
    files = _files_of(settings, data)
    if files:
        sum(_copied(source / _FILES, files))
    server.run(
        "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(source / _DUMP)
    )
    return manifest, asyncio.run(_made_ready(settings, server.url))


async def _made_ready(settings: Settings, url: str) -> int:
    await prepare_database(url, migrating=True)
    return await republish_unread(settings, url)


async def _revisions(url: str) -> dict[str, str | None]:
    """The schemas of ours in the database, and the migration each is at."""
    database = Database(url, pool_size=1)
    found: dict[str, str | None] = {}
    try:
        async with database.transaction() as connection:
            for history in HISTORIES:
                schema = history.schema
                if await connection.scalar(text("select to_regnamespace(:schema)"), {"schema": schema}) is None:
                    continue
                known = await connection.scalar(text("select to_regclass(:table)"), {"table": f"{schema}.migration"})
                found[schema] = known and await connection.scalar(text(f"select version_num from {schema}.migration"))
    finally:
        await database.close()
    return found


def _files_of(settings: Settings, data: Path) -> Path | None:
    """The directory of the attachments; None where a storage of its own keeps them."""
    if settings.attachments_url is None:
        return data / "attachments"
    url = urlsplit(settings.attachments_url)
    return Path(url.path) if url.scheme == "file" else None


def _copied(source: Path, target: Path) -> Iterator[int]:
    """Copies what `target` has not; 1 for each file."""
    for file in sorted(source.rglob("*")) if source.exists() else ():
        copy = target / file.relative_to(source)
        if not file.is_file() or copy.exists():
            continue
        copy.parent.mkdir(parents=True, exist_ok=True)
        whole = copy.with_name(f"{copy.name}.copying")
        try:
            shutil.copy2(file, whole)
        except FileNotFoundError:
            continue  # a part of an upload that was finished, or given up, meanwhile
        whole.replace(copy)
        yield 1


def _sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
