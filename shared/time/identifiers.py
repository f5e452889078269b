"""Identifiers of what is kept: UUIDs of version 7 (RFC 9562, section 5.7).

They begin with their instant, so that what is new lies together in every index, however much lies beside it; a random
one costs a page of its own in each.
"""

import os
from datetime import datetime
from functools import lru_cache
from uuid import UUID

_VERSION_AND_VARIANT = 7 << 76 | 0b10 << 62
_FREE = (1 << 80) - 1 & ~(0xF << 76 | 0b11 << 62)


def identifier(now: datetime) -> UUID:
    """A new one: `now` in milliseconds, and 74 random bits."""
    return UUID(int=_beginning(now) | int.from_bytes(os.urandom(10)) & _FREE)


@lru_cache(maxsize=64)
def _beginning(now: datetime) -> int:
    """What those of one instant have in common: a unit of work makes all of its own at one."""
    return (int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF) << 80 | _VERSION_AND_VARIANT
