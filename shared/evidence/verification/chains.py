"""Verifying every record and every chain, and where each stands under the tree and its signed roots.

One walk in the order of chains and numbers over records and leaves side by side.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from pydantic_core import from_json
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.evidence.domain.chains import Chains, Fault, StoredRecord
from shared.evidence.log import as_hashed
from shared.evidence.tables import EvidenceTables
from shared.evidence.verification.findings import NamedFile, Verified
from shared.evidence.verification.leaves import Leaf, Leaves
from shared.evidence.verification.pages import pages
from shared.time.instants import shown


class Roots:
    """The roots as they are stored, and which of them is the first over a position or a leaf."""

    def __init__(self, rows: Sequence[Row[Any]], apart: timedelta) -> None:
        self._covered = [row.covered for row in rows]
        self._sizes = [row.size for row in rows]
        self._not_before = ["", *(shown(row.at - apart) for row in rows)]
        self._not_after = [shown(row.at + apart) for row in rows]

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


async def verify_chains(
    connection: AsyncConnection,
    tables: EvidenceTables,
    chains: Sequence[str] | None,
    roots: Roots,
    found: Verified,
    progress: Callable[[int], None],
) -> None:
    only = "" if chains is None else "where chain = any($1)"
    values = () if chains is None else (list(chains),)
    leaves = Leaves(
        pages(
            connection,
            f"select chain, number, hash, leaf from {tables.leaves.fullname} {only} order by chain, number, leaf",
            *values,
        )
    )
    checked, current = Chains(loads=from_json), ""
    records = pages(
        connection,
        "select chain, number, enterprise_code, hash, content, document, position"
        f" from {tables.records.fullname} {only} order by chain, number, enterprise_code",
        *values,
    )
    async for page in records:
        for row in page:
            chain, number, enterprise, hash_, content, document, position = row
            record = StoredRecord(chain, number, enterprise, hash_, as_hashed(content), as_hashed(document))
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


def _signed_otherwise(record: StoredRecord, leaf: Leaf | None, wrong: tuple[str, str] | None) -> Fault | None:
    """What the signed tree and its roots say against a record that is well in itself."""
    if leaf is not None and leaf.number == record.number and leaf.hash != record.hash:
        wrong = "head-changed", "the signed tree has another hash of it"
    return None if wrong is None else Fault(record.chain, record.number, *wrong)


def _files_of(record: StoredRecord) -> list[NamedFile]:
    if b'"files":' not in record.content:
        return []
    named = from_json(record.content).get("files", ())
    return [NamedFile(record.chain, record.number, one["name"], one["sha256"]) for one in named]


def _missing(leaf: Leaf) -> Fault:
    return Fault(leaf.chain, leaf.number, "record-missing", "the signed tree has it, and the store has not")
