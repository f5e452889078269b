"""Signed roots are notes that others can read, and only the holder of the key can write them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.evidence.domain.checkpoints import Checkpoint, PublicKey, opened
from shared.evidence.signing import KeySigner, verify

ROOT = Checkpoint("tricolor/dispatch", 7, b"\x05" * 32, "2026-03-02T08:30:00+08:00", 12)
SIGNER = KeySigner(ROOT.origin, Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))


async def test_what_was_signed_is_read() -> None:
    note = await SIGNER.sign(ROOT)
    assert note.splitlines()[:5] == [
        "tricolor/dispatch",
        "7",
        "BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=",
        "at 2026-03-02T08:30:00+08:00",
        "covered 12",
    ]
    assert opened(note, PublicKey.read(str(SIGNER.key)), verify) == ROOT


@pytest.mark.parametrize(
    ("before", "after"),
    [("\n7\n", "\n8\n"), ("08:30", "08:31"), ("covered 12", "covered 13"), ("BQUF", "BQUG"), ("\n\n", "\nmore\n\n")],
)
async def test_what_was_changed_is_refused(before: str, after: str) -> None:
    with pytest.raises(ValueError, match=r"not that of this root|no signed root"):
        opened((await SIGNER.sign(ROOT)).replace(before, after, 1), SIGNER.key, verify)


async def test_another_key_does_not_open_it() -> None:
    other = KeySigner(ROOT.origin, Ed25519PrivateKey.generate())
    with pytest.raises(ValueError, match="nobody signed it by the key"):
        opened(await other.sign(ROOT), SIGNER.key, verify)


@pytest.mark.parametrize("written", ["", "a+b", "tricolor/dispatch+00000000+AQUF", f"{SIGNER.key}A=="])
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        PublicKey.read(written)
