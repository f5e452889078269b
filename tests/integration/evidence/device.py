# ruff: noqa: S603, S607  (starting OpenSSL is what this module is for)
"""A signing device of the tests: OpenSSL with an SM2 key, asked as a program."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

DISTINGUISHING = "distid:1234567812345678"


@dataclass
class Device:
    """An SM2 key made by OpenSSL, in `directory`."""

    directory: Path

    def __post_init__(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", str(self._private))

    @property
    def _private(self) -> Path:
        return self.directory / "sm2.pem"

    @property
    def public(self) -> str:
        """The public key, in PEM."""
        return self._run("pkey", "-in", str(self._private), "-pubout").decode()

    @property
    def command(self) -> list[str]:
        return ["openssl", "dgst", "-sm3", "-sign", str(self._private), "-sigopt", DISTINGUISHING]

    def sign(self, text: bytes) -> bytes:
        """The signature, in DER."""
        return subprocess.run(self.command, input=text, capture_output=True, check=True).stdout

    def _run(self, *arguments: str) -> bytes:
        return subprocess.run(["openssl", *arguments], capture_output=True, check=True).stdout
