"""Identifiers of what is kept: UUIDs of version 7 (RFC 9562, section 5.7).

They begin with their instant, so that what is new lies together in every index, however much lies beside it; a random
one costs a page of its own in each.
"""

import os
from datetime import datetime
from uuid import UUID

_VERSION_AND_VARIANT = 7 << 76 | 0b10 << 62
_FREE = ~(0xF << 76 | 0b11 << 62)


def identifier(now: datetime) -> UUID:
    """A new one: `now` in milliseconds, and 74 random bits."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    value = milliseconds << 80 | int.from_bytes(os.urandom(10))
    return UUID(int=value & _FREE | _VERSION_AND_VARIANT)
