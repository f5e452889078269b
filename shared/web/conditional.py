"""Conditional requests: whether what a caller knows still holds."""

import re
from collections.abc import Iterable


def matches(if_none_match: Iterable[str] | None, revision: str) -> bool:
    """RFC 9110, section 13.1.2: a list, compared weakly, or `*` for whatever there is."""
    given = ",".join(if_none_match or ())
    return given.strip() == "*" or revision in re.findall(r'(?:W/)?"([^"]*)"', given)


def private(revision: str) -> dict[str, str]:
    """The headers of an answer at `revision` that is never shared between callers, and always asked for again."""
    return {"ETag": f'"{revision}"', "Cache-Control": "private, no-cache", "Vary": "Authorization"}
