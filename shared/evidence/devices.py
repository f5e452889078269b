"""Signers that are devices (签名验签服务器, a PKCS#11 token, …), asked by a small program or over HTTP.

What goes there is the text of a root, what comes back its signature: Ed25519's 64 bytes, or SM2's (over SM3, with the
usual identity) as r and s or in DER; each as it is or in base64. Every signature is verified before it is taken.
"""

import asyncio
import binascii
import contextlib
from abc import ABC, abstractmethod
from base64 import b64decode
from collections.abc import Sequence

import httpx
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from shared.evidence.domain.checkpoints import Checkpoint, PublicKey, SignatureAlgorithm, signed
from shared.evidence.signing import verify
from shared.outgoing import Network, OutgoingTransport

_SPKI: dict[SignatureAlgorithm, bytes] = {
    "ed25519": bytes.fromhex("302a300506032b6570032100"),
    "sm2": bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004"),
}
"""What a SubjectPublicKeyInfo begins with, before the key."""
_SIGNATURE_BYTES = 64
_MOST_BYTES = 4096
_TIMEOUT_SECONDS = 10.0


class NotSigned(Exception):  # noqa: N818  not a fault of ours: the root is signed at the next pass
    """The device did not sign, or not so that its key verifies it."""


class _Device(ABC):
    def __init__(self, key: PublicKey) -> None:
        self.key = key

    async def sign(self, checkpoint: Checkpoint) -> str:
        """Raises NotSigned."""
        text = checkpoint.text.encode()
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                answer = await self._ask(text)
        except TimeoutError as error:
            raise NotSigned(f"the signing device did not answer within {_TIMEOUT_SECONDS:g} s") from error
        signature = _signature_in(answer[:_MOST_BYTES], self.key.algorithm)
        if not self.key.verifies(signature, text, verify):
            raise NotSigned(f"what the signing device answered is no signature by {self.key}")
        return signed(checkpoint, self.key, lambda _: signature)

    @abstractmethod
    async def _ask(self, text: bytes) -> bytes: ...


class CommandSigner(_Device):
    """Runs a program, which reads the text and writes the signature."""

    def __init__(self, key: PublicKey, command: Sequence[str]) -> None:
        super().__init__(key)
        self._command = command

    async def _ask(self, text: bytes) -> bytes:
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(*self._command, stdin=pipe, stdout=pipe, stderr=pipe)
        except OSError as error:
            raise NotSigned(f"the signing program does not run: {error}") from error
        try:
            answer, complaint = await process.communicate(text)
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            said = complaint.decode(errors="replace").strip()[-200:]
            raise NotSigned(f"the signing program ended with {process.returncode}: {said}")
        return answer


class HttpSigner(_Device):
    """Posts the text, and is answered the signature. `private` are the private networks that the device may be in."""

    def __init__(self, key: PublicKey, url: str, private: Sequence[Network] = ()) -> None:
        super().__init__(key)
        self._url, self._private = url, private

    async def _ask(self, text: bytes) -> bytes:
        transport = OutgoingTransport(self._private)
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, transport=transport, trust_env=False) as client:
            try:
                headers = {"Content-Type": "text/plain; charset=utf-8"}
                answer = await client.post(self._url, content=text, headers=headers)
                answer.raise_for_status()
            except httpx.HTTPError as error:
                raise NotSigned(f"the signing device: {type(error).__name__}: {error}") from error
            return answer.content


def public_key(name: str, pem: str) -> PublicKey:
    """The key of a log by a device's public key in PEM. Raises ValueError for one that is neither Ed25519 nor SM2."""
    lines = [line.strip() for line in pem.strip().splitlines()]
    if lines[0] != "-----BEGIN PUBLIC KEY-----" or lines[-1] != "-----END PUBLIC KEY-----":
        raise ValueError("TRICOLOR_EVIDENCE_SIGNER_KEY is to be a public key in PEM")
    encoded = b64decode("".join(lines[1:-1]), validate=True)
    for algorithm, beginning in _SPKI.items():
        if encoded.startswith(beginning):
            return PublicKey.read(str(PublicKey(name, encoded.removeprefix(beginning), algorithm)))
    raise ValueError("TRICOLOR_EVIDENCE_SIGNER_KEY is to be an Ed25519 or SM2 key")


def _signature_in(answer: bytes, algorithm: SignatureAlgorithm) -> bytes:
    with contextlib.suppress(binascii.Error):
        answer = b64decode(b"".join(answer.split()), validate=True)
    if algorithm == "sm2" and len(answer) != _SIGNATURE_BYTES:
        try:
            r, s = decode_dss_signature(answer)
            return r.to_bytes(32) + s.to_bytes(32)
        except (ValueError, OverflowError) as error:
            raise NotSigned("what the signing device answered is no SM2 signature") from error
    return answer
