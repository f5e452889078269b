"""Signed roots, as notes (C2SP tlog-checkpoint and signed-note) that other programs read too.

    tricolor/dispatch
    1234                                          how many leaves
    vX8…=                                         the root, in base64
    at 2026-11-29T02:40:00+08:00                  when it was signed
    covered 5678                                  every record up to this position of the store is under it

    — tricolor/dispatch 9mR…=                     the key's number and the signature

Pure, and needs nothing but Python; how a signature is verified is brought along.
"""

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import NamedTuple

ED25519 = b"\x01"
Verify = Callable[[bytes, bytes, bytes], bool]
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
    """The key that the roots of a log are verified by. Written as `name+number+base64`."""

    name: str
    key: bytes

    @property
    def number(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.key).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.number.hex()}+{b64encode(ED25519 + self.key).decode()}"

    @classmethod
    def read(cls, written: str) -> "PublicKey":
        """Raises ValueError for what is no Ed25519 key of a log."""
        name, number, encoded = written.strip().split("+", 2)
        kind_and_key = b64decode(encoded, validate=True)
        key = cls(name, kind_and_key[1:])
        if kind_and_key[:1] != ED25519 or len(key.key) != 32 or key.number.hex() != number:
            raise ValueError(f"{written!r} is no Ed25519 key of a log")
        return key


def signed(checkpoint: Checkpoint, key: PublicKey, sign: Callable[[bytes], bytes]) -> str:
    """The note: the text, and its signature by the holder of `key`."""
    text = checkpoint.text
    signature = b64encode(key.number + sign(text.encode())).decode()
    return f"{text}\n— {key.name} {signature}\n"


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
            if checkpoint.text == f"{text}\n" and verify(key.key, signature[4:], f"{text}\n".encode()):
                return checkpoint
            raise ValueError("the signature is not that of this root")
    raise ValueError(f"nobody signed it by the key {key.name}+{key.number.hex()}")
