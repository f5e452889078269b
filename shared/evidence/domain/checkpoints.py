"""Signed roots, as notes (C2SP tlog-checkpoint and signed-note) that other programs read too.

    tricolor/dispatch
    1234                                          how many leaves
    vX8…=                                         the root, in base64
    at 2026-11-29T02:40:00+08:00                  when it was signed
    covered 5678                                  every record up to this position of the store is under it

    — tricolor/dispatch 9mR…=                     the key's number and the signature

Pure, and needs nothing but Python; how an Ed25519 signature is verified is brought along.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, TypeAlias

from shared.evidence.domain import sm2

SignatureAlgorithm: TypeAlias = Literal["ed25519", "sm2"]
_KINDS: Mapping[SignatureAlgorithm, bytes] = {"ed25519": b"\x01", "sm2": b"\xffsm2-sm3:"}
"""How keys are marked: as C2SP has it, which has no number for SM2."""
_LENGTHS: Mapping[SignatureAlgorithm, int] = {"ed25519": 32, "sm2": 64}
Verify: TypeAlias = Callable[[bytes, bytes, bytes], bool]
"""Whether, under a public key, a signature is that of a text."""


class Checkpoint(NamedTuple):
    """What a root says: of which log, how many leaves it is over, when it was signed, and what it covers."""

    origin: str
    size: int
    root: bytes
    at: str
    covered: int

    @property
    def text(self) -> str:
        root = b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\nat {self.at}\ncovered {self.covered}\n"


class PublicKey(NamedTuple):
    """The key that the roots of a log are verified by. Written as `name+number+base64`.

    Of Ed25519 it is the key as RFC 8032 writes it, of SM2 x and y.
    """

    name: str
    key: bytes
    algorithm: SignatureAlgorithm = "ed25519"

    @property
    def number(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + _KINDS[self.algorithm] + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.number.hex()}+{b64encode(_KINDS[self.algorithm] + self.key).decode()}"

    @classmethod
    def read(cls, written: str) -> "PublicKey":
        """Raises ValueError for what is no Ed25519 or SM2 key of a log."""
        name, number, encoded = written.strip().split("+", 2)
        kind_and_key = b64decode(encoded, validate=True)
        for algorithm, kind in _KINDS.items():
            if kind_and_key.startswith(kind):
                key = cls(name, kind_and_key.removeprefix(kind), algorithm)
                if len(key.key) == _LENGTHS[algorithm] and key.number.hex() == number:
                    return key
        raise ValueError(f"{written!r} is no Ed25519 or SM2 key of a log")

    def verifies(self, signature: bytes, text: bytes, ed25519: Verify) -> bool:
        """Whether `signature` is that of `text`."""
        return (ed25519 if self.algorithm == "ed25519" else sm2.verify)(self.key, signature, text)


def signed(checkpoint: Checkpoint, key: PublicKey, sign: Callable[[bytes], bytes]) -> str:
    """The note: the text, and its signature by the holder of `key`."""
    text = checkpoint.text
    signature = b64encode(key.number + sign(text.encode())).decode()
    return f"{text}\n— {key.name} {signature}\n"


def signed_by(note: str, keys: Sequence[PublicKey]) -> PublicKey | None:
    """The key of these by which the note says that it is signed; else the first, if there is one."""
    for key in keys:
        for line in note.partition("\n\n")[2].splitlines():
            if line.startswith(f"— {key.name} ") and b64decode(line.rpartition(" ")[2])[:4] == key.number:
                return key
    return keys[0] if keys else None


def opened(note: str, key: PublicKey, verify: Verify) -> Checkpoint:
    """What a note says. Raises ValueError where it is no checkpoint, or not signed by the holder of `key`."""
    text, apart, signatures = note.partition("\n\n")
    lines = text.split("\n")
    if not apart or len(lines) != 5 or not lines[3].startswith("at ") or not lines[4].startswith("covered "):
        raise ValueError("this is no signed root")
    origin, size, root, at, covered = lines
    checkpoint = Checkpoint(origin, int(size), b64decode(root, validate=True), at[3:], int(covered[8:]))
    for line in signatures.splitlines():
        dash, name, encoded = line.split(" ", 2)
        signature = b64decode(encoded, validate=True)
        if dash == "—" and name == key.name and signature[:4] == key.number:
            if checkpoint.text == f"{text}\n" and key.verifies(signature[4:], f"{text}\n".encode(), verify):
                return checkpoint
            raise ValueError("the signature is not that of this root")
    raise ValueError(f"nobody signed it by the key {key.name}+{key.number.hex()}")
