"""The verifier that needs only Python judges Ed25519 signatures as `cryptography` does, and as RFC 8032 says."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.evidence.domain import ed25519
from shared.evidence.signing import verify

# RFC 8032, section 7.1: key, message, signature.
VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
]


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc(key: str, message: str, signature: str) -> None:
    assert ed25519.verify(bytes.fromhex(key), bytes.fromhex(signature), bytes.fromhex(message))
    assert not ed25519.verify(bytes.fromhex(key), bytes.fromhex(signature), b"another")


@settings(max_examples=20)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 64 * 8 - 1))
def test_it_judges_as_the_library_does(seed: bytes, text: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key, signature = private.public_key().public_bytes_raw(), private.sign(text)
    assert ed25519.verify(key, signature, text)
    spoilt = (int.from_bytes(signature, "big") ^ 1 << bit).to_bytes(64, "big")
    assert ed25519.verify(key, spoilt, text) == verify(key, spoilt, text) is False


def test_what_is_no_key_or_signature_is_none() -> None:
    assert not ed25519.verify(b"", b"\x00" * 64, b"")
    assert not ed25519.verify(b"\xff" * 32, b"\x00" * 64, b"")
    assert not ed25519.verify(bytes.fromhex(VECTORS[0][0]), b"\x00" * 32 + b"\xff" * 32, b"")
