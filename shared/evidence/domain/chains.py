"""Checking chains of records: each names the number and the hash of the one before. Pure; needs nothing but Python."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from shared.evidence.domain.hashing import HASHES


class Head(NamedTuple):
    """The last record of a chain: its number and hash."""

    number: int
    hash: bytes


START = Head(0, b"")
"""Of a chain that has no record yet."""


class StoredRecord(NamedTuple):
    """A record as it is stored: where it stands, and the bytes that were hashed."""

    chain: str
    number: int
    enterprise: str
    hash: bytes
    content: bytes
    document: bytes


_ZH = {
    "content-unreadable": "内容无法读取，不是存证记录",
    "content-changed": "内容与写入时的散列值不符（被改动）",
    "document-changed": "所附文书与写入时的散列值不符（被改动）",
    "previous": "与前一条记录的散列值不衔接",
    "number": "序号不连续，其前有缺失或重复",
    "misplaced": "不在原来的位置",
    "not-covered": "签名之后仍未纳入存证树",
    "back-dated": "所记时间早于实际写入时间（倒填）",
    "post-dated": "所记时间晚于实际写入时间",
    "head-changed": "与已签名存证树中的散列值不同",
    "record-missing": "已签名的存证树中有，库中没有（被删除）",
    "leaf-missing": "之处存证树缺少叶子",
    "root-changed": "之处存证树的根被改动",
    "signature": "之处存证树的签名不符",
    "timestamp": "之处可信时间戳不符",
    "anchor": "之处与异地留存的树根不符",
}
"""What each kind of fault is."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not fit, and where. `code` names the kind for programs."""

    chain: str
    number: int
    code: str
    detail: str

    def __str__(self) -> str:
        return f"{self.chain} #{self.number}: {self.detail} ({self.code})"

    @property
    def zh(self) -> str:
        """The same in Chinese; times and hashes stand in `detail`."""
        return f"{self.chain} 第 {self.number} 条{_ZH.get(self.code, '不符')}（{self.code}）"


def leaf_of(chain: str, enterprise: str, number: int, hash_: bytes) -> bytes:
    """What stands in the tree for the head of a chain: canonical JSON (RFC 8785)."""
    # Written out: `json.dumps` with separators of one's own makes an encoder for each call.
    names = f'"chain":{encode_basestring(chain)},"enterprise":{encode_basestring(enterprise)}'
    return f'{{{names},"hash":"{hash_.hex()}","number":{number}}}'.encode()


class Chains:
    """Checks records as they come, chain after chain, each in the order of its numbers."""

    def __init__(self, loads: Callable[[bytes], Any] = json.loads) -> None:
        self._loads = loads
        self.chain, self.head = "", START
        self.at = ""
        """When the last record was written, as it says."""

    def check(self, row: StoredRecord) -> Fault | None:
        """What is wrong with the next record, if anything. What follows is judged by what stands there."""
        chain, number, _, hash_, _, _ = row
        if chain != self.chain:
            self.chain, self.head = chain, START
        before, self.head = self.head, Head(number, hash_)
        wrong = self._wrong(row, before)
        return None if wrong is None else Fault(chain, number, *wrong)

    def _wrong(self, row: StoredRecord, before: Head) -> tuple[str, str] | None:
        chain, number, enterprise, hash_, content, document = row
        try:
            said = self._loads(content)
            self.at = said["at"]
            hashed = HASHES[said["hash"]]
            named = said["chain"], said["number"], said["enterprise"]
            previous, documented = said["previous"], said["document"][said["hash"]]
        except (ValueError, KeyError, TypeError) as error:
            return "content-unreadable", f"the content is no record: {type(error).__name__}"
        wrong = None
        if hashed(content) != hash_:
            wrong = "content-changed", "the content is not what was hashed"
        elif named != (chain, number, enterprise):
            wrong = "misplaced", f"the content is of {named[0]} #{named[1]}"
        elif number != before.number + 1:
            what = "stands twice" if number <= before.number else f"follows {before.number}: records are missing"
            wrong = "number", f"the number {what}"
        elif previous != before.hash.hex():
            wrong = "previous", "it does not follow the record before it"
        elif hashed(document).hex() != documented:
            wrong = "document-changed", "the document is not what was hashed"
        return wrong
