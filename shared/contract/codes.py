"""Codes of enterprises and outlets: the one form in which they are stored, compared and looked up.

People and spreadsheets write one code in many ways. It is normalised once, wherever it comes in: events, imports,
paths, queries, bodies and the claims of tokens.
"""

from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

_HALF_WIDTH = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_UPPER = {ord(letter): letter.upper() for letter in "abcdefghijklmnopqrstuvwxyz"}
_FORM = _HALF_WIDTH | _UPPER | {full: chr(full - 0xFEE0).upper() for full in range(0xFF41, 0xFF5B)}
_BLANKS = " \t\r\n\f\v\u00a0\u200b\u2060\ufeff"
_APOSTROPHES = "'\u2018\u2019"


@lru_cache(maxsize=16_384)
def normalised(code: str) -> str:
    """Return the code trimmed, in half-width capitals, without what spreadsheets put around a text: `="…"` and `'`."""
    code = code.translate(_FORM).strip(_BLANKS)
    while True:
        bare = code.lstrip(_APOSTROPHES)
        if bare.startswith('="') and bare.endswith('"') and len(bare) > 2:
            bare = bare[2:-1]
        bare = bare.strip(_BLANKS)
        if bare == code:
            return code
        code = bare


def _of_text(value: Any) -> Any:
    return normalised(value) if isinstance(value, str) else value


Normalised = BeforeValidator(_of_text)
EnterpriseCode = Annotated[str, StringConstraints(min_length=1, max_length=64), Normalised]
"""A unified social credit code (统一社会信用代码), or whatever the bureau calls an enterprise by."""
OutletCode = Annotated[str, StringConstraints(min_length=1, max_length=64), Normalised]
"""A data logger's number (MN) or an outlet's number in the discharge permit."""
