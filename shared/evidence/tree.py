"""The Merkle tree of a service's evidence: the heads of its chains as leaves, and a signed root each time it grew."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.evidence.domain import merkle
from shared.evidence.domain.chains import leaf_of
from shared.evidence.domain.checkpoints import Checkpoint
from shared.evidence.domain.merkle import Growth, Node, Span
from shared.evidence.signing import Signer
from shared.evidence.tables import EvidenceTables
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import shown

BEAT_SECONDS = 60.0
_AT_ONCE = 100_000
_GATE = 256
"""The lock that whoever appends shares (`shared.messaging.outbox`): held alone, nothing is on its way."""


class EvidenceTree:
    """Takes what is new into the tree. Replicas that pass at the same time do it once."""

    def __init__(self, tables: EvidenceTables, database: Database, clock: Clock, signer: Signer) -> None:
        self._tables, self._database, self._clock, self._signer = tables, database, clock, signer

    async def run_once(self) -> int:
        """Take the chains that grew since the last root, and sign the next one; answer how many there were."""
        async with self._database.transaction() as connection:
            if not await self._alone(connection):
                return 0
            last = await last_root(connection, self._tables)
            size, covered = (0, 0) if last is None else (last.size, last.covered)
            if await self._given_out(connection) == covered:
                return 0
            until = min(await self._settled(), covered + _AT_ONCE)
            heads = await self._heads(connection, covered, until)
            if heads:
                await self._grow(connection, size, until, heads)
            return len(heads)

    async def _alone(self, connection: AsyncConnection) -> bool:
        lock = text("select pg_try_advisory_xact_lock(hashtext(:name))")
        return bool(await connection.scalar(lock, {"name": f"evidence-tree:{self._tables.schema}"}))

    async def _given_out(self, connection: AsyncConnection) -> int:
        """The last position that was given out to a record."""
        sequence = f"{self._tables.records.fullname}_position_seq"
        last = await connection.scalar(text(f"select case when is_called then last_value else 0 end from {sequence}"))
        return int(last or 0)

    async def _settled(self) -> int:
        """A position up to which every record is committed, or never will be."""
        async with self._database.transaction() as connection:
            await connection.execute(text("set local lock_timeout = '5s'"))
            gate = text("select pg_advisory_xact_lock(hashtext(:schema), :gate)")
            await connection.execute(gate, {"schema": self._tables.schema, "gate": _GATE})
            return await self._given_out(connection)

    async def _heads(self, connection: AsyncConnection, after: int, until: int) -> Sequence[Row[Any]]:
        found = await connection.execute(
            text(f"""
                select distinct on (chain, enterprise_code) chain, enterprise_code, number, hash
                  from {self._tables.records.fullname} where position > :after and position <= :until
                 order by chain, enterprise_code, number desc
            """),
            {"after": after, "until": until},
        )
        return found.all()

    async def _grow(self, connection: AsyncConnection, size: int, covered: int, heads: Sequence[Row[Any]]) -> None:
        edge = merkle.nodes_of((0, size))
        hashes = await node_hashes(connection, self._tables, edge)
        tree = Growth(size, [hashes[node] for node in edge])
        grown: list[tuple[Node, bytes]] = []
        for head in heads:
            leaf = leaf_of(head.chain, head.enterprise_code, head.number, head.hash)
            grown += tree.add(merkle.leaf_hash(leaf))
        await connection.execute(
            text(f"""
                insert into {self._tables.leaves.fullname} (leaf, chain, number, enterprise_code, hash)
                select :size + ordinality - 1, chain, number, enterprise_code, hash
                  from unnest(cast(:chains as text[]), cast(:numbers as bigint[]), cast(:enterprises as text[]),
                              cast(:hashes as bytea[])) with ordinality as new (chain, number, enterprise_code, hash)
            """),
            {
                "size": size,
                "chains": [head.chain for head in heads],
                "numbers": [head.number for head in heads],
                "enterprises": [head.enterprise_code for head in heads],
                "hashes": [head.hash for head in heads],
            },
        )
        await connection.execute(
            text(f"""
                insert into {self._tables.nodes.fullname} (level, index, hash)
                select * from unnest(cast(:levels as integer[]), cast(:indexes as bigint[]), cast(:hashes as bytea[]))
            """),
            {
                "levels": [level for (level, _), _ in grown],
                "indexes": [index for (_, index), _ in grown],
                "hashes": [hash_ for _, hash_ in grown],
            },
        )
        now = self._clock.now()
        root = Checkpoint(self._signer.key.name, tree.size, tree.root, shown(now), covered)
        note = await self._signer.sign(root)
        await connection.execute(
            text(f"""
                insert into {self._tables.roots.fullname} (size, covered, root, note, at)
                values (:size, :covered, :root, :note, :at)
            """),
            {"size": tree.size, "covered": covered, "root": tree.root, "note": note, "at": now},
        )


async def last_root(connection: AsyncConnection, tables: EvidenceTables) -> Row[Any] | None:
    found = await connection.execute(text(f"select * from {tables.roots.fullname} order by size desc limit 1"))
    row: Row[Any] | None = found.one_or_none()
    return row


async def node_hashes(
    connection: AsyncConnection, tables: EvidenceTables, nodes: Collection[Node]
) -> Mapping[Node, bytes]:
    """The hashes of these complete nodes."""
    found = await connection.execute(
        text(f"""
            select level, index as place, hash from {tables.nodes.fullname}
              join unnest(cast(:levels as integer[]), cast(:indexes as bigint[])) as asked (level, index)
             using (level, index)
        """),
        {"levels": [level for level, _ in nodes], "indexes": [index for _, index in nodes]},
    )
    return {(row.level, row.place): row.hash for row in found}


async def proof(connection: AsyncConnection, tables: EvidenceTables, path: Sequence[Span]) -> list[bytes]:
    """The hashes of the subtrees that a proof consists of."""
    wanted = {node for span in path for node in merkle.nodes_of(span)}
    hashes = await node_hashes(connection, tables, wanted)
    return [merkle.joined([hashes[node] for node in merkle.nodes_of(span)]) for span in path]
