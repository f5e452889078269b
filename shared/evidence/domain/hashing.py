"""The hashes that records are chained by: SHA-256, or SM3 (GB/T 32905) where a bureau has to use it. Pure.

This module, `merkle`, `chains` and `checkpoints` need nothing but Python: a case file carries them along.
"""

import hashlib
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias

Algorithm: TypeAlias = Literal["sha256", "sm3"]
Hash: TypeAlias = Callable[[bytes], bytes]


def sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def sm3(content: bytes) -> bytes:
    """By `cryptography`, or by the OpenSSL of a Python that stands alone. Raises ValueError where neither has it."""
    try:
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415  not there where a case file is verified
    except ImportError:
        return hashlib.new("sm3", content).digest()
    digest = hashes.Hash(hashes.SM3())
    digest.update(content)
    return digest.finalize()


HASHES: Mapping[str, Hash] = {"sha256": sha256, "sm3": sm3}
