"""Cells that say whom to phone and where messages go. Pure.

Several people or addresses in one cell are separated as any list is: by ; or ； or 、.
"""

import re
from typing import Any

from services.dispatcher.imports.reading.columns import UnparsableCell
from shared.contract.contacts import CHANNELS

_PARTS = re.compile("[/／]")
_COLON = re.compile("[:：]")
_NAME_AND_PHONE, _AND_ROLE = 2, 3


def contact(text: str) -> dict[str, Any]:
    """Parse a person: 姓名/电话/职务, the last of which may be missing."""
    parts = [part.strip() for part in _PARTS.split(text)]
    if len(parts) not in (_NAME_AND_PHONE, _AND_ROLE) or not all(parts):
        raise UnparsableCell("须为 姓名/电话/职务，职务可省略", "must be name/phone/function, the last may be left out")
    return dict(zip(("name", "phone", "role"), parts, strict=False))


def channel(text: str) -> dict[str, Any]:
    """Parse an address: 渠道:地址, the channel in Chinese or by its name. Channels without addresses stand alone."""
    named, *address = (part.strip() for part in _COLON.split(text, maxsplit=1))
    known = CHANNELS.get(named, named)
    if known not in CHANNELS.values():
        raise UnparsableCell(
            f"渠道须为 {'、'.join(CHANNELS)} 之一", f"no channel: one of {', '.join(CHANNELS.values())}"
        )
    return {"channel": known, "address": address[0] if address and address[0] else None}
