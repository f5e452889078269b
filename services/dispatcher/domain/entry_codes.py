"""The entry code of an enterprise (入企码): what was scanned at its gate, compared with the hash that is kept. Pure.

The code hangs at the gate and says that whoever sends it stood there. Nobody is told it in advance, so it is kept as a
slow hash: a short one is not found by trying all there are.
"""

import hashlib
import hmac
import unicodedata
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from services.dispatcher.domain.fields import Body, Code
from shared.contract.words import EntryCheck

SHORTEST = 4
Scanned = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2_000,
        pattern=r"^[^\x00]*$",
        description="what was scanned at the enterprise's gate, or typed from it; of an address its last part counts",
    ),
]


def code_in(scanned: str) -> str:
    """The code in what was scanned: of an address its last part. Width and case are how a code is written, not what."""
    text = unicodedata.normalize("NFKC", scanned).strip()
    path = urlsplit(text).path if "://" in text else text
    return path.rstrip("/").rpartition("/")[2].upper()


def _long_enough(code: str) -> str:
    if len(code_in(code)) < SHORTEST:
        raise PydanticCustomError("short_code", "at least {least} characters", {"least": SHORTEST})
    return code


EntryCode = Annotated[Code, AfterValidator(_long_enough)]


class EntryCodeBody(Body):
    """The code on the poster at the gate. It is kept as a hash and never answered."""

    entry_code: EntryCode


def hashed(enterprise_code: str, code: str) -> str:
    """The hash under which the code of an enterprise is kept."""
    return hashlib.scrypt(code_in(code).encode(), salt=enterprise_code.encode(), n=2**14, r=8, p=1).hex()


def check(enterprise_code: str, kept: str | None, scanned: str | None) -> EntryCheck:
    """What an arrival says of the code whose hash is `kept`."""
    if kept is None:
        return EntryCheck.NOT_ASKED
    if scanned is None or not code_in(scanned):
        return EntryCheck.NOT_SCANNED
    same = hmac.compare_digest(hashed(enterprise_code, scanned), kept)
    return EntryCheck.MATCHED if same else EntryCheck.NOT_MATCHED
