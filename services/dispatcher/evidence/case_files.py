"""The evidence of a case, verified, and its file: the dispatcher's own part, or all of it where that is brought.

Other services' schemas are not the dispatcher's to read: whoever puts the services together brings what can.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol, TypeAlias
from uuid import UUID

from sqlalchemy import text

from services.dispatcher import tables
from shared.contract.refusals import Unavailable
from shared.evidence.domain.facts import case_chain
from shared.evidence.verification.findings import Verified
from shared.evidence.verification.store import verify_store
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock

EXPORTED = "cn.tricolor.case.file_exported.v1"


class CaseEvidence(Protocol):
    """What proves a case, and its file."""

    async def verified(self, case_id: UUID) -> Sequence[Verified]:
        """Verify what concerns the case, service by service."""
        ...

    async def write(self, case_id: UUID, into: Path) -> Path:
        """Write the file of the case into a directory, and answer its path. Raises NotFound, Unavailable."""
        ...


MakeCaseEvidence: TypeAlias = Callable[[Database, Settings, Clock], CaseEvidence]


class OwnEvidence:
    """What the dispatcher itself has of a case."""

    def __init__(self, database: Database, settings: Settings, clock: Clock) -> None:
        del settings
        self._database, self._clock = database, clock

    async def verified(self, case_id: UUID) -> Sequence[Verified]:
        async with self._database.transaction() as connection:
            await connection.execute(text("set transaction isolation level repeatable read, read only"))
            chains = [case_chain(case_id)]
            return [await verify_store(connection, tables.evidence, self._clock, chains=chains, tree=False)]

    async def write(self, case_id: UUID, into: Path) -> Path:
        del case_id, into
        raise Unavailable(
            "case-file-unavailable",
            "Case files are written where the schemas of all services stand: `tricolor evidence export`.",
            title="No case files here",
        )
