"""Verifying the store: every record, every chain, the tree over them, its signed roots, and those kept elsewhere."""

from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.evidence.anchors import AnchorFiles
from shared.evidence.domain.checkpoints import PublicKey
from shared.evidence.tables import EvidenceTables
from shared.evidence.timestamps import Authority
from shared.evidence.verification.chains import Roots, verify_chains
from shared.evidence.verification.findings import Verified, apart_by
from shared.evidence.verification.kept_elsewhere import verify_anchors, verify_stamps
from shared.evidence.verification.tree import verify_tree
from shared.time.clock import Clock


async def verify_store(
    connection: AsyncConnection,
    tables: EvidenceTables,
    clock: Clock,
    *,
    chains: Sequence[str] | None = None,
    keys: Sequence[PublicKey] = (),
    anchors: AnchorFiles | None = None,
    authority: Authority | None = None,
    tree: bool = True,
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Verify the evidence of one service: all of it, or these `chains` and the tree. Answers what does not fit.

    `clock` is the one that it was written by. Without `tree` it is not built anew, which reads all of it. `keys` are
    those that sign roots, `anchors` what was kept of them elsewhere, `authority` who stamped them. `progress` is told
    of the records seen so far. In a transaction that sees one state (`repeatable read`) while the services run.
    """
    found, apart = Verified(tables.schema), apart_by(clock)
    roots = (await connection.execute(text(f"select * from {tables.roots.fullname} order by size"))).all()
    await verify_chains(connection, tables, chains, Roots(roots, apart), found, progress)
    if tree:
        await verify_tree(connection, tables, roots, keys, apart, found)
    if authority is not None:
        await verify_stamps(connection, tables, roots, authority, apart, found)
    if anchors is not None:
        verify_anchors(roots, keys, anchors, found)
    return found
