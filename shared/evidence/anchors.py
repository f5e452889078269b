"""Signed roots outside the database: appended to a file of the day, and posted to a webhook.

Whoever rewrites the store cannot rewrite what stands elsewhere. Each replica keeps all roots in its own directory.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel
from sqlalchemy import Row, text

from shared.evidence.domain.checkpoints import PublicKey, SignatureAlgorithm, signed_by
from shared.evidence.tables import EvidenceTables
from shared.outgoing import Network, OutgoingTransport
from shared.storage.database import Database
from shared.time.instants import SHANGHAI

logger = logging.getLogger(__name__)
KEY_FILE = "public-key"
_SENT_FILE = "webhook-sent"
_AT_ONCE = 500
_TIMEOUT_SECONDS = 10.0


class Anchor(BaseModel):
    """A line of an anchor file: the size of the tree, and its signed root; `key` is the number of who signed it."""

    size: int
    note: str
    algorithm: SignatureAlgorithm | None = None
    key: str | None = None


@dataclass
class AnchorFiles:
    """The anchor files of one service: a directory with its public key and a file for each day in Shanghai."""

    directory: Path

    @property
    def days(self) -> list[Path]:
        return sorted(self.directory.glob("????-??-??.jsonl"))

    @property
    def last(self) -> int:
        """The size of the last root that is kept."""
        for day in reversed(self.days):
            lines = day.read_bytes().splitlines()
            if lines:
                return Anchor.model_validate_json(lines[-1]).size
        return 0

    @property
    def key(self) -> PublicKey | None:
        """The key that the roots were signed by, as it was first written down."""
        return next(iter(self.keys), None)

    @property
    def keys(self) -> list[PublicKey]:
        """The keys that roots may be signed by: the first, and those that somebody wrote below it since."""
        path = self.directory / KEY_FILE
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [PublicKey.read(line) for line in lines if line.strip()]

    def read(self) -> Iterator[Anchor]:
        """All roots, the oldest first. Raises ValueError for a line that is none."""
        for day in self.days:
            for line in day.read_bytes().splitlines():
                yield Anchor.model_validate_json(line)

    def append(self, row: Row[Any], signer: PublicKey | None = None) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        day = row.at.astimezone(SHANGHAI).date()
        with (self.directory / f"{day}.jsonl").open("ab") as file:
            anchor = Anchor(size=row.size, note=row.note)
            if signer is not None:
                anchor.algorithm, anchor.key = signer.algorithm, signer.number.hex()
            file.write(anchor.model_dump_json(exclude_none=True).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def write_stamp(self, size: int, token: bytes) -> None:
        """Keep what a time-stamping authority said of the root of this size."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / f"{size}.tsr").write_bytes(token)

    def write_key(self, key: PublicKey) -> None:
        """Write the key down where none stands: one that changed shows as not fitting, until somebody adds it."""
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / KEY_FILE
        if not path.exists():
            path.write_text(f"{key}\n", encoding="utf-8")
        elif key not in self.keys:
            logger.warning("evidence: roots are signed by a key that %s does not list: %s", path, key)


class Anchoring:
    """The pass that brings new roots out of the database."""

    def __init__(
        self,
        tables: EvidenceTables,
        database: Database,
        files: AnchorFiles,
        key: PublicKey,
        webhook: str | None,
        private: Sequence[Network] = (),
    ) -> None:
        """`private` are the private networks that the webhook may be in."""
        self._tables, self._database, self._files, self._key, self._webhook = tables, database, files, key, webhook
        self._private = private

    async def run_once(self) -> int:
        """Append the roots that are not in the files yet, and post those that the webhook has not; answer how many."""
        self._files.write_key(self._key)
        rows = await self._after(self._files.last)
        for row in rows:
            self._files.append(row, signed_by(row.note, [self._key, *self._files.keys]))
        if self._webhook is not None:
            await self._post(self._webhook)
        return len(rows)

    async def _after(self, size: int) -> list[Row[Any]]:
        async with self._database.autocommit() as connection:
            found = await connection.execute(
                text(f"select * from {self._tables.roots.fullname} where size > :size order by size limit :limit"),
                {"size": size, "limit": _AT_ONCE},
            )
            return list(found.all())

    async def _post(self, url: str) -> None:
        """Post roots in order, each until it is taken; one that is not waits for the next pass."""
        sent = self._files.directory / _SENT_FILE
        last = int(sent.read_text(encoding="ascii")) if sent.exists() else 0
        transport = OutgoingTransport(self._private)
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, transport=transport, trust_env=False) as client:
            for row in await self._after(last):
                try:
                    headers = {"Content-Type": "text/plain; charset=utf-8"}
                    answer = await client.post(url, content=row.note.encode(), headers=headers)
                    answer.raise_for_status()
                except httpx.HTTPError as error:
                    logger.warning("evidence: the webhook did not take the root of %d leaves: %s", row.size, error)
                    return
                sent.write_text(str(row.size), encoding="ascii")
