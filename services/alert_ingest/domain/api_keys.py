"""API keys of platforms: how they look, what is kept of them, and how bodies are signed with them. Pure.

A key is 256 random bits, so its hash needs neither salt nor slowness. What signs bodies is derived from the key by
another way than its hash: who reads the table can neither call with what stands there, nor sign without the key.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta

PREFIX = "tck_"
_SHOWN = 12
LONGEST_LIFE = timedelta(days=731)
LONGEST_OVERLAP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: `text` is shown once and never stored."""

    text: str = field(repr=False)
    digest: bytes
    signing: bytes = field(repr=False)

    @property
    def shown(self) -> str:
        """The beginning, by which people tell keys apart."""
        return self.text[:_SHOWN]


def new_key() -> NewKey:
    text = PREFIX + urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
    return NewKey(text, digest_of(text), signing_key(text))


def digest_of(text: str) -> bytes:
    """What the table knows a key by."""
    return hashlib.sha256(text.encode()).digest()


def signing_key(text: str) -> bytes:
    """What bodies are signed with: HMAC-SHA-256 of `tricolor-signing`, under the key."""
    return hmac.digest(text.encode(), b"tricolor-signing", "sha256")


def is_valid(expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> bool:
    """Whether a key opens anything at `now`."""
    return revoked_at is None and (expires_at is None or now < expires_at)
