"""Hooks for schemathesis: every other request is about a thing that is there, or nothing behind its door is tried, and
none is held for a minute. What tus sends is bytes like any other.
"""

import os
from pathlib import Path
from typing import Any
from zlib import crc32

import schemathesis
from pydantic_core import from_json

KNOWN: dict[str, list[str]] = from_json(Path(os.environ["KNOWN_THINGS"]).read_bytes())
"""Values of path parameters by their name."""
HELD = {str(seconds) for seconds in range(2, 61)}
"""Seconds for which a request may ask to be held."""

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    del context, kwargs
    wait = (case.query or {}).get("wait")
    if str(wait) in HELD:
        case.query["wait"] = "1" if isinstance(wait, str) else 1
    for name, value in case.path_parameters.items():
        # By the value's own sum: what failed must fail again.
        place = crc32(repr(value).encode())
        if place % 2 and name in KNOWN:
            case.path_parameters[name] = KNOWN[name][place % len(KNOWN[name])]
