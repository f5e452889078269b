"""Appending evidence: every fact of a unit of work, in its transaction, chained under the locks of its outbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.evidence.domain.chains import START, Head
from shared.evidence.domain.records import Circumstances, Fact, Record, record_of
from shared.evidence.tables import EvidenceTables
from shared.storage.arrays import array, array_of_plain
from shared.storage.copying import FROM, copy_rows
from shared.storage.direct import fetch
from shared.storage.packing import Packer, UnpackingError, unpacked

_COLUMNS = ("chain", "number", "enterprise_code", "hash", "content", "document", "recorded_at")


class Chained(NamedTuple):
    """Records that are to be stored, in order, with their contents and documents as they are stored."""

    records: Sequence[Record]
    contents: Sequence[bytes]
    documents: Sequence[bytes]
    at: datetime

    @property
    def values(self) -> tuple[object, ...]:
        """The values of `EvidenceLog.insertion`."""
        return (
            array([one.chain for one in self.records]),
            array_of_plain([str(one.number) for one in self.records]),
            array([one.enterprise for one in self.records]),
            [one.hash for one in self.records],
            self.contents,
            self.documents,
            self.at,
        )

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        return [
            (one.chain, one.number, one.enterprise, one.hash, content, document, self.at)
            for one, content, document in zip(self.records, self.contents, self.documents, strict=True)
        ]


class EvidenceLog:
    """The records of one service. Two statements however many facts there are; the second can be part of another."""

    def __init__(self, tables: EvidenceTables, packer: Packer) -> None:
        self._packer, self._table = packer, tables.records
        self._heads = f"""
            select asked.chain, head.number, head.hash
              from unnest(cast(cast($1 as text) as text[])) as asked (chain)
             cross join lateral (select e.number, e.hash from {tables.records.fullname} e
                                  where e.chain = asked.chain order by e.number desc limit 1) as head
        """
        self._insert = self.insertion()

    def insertion(self, after: int = 0) -> str:
        """SQL that stores what is `chained`. The outbox stores its events in the same statement, with `after` values
        of its own before these.
        """
        chains, numbers, enterprises, hashes, contents, documents, at = (f"${after + one}" for one in range(1, 8))
        return f"""
            insert into {self._table.fullname} (chain, number, enterprise_code, hash, content, document, recorded_at)
            select new.*, cast({at} as timestamptz)
              from unnest(cast(cast({chains} as text) as text[]), cast(cast({numbers} as text) as bigint[]),
                          cast(cast({enterprises} as text) as text[]), cast({hashes} as bytea[]),
                          cast({contents} as bytea[]), cast({documents} as bytea[])) as new
        """

    async def chained(self, connection: AsyncConnection, facts: Sequence[Fact], common: Circumstances) -> Chained:
        """The records of `facts` in order, each after the last one of its chain.

        The caller holds the outbox's locks for the facts' enterprises until it commits: nobody else extends their
        chains meanwhile, and what was committed before is seen.
        """
        found = await fetch(connection, self._heads, array({fact.chain for fact in facts}))
        heads = {chain: Head(number, hash_) for chain, number, hash_ in found}
        records: list[Record] = []
        for fact in facts:
            record = record_of(fact, heads.get(fact.chain, START), common)
            heads[fact.chain] = Head(record.number, record.hash)
            records.append(record)
        contents = self._packer.pack([one.content for one in records])
        return Chained(records, contents, self._packer.pack([one.document for one in records]), common.at)

    async def store(self, connection: AsyncConnection, chained: Chained) -> None:
        """Store records in a statement of their own."""
        if len(chained.records) < FROM:
            await fetch(connection, self._insert, *chained.values)
        else:
            # In the order of the key: it then grows at its end, and fewer of its pages are divided.
            await copy_rows(connection, self._table, _COLUMNS, sorted(chained.rows))


def as_hashed(stored: bytes) -> bytes:
    """Content or document of a record as it was hashed; what cannot be unpacked as it stands: its hash is another."""
    try:
        return unpacked(stored)
    except UnpackingError:
        return stored
