"""Merkle trees are those of RFC 6962: the vectors of Certificate Transparency's reference, and every small tree."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.evidence.domain import merkle
from shared.evidence.domain.merkle import Growth, Span

LEAVES = [bytes.fromhex(one) for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657")]
LEAVES.append(bytes.fromhex("606162636465666768696a6b6c6d6e6f"))
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCY = {
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


def hashes(leaves: list[bytes], spans: list[Span]) -> list[bytes]:
    return [by_definition(leaves[start:end]) for start, end in spans]


def leaves_of(size: int) -> list[bytes]:
    return [str(number).encode() for number in range(size)]


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_vectors(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]).hex() == ROOTS[size - 1]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert merkle.root_of([]) == merkle.EMPTY == sha256(b"").digest()


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_vectors(index: int, size: int) -> None:
    path = hashes(LEAVES, merkle.inclusion(index, size))
    assert [one.hex() for one in path] == INCLUSION[index, size]
    root = bytes.fromhex(ROOTS[size - 1])
    assert merkle.includes(root, size, index, merkle.leaf_hash(LEAVES[index]), path)


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_vectors(old: int, new: int) -> None:
    path = hashes(LEAVES, merkle.consistency(old, new))
    assert [one.hex() for one in path] == CONSISTENCY[old, new]
    assert merkle.extends(old, bytes.fromhex(ROOTS[old - 1]), new, bytes.fromhex(ROOTS[new - 1]), path)


def test_every_proof_in_every_small_tree_holds_and_no_other_leaf_or_root_passes() -> None:
    for size in range(1, 34):
        leaves = leaves_of(size)
        root = by_definition(leaves)
        for index in range(size):
            path = hashes(leaves, merkle.inclusion(index, size))
            leaf = merkle.leaf_hash(leaves[index])
            assert merkle.includes(root, size, index, leaf, path)
            assert not merkle.includes(root, size, index, merkle.leaf_hash(b"other"), path)
            assert not merkle.includes(root, size, (index + 1) % size, leaf, path) or size == 1
            assert not merkle.includes(root, size, index, leaf, [*path, root])
        for old in range(1, size + 1):
            path = hashes(leaves, merkle.consistency(old, size))
            assert merkle.extends(old, by_definition(leaves[:old]), size, root, path)
            assert not merkle.extends(old, merkle.leaf_hash(b"other"), size, root, path)
            assert not merkle.extends(old, by_definition(leaves[:old]), size, merkle.leaf_hash(b"other"), path)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_tree_that_grows_in_steps_is_the_tree_over_all(first: int, second: int) -> None:
    leaves = leaves_of(first + second)
    nodes: dict[merkle.Node, bytes] = {}
    grown = Growth()
    for leaf in leaves[:first]:
        nodes |= dict(grown.add(merkle.leaf_hash(leaf)))
    assert grown.root == by_definition(leaves[:first])
    again = Growth(first, [nodes[node] for node in merkle.nodes_of((0, first))])
    for leaf in leaves[first:]:
        nodes |= dict(again.add(merkle.leaf_hash(leaf)))
    assert again.root == by_definition(leaves)
    spans = {span for old in range(1, len(leaves) + 1, 7) for span in merkle.consistency(old, len(leaves))}
    for span in spans:
        assert merkle.joined([nodes[node] for node in merkle.nodes_of(span)]) == by_definition(leaves[slice(*span)])


def test_a_tree_neither_shrinks_nor_has_leaves_that_it_has_not() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        merkle.inclusion(3, 3)
    with pytest.raises(ValueError, match="does not begin"):
        merkle.consistency(4, 3)
    assert not merkle.extends(4, b"", 3, b"", [])
    assert not merkle.includes(b"", 0, 0, b"", [])
