"""SM2 signatures are verified as OpenSSL makes them, with nothing but Python."""

import pytest

from shared.evidence.domain import sm2
from shared.evidence.domain.checkpoints import PublicKey

# openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2
# openssl dgst -sm3 -sign … -sigopt distid:1234567812345678
KEY = bytes.fromhex(
    "6618c226dc9a981bbc938eb3b6e181ecbd1870dd617e9e5dc37abe507a45faaf"
    "d1cebb55d963fa99866f9ac440ec97278ba63b66a0a1f3e22942e2ba76ac0e00"
)
SIGNATURE = bytes.fromhex(
    "790c0f0e4be33ca0c447d112123bb4162f7aef0efb92fb9114eda6b3f0596327"
    "c07ad2da9eee2eb6ded39b57f48c12b9a2852f2f6194a1bc26d826cf55f79d9b"
)
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def test_a_signature_by_openssl_is_that_of_its_text_and_of_no_other() -> None:
    assert sm2.verify(KEY, SIGNATURE, b"hello")
    assert not sm2.verify(KEY, SIGNATURE, b"hallo")


@pytest.mark.parametrize("bit", [0, 7, 255, 256, 300, 511])
def test_what_was_changed_is_none(bit: int) -> None:
    spoilt = (int.from_bytes(SIGNATURE) ^ 1 << bit).to_bytes(64)
    assert not sm2.verify(KEY, spoilt, b"hello")
    assert not sm2.verify((int.from_bytes(KEY) ^ 1 << bit).to_bytes(64), SIGNATURE, b"hello")


@pytest.mark.parametrize(
    ("key", "signature"),
    [
        (b"", SIGNATURE),
        (KEY, b""),
        (b"\x00" * 64, SIGNATURE),
        (b"\xff" * 64, SIGNATURE),
        (KEY, b"\x00" * 64),
        (KEY, SIGNATURE[:32] + b"\x00" * 32),
        (KEY, b"\x00" * 32 + SIGNATURE[32:]),
        (KEY, SIGNATURE[:32] + ORDER.to_bytes(32)),
        (KEY, SIGNATURE[:32] + (ORDER - int.from_bytes(SIGNATURE[:32])).to_bytes(32)),
    ],
)
def test_what_is_no_key_or_signature_is_none(key: bytes, signature: bytes) -> None:
    assert not sm2.verify(key, signature, b"hello")


def test_a_key_is_written_and_read_with_its_algorithm() -> None:
    key = PublicKey("tricolor/dispatch", KEY, "sm2")
    assert PublicKey.read(str(key)) == key
    assert PublicKey("tricolor/dispatch", KEY[:32]).number != key.number
