"""Comparing the roots of the store with what others keep of them: time stamps, and copies elsewhere."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.evidence.anchors import AnchorFiles
from shared.evidence.domain.chains import Fault
from shared.evidence.domain.checkpoints import PublicKey, opened, signed_by
from shared.evidence.signing import verify
from shared.evidence.tables import EvidenceTables
from shared.evidence.timestamps import Authority, NoTimestamp
from shared.evidence.verification.findings import TREE, Verified
from shared.time.instants import shown


async def verify_stamps(
    connection: AsyncConnection,
    tables: EvidenceTables,
    roots: Sequence[Row[Any]],
    authority: Authority,
    apart: timedelta,
    found: Verified,
) -> None:
    """Verify the time stamps by `authority`: each is of its root, and was made when that was signed, or after."""
    signed = {root.size: root for root in roots}
    stamps = await connection.execute(
        text(f"select size, token from {tables.timestamps.fullname} where authority = :authority order by size"),
        {"authority": authority.url},
    )
    for stamp in stamps:
        found.stamps += 1
        root = signed.get(stamp.size)
        if root is None:
            found.add(Fault(TREE, stamp.size, "timestamp", "there was a root of this size, and is not"))
            continue
        try:
            at = authority.stamped_at(stamp.token, root.note.encode())
        except NoTimestamp as error:
            found.add(Fault(TREE, stamp.size, "timestamp", str(error)))
            continue
        if at < root.at - apart:
            found.add(Fault(TREE, stamp.size, "timestamp", f"it was stamped at {shown(at)}, before it was signed"))


def verify_anchors(roots: Sequence[Row[Any]], keys: Sequence[PublicKey], anchors: AnchorFiles, found: Verified) -> None:
    """Compare the roots of the store with those kept elsewhere, and trust the key that was kept with them."""
    stored = {row.size: row for row in roots}
    trusted = anchors.keys or keys
    if not trusted:
        found.add(Fault(TREE, 0, "anchor", f"{anchors.directory} has no public key"))
        return
    for anchor in anchors.read():
        found.anchors += 1
        try:
            said = opened(anchor.note, signed_by(anchor.note, trusted) or trusted[0], verify)
        except ValueError as error:
            found.add(Fault(TREE, anchor.size, "anchor", f"the anchor: {error}"))
            continue
        root = stored.get(said.size)
        if root is None or root.root != said.root:
            what = "lacks" if root is None else "has another root where"
            found.add(Fault(TREE, said.size, "anchor", f"the store {what} the root kept elsewhere at {said.at}"))
            return
