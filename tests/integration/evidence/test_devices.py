"""Roots signed by a device that stands in for our key, as OpenSSL does here with SM2: verified before they are kept."""

from base64 import b64encode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request, Response
from pydantic_core import from_json, to_json

from shared.evidence.anchors import AnchorFiles
from shared.evidence.devices import CommandSigner, HttpSigner, NotSigned, public_key
from shared.evidence.domain.checkpoints import Checkpoint, PublicKey, opened
from shared.evidence.signing import KeySigner, Signer, verify
from shared.runtime.evidence_keeping import signer_of
from shared.settings import Settings
from tests.integration.evidence.authority import serving
from tests.integration.evidence.device import Device
from tests.integration.evidence.store import Store
from tests.integration.evidence.test_anchors import LOOPBACK

NAME = "tricolor/dispatch"
ROOT = Checkpoint(NAME, 7, b"\x05" * 32, "2026-03-02T08:30:00+08:00", 12)
PEM, SPKI = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo


@pytest.fixture
def device(tmp_path: Path) -> Device:
    return Device(tmp_path / "device")


async def signed_by(signer: Signer, store: Store) -> None:
    """From now on the store's roots are signed by another; somebody writes its key below the first."""
    store.sign_by(signer)
    with (store.files.directory / "public-key").open("a", encoding="utf-8") as keys:
        keys.write(f"{signer.key}\n")
    await store.happens(1, 2)
    await store.sign()


async def test_a_device_takes_over_and_everything_verifies(store: Store, device: Device) -> None:
    await signed_by(CommandSigner(public_key(NAME, device.public), device.command), store)
    found = await store.verified()
    assert (found.passed, found.roots, found.anchors) == (True, 4, 4)
    lines = [from_json(line) for day in store.files.days for line in day.read_bytes().splitlines()]
    assert [line["algorithm"] for line in lines] == ["ed25519"] * 3 + ["sm2"]
    assert [line["key"] for line in lines] == [key.number.hex() for key in store.files.keys for _ in range(3)][:4]


async def test_a_key_that_nobody_wrote_down_shows(store: Store, device: Device) -> None:
    store.sign_by(CommandSigner(public_key(NAME, device.public), device.command))
    await store.happens(1)
    await store.sign()
    found = await store.verified()
    assert {fault.code for fault in found.faults} == {"signature", "anchor"}


async def test_a_root_that_was_signed_by_another_key_shows(store: Store, device: Device, tmp_path: Path) -> None:
    await signed_by(CommandSigner(public_key(NAME, device.public), device.command), store)
    first, _ = store.files.keys
    thief = public_key(NAME, Device(tmp_path / "thief").public)
    (store.files.directory / "public-key").write_text(f"{first}\n{thief}\n", encoding="utf-8")
    found = await store.verified()
    assert {fault.code for fault in found.faults} == {"signature", "anchor"}


@pytest.mark.parametrize("encoded", [True, False], ids=["base64", "DER"])
async def test_a_device_is_asked_over_http(device: Device, encoded: bool) -> None:
    app = FastAPI()

    @app.post("/sign")
    async def sign(request: Request) -> Response:
        signature = device.sign(await request.body())
        return Response(b64encode(signature) if encoded else signature)

    key = public_key(NAME, device.public)
    async with serving(app) as url:
        note = await HttpSigner(key, f"{url}sign", LOOPBACK).sign(ROOT)
        assert opened(note, PublicKey.read(str(key)), verify) == ROOT
        with pytest.raises(NotSigned, match="private"):
            await HttpSigner(key, f"{url}sign").sign(ROOT)
        with pytest.raises(NotSigned, match="404"):
            await HttpSigner(key, f"{url}nothing", LOOPBACK).sign(ROOT)


async def test_an_ed25519_device_is_asked_by_a_program(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.generate()
    written = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(private.private_bytes(PEM, *written))
    # OpenSSL signs Ed25519 of files only, so that a program of one's own stands in between, as for most devices.
    program = f"cat > {tmp_path}/text; openssl pkeyutl -sign -rawin -inkey {tmp_path}/key.pem -in {tmp_path}/text"
    key = public_key(NAME, private.public_key().public_bytes(PEM, SPKI).decode())
    note = await CommandSigner(key, ["sh", "-c", program]).sign(ROOT)
    assert opened(note, key, verify) == ROOT


@pytest.mark.parametrize(
    ("command", "says"),
    [
        (["/nowhere/signs"], "does not run"),
        (["sh", "-c", "echo the token is locked >&2; exit 3"], "ended with 3: the token is locked"),
        (["sh", "-c", "cat > /dev/null; echo nonsense"], "no SM2 signature"),
        (["sh", "-c", "cat > /dev/null; head -c 64 /dev/zero"], "no signature by"),
    ],
)
async def test_what_is_no_signature_is_not_taken(device: Device, command: list[str], says: str) -> None:
    with pytest.raises(NotSigned, match=says):
        await CommandSigner(public_key(NAME, device.public), command).sign(ROOT)


async def test_a_device_that_does_not_sign_leaves_the_root_for_later(store: Store, device: Device) -> None:
    key = public_key(NAME, device.public)
    store.sign_by(CommandSigner(key, ["false"]))
    await store.happens(1)
    with pytest.raises(NotSigned):
        await store.sign()
    await signed_by(CommandSigner(key, device.command), store)
    assert (await store.verified()).passed


def test_a_signer_is_what_the_settings_say(device: Device, tmp_path: Path) -> None:
    assert isinstance(signer_of(Settings(), NAME, tmp_path), KeySigner)
    own = Settings(evidence_signer_key=device.public)
    program = own.model_copy(update={"evidence_signer_command": device.command})
    assert isinstance(signer_of(program, NAME, tmp_path), CommandSigner)
    over_http = own.model_copy(update={"evidence_signer_url": "http://127.0.0.1:9/"})
    assert isinstance(signer_of(over_http, NAME, tmp_path), HttpSigner)
    with pytest.raises(ValueError, match="SIGNER_KEY"):
        signer_of(Settings(evidence_signer_command=device.command), NAME, tmp_path)
    another = generate_private_key(SECP256R1()).public_key().public_bytes(PEM, SPKI).decode()
    for pem in (another, "no key at all"):
        with pytest.raises(ValueError, match="SIGNER_KEY"):
            public_key(NAME, pem)


async def test_anchors_written_before_are_read(store: Store) -> None:
    """Those of releases that did not say who signed."""
    (day,) = store.files.days
    lines = [from_json(line) for line in day.read_bytes().splitlines()]
    before = ({"size": line["size"], "note": line["note"]} for line in lines)
    day.write_bytes(b"".join(to_json(line) + b"\n" for line in before))
    assert [anchor.size for anchor in AnchorFiles(store.files.directory).read()] == [3, 5, 7]
    assert (await store.verified()).passed
