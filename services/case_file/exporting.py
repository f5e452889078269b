"""Exporting the file of a case, from the database and the files of this installation."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.case_file.bundle import Source, bundle
from services.dispatcher.evidence.storage import Storage
from services.infrastructure import EVIDENCE
from shared.evidence.anchors import AnchorFiles
from shared.evidence.domain.checkpoints import PublicKey
from shared.evidence.domain.facts import alert_chain, case_chain
from shared.evidence.verification.findings import Verified
from shared.evidence.verification.store import verify_store
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock

_EVIDENCE = "evidence"


class CaseFiles:
    """Writes bundles. It reads all three schemas on one snapshot, so they have to stand in one database."""

    def __init__(self, database: Database, settings: Settings, clock: Clock, data: Path = Path(".tricolor")) -> None:
        self._database, self._clock = database, clock
        self._storage = Storage.opened(settings.attachments_url, data / "attachments")
        self._anchors = settings.evidence_directory or data / _EVIDENCE

    async def verified(self, case_id: UUID) -> list[Verified]:
        """Verify what concerns the case in every schema: its own chains, and those of its alerts."""
        async with self._database.transaction() as connection:
            await connection.execute(text("set transaction isolation level repeatable read, read only"))
            chains = await chains_of(connection, case_id)
            found = [
                await verify_store(connection, one, self._clock, chains=chains, tree=False) for one in EVIDENCE.values()
            ]
        return [one for one in found if one.records or one.faults]

    async def write(self, case_id: UUID, into: Path) -> Path:
        """Write the bundle of a case into a directory, and answer its path. Raises NotFound."""
        source = Source(EVIDENCE, self._storage, self._keys())
        with tempfile.TemporaryDirectory() as room:
            async with self._database.transaction() as connection:
                await connection.execute(text("set transaction isolation level repeatable read, read only"))
                written = await bundle(connection, source, case_id, Path(room), self._clock)
            return Path(shutil.move(written, into / written.name))

    def _keys(self) -> dict[str, Sequence[PublicKey]]:
        found = {schema: AnchorFiles(self._anchors / schema).keys for schema in EVIDENCE}
        return {schema: keys for schema, keys in found.items() if keys}


async def chains_of(connection: AsyncConnection, case_id: UUID) -> list[str]:
    """The chains that a case is about: its own, and those of its alerts."""
    alerts = await connection.scalars(
        text("select alert_id from dispatch.case_alerts where case_id = :case order by alert_id"), {"case": case_id}
    )
    return [case_chain(case_id), *(alert_chain(alert) for alert in alerts)]
