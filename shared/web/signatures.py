"""Bodies signed by platforms: HMAC-SHA-256 over when, a word used once, the request line and the body.

    X-Signature-Timestamp: seconds since 1970
    X-Signature-Nonce:     16 to 128 characters, never used before
    X-Signature:           hex of HMAC-SHA-256(signing key, "{timestamp}\\n{nonce}\\n{METHOD}\\n{path}\\n" + body)

The signing key is HMAC-SHA-256(API key, "tricolor-signing"). Who repeats a request as it is, is refused: its nonce is
remembered as long as its timestamp is taken.
"""

import hmac
import re
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any

from fastapi import Request

from shared.contract.platform_keys import KnownKey, PlatformKeys
from shared.web.problems import Problem

SKEW_SECONDS = 300
"""By how much a platform's clock may differ from ours."""
_NONCE = re.compile(r"[\x21-\x7e]{16,128}")
_SCOPE_KEY = "tricolor.signing"


def expect_signature(scope: MutableMapping[str, Any], keys: PlatformKeys, key: KnownKey) -> None:
    """Note that a body of this request is taken only where it is signed with the key."""
    scope[_SCOPE_KEY] = (keys, key)


async def require_signature(request: Request, body: bytes) -> None:
    """Raise Problem 401 where the caller's key signs bodies, and this one is not signed, not now, or not once."""
    expected = request.scope.get(_SCOPE_KEY)
    if expected is None:
        return
    keys, key = expected
    given = {name: request.headers.get(f"x-signature{name}", "") for name in ("", "-timestamp", "-nonce")}
    timestamp, nonce = given["-timestamp"], given["-nonce"]
    if not timestamp.isdecimal() or len(timestamp) > 12 or not _NONCE.fullmatch(nonce):
        raise _refused("X-Signature, X-Signature-Timestamp and X-Signature-Nonce: this key's bodies are signed.")
    if abs(time.time() - int(timestamp)) > SKEW_SECONDS:
        raise _refused(f"X-Signature-Timestamp: more than {SKEW_SECONDS} seconds from now.")
    signed = f"{timestamp}\n{nonce}\n{request.method}\n{request.url.path}\n".encode() + body
    if not hmac.compare_digest(hmac.digest(key.signing, signed, "sha256").hex(), given[""].lower()):
        raise _refused("X-Signature: it is not that of this body.")
    until = datetime.fromtimestamp(int(timestamp) + 2 * SKEW_SECONDS, UTC)
    if not await keys.use_nonce(key.key_id, nonce, until):
        raise _refused("X-Signature-Nonce: it was used before.")


def _refused(detail: str) -> Problem:
    return Problem(401, "signature", "Not signed as agreed", detail, headers={"WWW-Authenticate": "Bearer"})
