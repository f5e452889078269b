"""Signing roots: with an Ed25519 key beside the data or of the settings, or by a device that stands in for it."""

import contextlib
import os
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.evidence.domain.checkpoints import Checkpoint, PublicKey, signed

_KEY = "signing-key.pem"


class Signer(Protocol):
    """Signs the roots of one log: the port where a certified device stands in."""

    @property
    def key(self) -> PublicKey:
        """What its signatures are verified by."""

    async def sign(self, checkpoint: Checkpoint) -> str:
        """The signed note of a root."""


class KeySigner:
    """Signs with a key that this process holds."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self._private = private
        raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.key = PublicKey(name, raw)

    async def sign(self, checkpoint: Checkpoint) -> str:
        return signed(checkpoint, self.key, self._private.sign)


def private_key(pem: str | None, directory: Path) -> Ed25519PrivateKey:
    """The key in `pem`, else the one in `directory`, made when it is asked for first.

    Raises TypeError for a key of another kind, ValueError for none.
    """
    if pem is None:
        pem = _kept(directory / _KEY).read_text(encoding="ascii")
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError("TRICOLOR_EVIDENCE_SIGNING_KEY is to be an Ed25519 private key in PEM")
    return key


def _kept(path: Path) -> Path:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_bytes(pem)
        # Linking refuses to overwrite: of two starters the first one's key stands.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path


def verify(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether the Ed25519 `signature` is that of `text`."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        return False
    return True
