"""A store of evidence with its tree and its anchors, and somebody who owns the database and means ill."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from shared.contract.events import Actor
from shared.contract.messages import Publisher
from shared.evidence.anchors import AnchorFiles, Anchoring
from shared.evidence.domain.checkpoints import PublicKey
from shared.evidence.domain.records import Fact
from shared.evidence.signing import KeySigner, Signer
from shared.evidence.tree import EvidenceTree
from shared.evidence.verification.findings import Verified
from shared.evidence.verification.store import verify_store
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.database import Database
from shared.time.clock import Clock, ManualClock

EVIDENCE = tables.evidence
CHAIN = "case:00000000-0000-0000-0000-00000000000{}"


class Store:
    """The evidence of the dispatcher: facts come in, roots are signed and kept in `directory`."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.database, self.clock = database, ManualClock(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
        self.signer: Signer = KeySigner("tricolor/dispatch", Ed25519PrivateKey.generate())
        self.files = AnchorFiles(directory)
        self.units = UnitsOfWork(
            database=database,
            outbox=Outbox(tables.outbox, self.clock),
            clock=self.clock,
            publisher=Publisher("dispatcher", ""),
            make=UnitOfWork,
        )
        self.sign_by(self.signer)

    def sign_by(self, signer: Signer) -> None:
        """Have `signer` sign from now on."""
        self.tree = EvidenceTree(EVIDENCE, self.database, self.clock, signer)
        self.anchoring = Anchoring(EVIDENCE, self.database, self.files, signer.key, None)

    async def happens(self, *numbers: int, what: str = "it happened") -> None:
        """Something happens to the case of each number, all in one unit of work."""
        async with self.units.open() as work:
            work.record(*(self.fact(number, what) for number in numbers))

    def fact(self, number: int, what: str) -> Fact:
        return Fact("t", CHAIN.format(number), f"E{number}", what.encode(), Actor(role="officer", subject="li"))

    async def sign(self) -> int:
        """A root is signed over what there is, and kept elsewhere; an hour passes."""
        grown = await self.tree.run_once()
        await self.anchoring.run_once()
        self.clock.advance(timedelta(hours=1))
        return grown

    async def verified(
        self,
        *chains: str,
        anchored: bool = True,
        keys: Sequence[PublicKey] | None = None,
        clock: Clock | None = None,
    ) -> Verified:
        async with self.database.transaction() as connection:
            await connection.execute(text("set transaction isolation level repeatable read, read only"))
            return await verify_store(
                connection,
                EVIDENCE,
                clock or self.clock,
                chains=chains or None,
                keys=keys or (self.files.keys if anchored else [self.signer.key]),
                anchors=self.files if anchored else None,
            )

    @asynccontextmanager
    async def tampering(self) -> AsyncIterator[AsyncConnection]:
        """The owner of the database takes the triggers away, and puts them back."""
        async with self.database.transaction() as connection:
            for table in ("evidence", "evidence_leaves", "evidence_nodes", "evidence_roots"):
                await connection.execute(text(f"alter table dispatch.{table} disable trigger all"))
            yield connection


def said(found: Verified) -> list[str]:
    """The faults: where, and of which kind."""
    return [f"{fault.chain[-1]}#{fault.number} {fault.code}" for fault in found.faults]
