"""Verifying the store: every record, every chain, the tree over them, its signed roots, and those kept elsewhere.

One walk in the order of chains and numbers over records and leaves side by side: memory stays small however long.
"""

from bisect import bisect_left
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.evidence.anchors import AnchorFiles
from shared.evidence.domain import merkle
from shared.evidence.domain.chains import Chains, Fault, Head, StoredRecord, leaf_of
from shared.evidence.domain.checkpoints import Checkpoint, PublicKey, opened, signed_by
from shared.evidence.domain.merkle import Growth
from shared.evidence.log import document_of
from shared.evidence.signing import verify
from shared.evidence.tables import EvidenceTables
from shared.evidence.timestamps import Authority, NoTimestamp
from shared.time.instants import shown

_PAGE = 5_000
_MOST_FAULTS = 1_000
_APART = timedelta(minutes=10)
"""By how much the clocks of replicas may differ, and a transaction outlast a root."""
_CHAIN = "evidence"


class NamedFile(NamedTuple):
    """A file that a record names, with the SHA-256 of its bytes."""

    chain: str
    number: int
    name: str
    sha256: str


@dataclass
class Verified:
    """What a verification came to: the first fault is the first in the order of chains."""

    schema: str
    records: int = 0
    chains: int = 0
    leaves: int = 0
    roots: int = 0
    anchors: int = 0
    stamps: int = 0
    faults: list[Fault] = field(default_factory=list)
    files: list[NamedFile] = field(default_factory=list)
    heads: list[tuple[str, Head]] = field(default_factory=list)
    """Of the chains that were asked for: the last record of each."""

    @property
    def passed(self) -> bool:
        return not self.faults

    def add(self, *faults: Fault | None) -> None:
        for fault in faults:
            if fault is not None and len(self.faults) < _MOST_FAULTS:
                self.faults.append(fault)


class _Roots:
    """The roots as they are stored, and which of them is the first over a position or a leaf."""

    def __init__(self, rows: Sequence[Row[Any]]) -> None:
        self._covered = [row.covered for row in rows]
        self._sizes = [row.size for row in rows]
        self._not_before = ["", *(shown(row.at - _APART) for row in rows)]
        self._not_after = [shown(row.at + _APART) for row in rows]

    def judge(self, position: int, leaf: int | None, at: str) -> tuple[str, str] | None:
        """What is wrong with where a record stands under the roots, and when it says it was written."""
        by_position = bisect_left(self._covered, position)
        by_leaf = len(self._sizes) if leaf is None else bisect_left(self._sizes, leaf + 1)
        if by_leaf > by_position:
            return "not-covered", "the tree has no head over it that was signed after it was written"
        if at < self._not_before[by_leaf]:
            return "back-dated", f"it says {at}, and was not there when a later root was signed"
        if by_leaf < len(self._not_after) and at > self._not_after[by_leaf]:
            return "post-dated", f"it says {at}, and was there before"
        return None


async def verify_store(
    connection: AsyncConnection,
    tables: EvidenceTables,
    *,
    chains: Sequence[str] | None = None,
    keys: Sequence[PublicKey] = (),
    anchors: AnchorFiles | None = None,
    authority: Authority | None = None,
    tree: bool = True,
    progress: Callable[[int], None] = lambda _: None,
) -> Verified:
    """Verify the evidence of one service: all of it, or these `chains` and the tree. Answers what does not fit.

    Without `tree` it is not built anew, which reads all of it. `keys` are those that sign roots, `anchors`
    what was kept of them elsewhere, `authority` who stamped them. `progress` is told of the records seen so far.
    In a transaction that sees one state (`repeatable read`) while the services run.
    """
    found = Verified(tables.schema)
    roots = (await connection.execute(text(f"select * from {tables.roots.fullname} order by size"))).all()
    await _verify_chains(connection, tables, chains, _Roots(roots), found, progress)
    if tree:
        await _verify_tree(connection, tables, roots, keys, found)
    if authority is not None:
        await _verify_stamps(connection, tables, roots, authority, found)
    if anchors is not None:
        _verify_anchors(roots, keys, anchors, found)
    return found


async def _verify_chains(
    connection: AsyncConnection,
    tables: EvidenceTables,
    chains: Sequence[str] | None,
    roots: _Roots,
    found: Verified,
    progress: Callable[[int], None],
) -> None:
    only = "" if chains is None else "where chain = any($1)"
    values = () if chains is None else (list(chains),)
    leaves = _Leaves(
        _pages(
            connection,
            f"select chain, number, hash, leaf from {tables.leaves.fullname} {only} order by chain, number, leaf",
            *values,
        )
    )
    checked, current = Chains(loads=from_json), ""
    records = _pages(
        connection,
        "select chain, number, enterprise_code, hash, content, document, position"
        f" from {tables.records.fullname} {only} order by chain, number, enterprise_code",
        *values,
    )
    async for page in records:
        for row in page:
            chain, number, enterprise, hash_, content, document, position = row
            record = StoredRecord(chain, number, enterprise, hash_, content, document_of(document))
            fault = checked.check(record)
            if record.chain != current:
                current = record.chain
                found.chains += 1
                found.heads += [] if chains is None else [(current, checked.head)]
            if found.heads:
                found.heads[-1] = current, checked.head
            leaf, missing = await leaves.over(record.chain, record.number)
            found.add(*map(_missing, missing))
            at_leaf = None if leaf is None else leaf.leaf
            found.add(fault or _signed_otherwise(record, leaf, roots.judge(position, at_leaf, checked.at)))
            found.files += _files_of(record)
        found.records += len(page)
        progress(found.records)
    found.add(*map(_missing, await leaves.rest()))


def _signed_otherwise(record: StoredRecord, leaf: "_Leaf | None", wrong: tuple[str, str] | None) -> Fault | None:
    """What the signed tree and its roots say against a record that is well in itself."""
    if leaf is not None and leaf.number == record.number and leaf.hash != record.hash:
        wrong = "head-changed", "the signed tree has another hash of it"
    return None if wrong is None else Fault(record.chain, record.number, *wrong)


def _files_of(record: StoredRecord) -> list[NamedFile]:
    if b'"files":' not in record.content:
        return []
    named = from_json(record.content).get("files", ())
    return [NamedFile(record.chain, record.number, one["name"], one["sha256"]) for one in named]


def _missing(leaf: "_Leaf") -> Fault:
    return Fault(leaf.chain, leaf.number, "record-missing", "the signed tree has it, and the store has not")


class _Leaf(NamedTuple):
    """The head of a chain as the tree has it, and its place there."""

    chain: str
    number: int
    hash: bytes
    leaf: int


class _Leaves:
    """The leaves in the order of chains and numbers, read beside the records."""

    def __init__(self, pages: AsyncIterator[Sequence[Any]]) -> None:
        self._pages = pages
        self._page: Iterator[Any] = iter(())
        self._next: _Leaf | None = None
        self._over = False
        self._previous: tuple[str, int] = ("", 0)

    async def over(self, chain: str, number: int) -> tuple[_Leaf | None, list[_Leaf]]:
        """The first head of the chain at `number` or after it, and the heads passed by whose records are missing."""
        missing: list[_Leaf] = []
        while (leaf := await self._peek()) is not None and leaf[:2] < (chain, number):
            if leaf[:2] != self._previous:
                missing.append(leaf)
            self._next = None
        self._previous = (chain, number)
        return (leaf if leaf is not None and leaf.chain == chain else None), missing

    async def rest(self) -> list[_Leaf]:
        """The heads after the last record, but for its own."""
        missing: list[_Leaf] = []
        while (leaf := await self._peek()) is not None:
            if leaf[:2] != self._previous:
                missing.append(leaf)
            self._next = None
        return missing

    async def _peek(self) -> _Leaf | None:
        while self._next is None and not self._over:
            found = next(self._page, None)
            self._next = None if found is None else _Leaf(*found)
            if found is None:
                try:
                    self._page = iter(await anext(self._pages))
                except StopAsyncIteration:
                    self._over = True
        return self._next


async def _verify_tree(
    connection: AsyncConnection,
    tables: EvidenceTables,
    roots: Sequence[Row[Any]],
    keys: Sequence[PublicKey],
    found: Verified,
) -> None:
    """Build the tree anew from its leaves, and compare every root with it and with its signature."""
    tree, waiting = Growth(), iter(roots)
    root = next(waiting, None)
    ordered = f"select leaf, chain, enterprise_code, number, hash from {tables.leaves.fullname} order by leaf"
    async for page in _pages(connection, ordered):
        for number, chain, enterprise, of_record, hash_ in page:
            if number != tree.size:
                found.add(Fault(_CHAIN, tree.size, "leaf-missing", "the tree lacks a leaf"))
                return
            for _ in tree.add(merkle.leaf_hash(leaf_of(chain, enterprise, of_record, hash_))):
                pass
            if root is not None and tree.size == root.size:
                found.add(_of_root(root, tree, keys))
                found.roots += 1
                root = next(waiting, None)
    found.leaves = tree.size
    if root is not None:
        found.add(Fault(_CHAIN, root.size, "root-changed", f"the tree has {tree.size} leaves, and a root more"))
    for before, after in pairwise(roots):
        if after.covered < before.covered or after.at < before.at - _APART:
            found.add(Fault(_CHAIN, after.size, "root-changed", "the root is older than the one before it"))


def _of_root(root: Row[Any], tree: Growth, keys: Sequence[PublicKey]) -> Fault | None:
    if root.root != tree.root:
        return Fault(_CHAIN, root.size, "root-changed", "the leaves do not come to this root")
    key = signed_by(root.note, keys)
    if key is None:
        return None
    try:
        said = opened(root.note, key, verify)
    except ValueError as error:
        return Fault(_CHAIN, root.size, "signature", str(error))
    if said != Checkpoint(key.name, root.size, root.root, shown(root.at), root.covered):
        return Fault(_CHAIN, root.size, "root-changed", "the signed note says something else of this root")
    return None


async def _verify_stamps(
    connection: AsyncConnection,
    tables: EvidenceTables,
    roots: Sequence[Row[Any]],
    authority: Authority,
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
            found.add(Fault(_CHAIN, stamp.size, "timestamp", "there was a root of this size, and is not"))
            continue
        try:
            at = authority.stamped_at(stamp.token, root.note.encode())
        except NoTimestamp as error:
            found.add(Fault(_CHAIN, stamp.size, "timestamp", str(error)))
            continue
        if at < root.at - _APART:
            found.add(Fault(_CHAIN, stamp.size, "timestamp", f"it was stamped at {shown(at)}, before it was signed"))


def _verify_anchors(
    roots: Sequence[Row[Any]], keys: Sequence[PublicKey], anchors: AnchorFiles, found: Verified
) -> None:
    """Compare the roots of the store with those kept elsewhere, and trust the key that was kept with them."""
    stored = {row.size: row for row in roots}
    trusted = anchors.keys or keys
    if not trusted:
        found.add(Fault(_CHAIN, 0, "anchor", f"{anchors.directory} has no public key"))
        return
    for anchor in anchors.read():
        found.anchors += 1
        try:
            said = opened(anchor.note, signed_by(anchor.note, trusted) or trusted[0], verify)
        except ValueError as error:
            found.add(Fault(_CHAIN, anchor.size, "anchor", f"the anchor: {error}"))
            continue
        root = stored.get(said.size)
        if root is None or root.root != said.root:
            what = "lacks" if root is None else "has another root where"
            found.add(Fault(_CHAIN, said.size, "anchor", f"the store {what} the root kept elsewhere at {said.at}"))
            return


async def _pages(connection: AsyncConnection, statement: str, *values: object) -> AsyncIterator[Sequence[Any]]:
    """The rows of a statement, page after page, through a cursor of the driver: nothing else is as fast."""
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    cursor = await driver.cursor(statement, *values)
    while page := await cursor.fetch(_PAGE):
        yield page
