"""Merkle trees by RFC 6962: hashes, and proofs that a leaf is in a tree and that one tree is the beginning of another.

A tree is known by its nodes: the node (level, index) is the hash of the 2^level leaves from index * 2^level on. Those
that are complete never change again. Pure, and needs nothing but Python.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from shared.evidence.domain.hashing import sha256

Node: TypeAlias = tuple[int, int]
"""A complete node: its level and its index there."""
Span: TypeAlias = tuple[int, int]
"""The leaves of a subtree, half-open."""
EMPTY = sha256(b"")


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


class Growth:
    """A tree that leaves are added to, of which only the complete nodes at its edge are held."""

    def __init__(self, size: int = 0, edge: Sequence[bytes] = ()) -> None:
        """`edge` are the hashes of `nodes_of((0, size))`."""
        self.size = size
        self._edge = list(zip((level for level, _ in nodes_of((0, size))), edge, strict=True))

    def add(self, hash_: bytes) -> Iterator[tuple[Node, bytes]]:
        """Add a leaf by its hash; the nodes that it completes, itself first."""
        level, index = 0, self.size
        self.size += 1
        yield (level, index), hash_
        while self._edge and self._edge[-1][0] == level:
            hash_ = node_hash(self._edge.pop()[1], hash_)
            level, index = level + 1, index // 2
            yield (level, index), hash_
        self._edge.append((level, hash_))

    @property
    def root(self) -> bytes:
        return joined([hash_ for _, hash_ in self._edge])


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The root of the tree over `leaves`."""
    tree = Growth()
    for leaf in leaves:
        for _ in tree.add(leaf_hash(leaf)):
            pass
    return tree.root


def nodes_of(span: Span) -> list[Node]:
    """The complete nodes that a subtree consists of, the largest first."""
    start, end = span
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def joined(hashes: Sequence[bytes]) -> bytes:
    """The hash of a subtree from those of its complete nodes."""
    if not hashes:
        return EMPTY
    *rest, hash_ = hashes
    for left in reversed(rest):
        hash_ = node_hash(left, hash_)
    return hash_


def inclusion(index: int, size: int) -> list[Span]:
    """The subtrees whose hashes prove that the leaf `index` is in the tree of `size` leaves (RFC 6962, 2.1.1)."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[Span] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency(old: int, new: int) -> list[Span]:
    """The subtrees whose hashes prove that the tree of `old` leaves begins that of `new` ones (RFC 6962, 2.1.2)."""
    if not 0 < old <= new:
        raise ValueError(f"a tree of {old} leaves does not begin one of {new}")
    path: list[Span] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    if not whole:
        path.append((start, end))
    return path[::-1]


def includes(root: bytes, size: int, index: int, leaf: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that `leaf` (its hash) stands at `index` under `root` (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    number, last, hash_ = index, size - 1, leaf
    for other in path:
        if last == 0:
            return False
        if number & 1 or number == last:
            hash_ = node_hash(other, hash_)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, other)
        number, last = number >> 1, last >> 1
    return last == 0 and hash_ == root


def extends(old: int, old_root: bytes, new: int, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of `new` leaves begins with that of `old` ones (RFC 9162, 2.1.4.2)."""
    if old == new:
        return not path and old_root == new_root
    if not 0 < old < new:
        return False
    number, last, given = old - 1, new - 1, list(path)
    while number & 1:
        number, last = number >> 1, last >> 1
    first = old_root if number == 0 else given.pop(0) if given else b""
    old_hash = new_hash = first
    for other in given:
        if last == 0:
            return False
        if number & 1 or number == last:
            old_hash, new_hash = node_hash(other, old_hash), node_hash(other, new_hash)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new_hash = node_hash(new_hash, other)
        number, last = number >> 1, last >> 1
    return last == 0 and old_hash == old_root and new_hash == new_root


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
