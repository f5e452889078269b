"""The issuer of development tokens, for one machine without an identity provider. Apart from FastAPI, for commands."""

import contextlib
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.contract.principal import Principal

DEVELOPMENT_ISSUER = "urn:tricolor:development"
CLAIM = "tricolor"
"""The claim of a token in which the bearer's role and reach stand."""


class DevelopmentIssuer:
    """Signs tokens with a key kept in the data directory. For one machine: never an identity provider.

    `is_new` where there was no key yet: no service that was started before knows it.
    """

    def __init__(self, directory: Path) -> None:
        path = directory / "development-issuer.pem"
        self.is_new = not path.exists()
        if self.is_new:
            directory.mkdir(parents=True, exist_ok=True)
            key = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_bytes(key)
            # Linking refuses to overwrite: of two starters the first one's key stands.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(fresh)
            fresh.unlink()
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(private, Ed25519PrivateKey)  # noqa: S101  written above
        self._private = private

    def token(self, principal: Principal, audience: str, now: datetime, life: timedelta = timedelta(days=30)) -> str:
        """Sign a bearer token for `principal`, valid for `life` from `now`, the host's real time."""
        claims = {
            "iss": DEVELOPMENT_ISSUER,
            "aud": audience,
            "sub": principal.subject,
            "iat": now,
            "exp": now + life,
            CLAIM: principal.model_dump(mode="json", exclude={"subject", "reach"}, exclude_none=True),
        }
        return jwt.encode(claims, self._private, algorithm="EdDSA")

    async def key(self, token: str) -> Any:
        del token
        return self._private.public_key()
