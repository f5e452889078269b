"""What the door asks of whoever keeps the API keys of platforms. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from shared.contract.principal import Principal


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that is valid now: whose it is; with `signing`, bodies are taken only where they are signed with that."""

    key_id: UUID
    principal: Principal
    signing: bytes | None = field(default=None, repr=False)


class PlatformKeys(Protocol):
    """The keys that a service keeps."""

    async def find(self, key: str) -> KnownKey | None:
        """The key, where it is known and valid now."""
        ...

    async def use_nonce(self, key_id: UUID, nonce: str, until: datetime) -> bool:
        """Whether this is the first use of a nonce, which is remembered `until` then."""
        ...
