"""Hooks for schemathesis: every other request is about a thing that is there, or nothing behind its door is tried."""

import os
from pathlib import Path
from typing import Any
from zlib import crc32

import schemathesis
from pydantic_core import from_json

KNOWN: dict[str, list[str]] = from_json(Path(os.environ["KNOWN_THINGS"]).read_bytes())
"""Values of path parameters by their name."""


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    del context, kwargs
    for name, value in case.path_parameters.items():
        # By the value's own sum: what failed must fail again.
        place = crc32(repr(value).encode())
        if place % 2 and name in KNOWN:
            case.path_parameters[name] = KNOWN[name][place % len(KNOWN[name])]
