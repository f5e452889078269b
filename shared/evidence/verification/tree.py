"""Verifying the tree over all chains: built anew from its leaves, and compared with every root and its signature."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.evidence.domain import merkle
from shared.evidence.domain.chains import Fault, leaf_of
from shared.evidence.domain.checkpoints import Checkpoint, PublicKey, opened, signed_by
from shared.evidence.domain.merkle import Growth
from shared.evidence.signing import verify
from shared.evidence.tables import EvidenceTables
from shared.evidence.verification.findings import TREE, Verified
from shared.evidence.verification.pages import pages
from shared.time.instants import shown


async def verify_tree(
    connection: AsyncConnection,
    tables: EvidenceTables,
    roots: Sequence[Row[Any]],
    keys: Sequence[PublicKey],
    apart: timedelta,
    found: Verified,
) -> None:
    """Build the tree anew from its leaves, and compare every root with it and with its signature."""
    tree, waiting = Growth(), iter(roots)
    root = next(waiting, None)
    ordered = f"select leaf, chain, enterprise_code, number, hash from {tables.leaves.fullname} order by leaf"
    async for page in pages(connection, ordered):
        for number, chain, enterprise, of_record, hash_ in page:
            if number != tree.size:
                found.add(Fault(TREE, tree.size, "leaf-missing", "the tree lacks a leaf"))
                return
            for _ in tree.add(merkle.leaf_hash(leaf_of(chain, enterprise, of_record, hash_))):
                pass
            if root is not None and tree.size == root.size:
                found.add(_of_root(root, tree, keys))
                found.roots += 1
                root = next(waiting, None)
    found.leaves = tree.size
    if root is not None:
        found.add(Fault(TREE, root.size, "root-changed", f"the tree has {tree.size} leaves, and a root more"))
    for before, after in pairwise(roots):
        if after.covered < before.covered or after.at < before.at - apart:
            found.add(Fault(TREE, after.size, "root-changed", "the root is older than the one before it"))


def _of_root(root: Row[Any], tree: Growth, keys: Sequence[PublicKey]) -> Fault | None:
    if root.root != tree.root:
        return Fault(TREE, root.size, "root-changed", "the leaves do not come to this root")
    key = signed_by(root.note, keys)
    if key is None:
        return None
    try:
        said = opened(root.note, key, verify)
    except ValueError as error:
        return Fault(TREE, root.size, "signature", str(error))
    if said != Checkpoint(key.name, root.size, root.root, shown(root.at), root.covered):
        return Fault(TREE, root.size, "root-changed", "the signed note says something else of this root")
    return None
