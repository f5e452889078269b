"""Keys that stand twice in one object of a JSON text.

JSON's grammar allows them and readers take the last value, or the first, in silence: of two measured values one would
be graded and the other lost. I-JSON (RFC 7493, section 2.3) forbids them.
"""

import json
import re
from typing import Any

from pydantic_core import from_json, to_json


class _RepeatedError(Exception):
    pass


def _once_each(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise _RepeatedError(next(name for at, name in enumerate(names) if name in names[:at]))


# Numbers are of no concern here, and the largest take long to convert.
_READER = json.JSONDecoder(object_pairs_hook=_once_each, parse_int=len, parse_float=len)
_CUTTER = json.JSONDecoder(parse_int=len, parse_float=len)
_BEGINNING = re.compile(r"[^ \t\r\n,]")


def has_each_key_once(text: bytes, value: Any) -> bool:
    """Whether every key surely stands once in its object, of JSON `text` that was read as `value`; False: look again.

    Where a key stands twice `text` has more keys than `value`. Counted are quotes before a colon: all that end keys,
    and some that begin a text with a colon. So the counts are the same only where there is neither.
    """
    keys, pending = 0, [value]
    while pending:
        item = pending.pop()
        if type(item) is dict:
            keys += len(item)
            pending += [one for one in item.values() if type(one) in _HOLDING]
        elif type(item) is list:
            pending += [one for one in item if type(one) in _HOLDING]
    return (text.count(b'":') if _is_plain(text) else len(_KEY_ENDS.findall(text))) == keys


def _is_plain(text: bytes) -> bool:
    """Whether a quote before a colon always ends a key in JSON `text`, and every key ends so."""
    # A single character is sought first: that takes a twentieth of the time.
    return b"\\" not in text and not any(blank[:1] in text and blank in text for blank in _BEFORE_COLON)


_HOLDING = (dict, list)
_BEFORE_COLON = (b" :", b"\t:", b"\n:", b"\r:")
_KEY_ENDS = re.compile(rb'(?<!\\)(?:\\\\)*"[ \t\r\n]*:')
"""A quote that no backslash escapes, before a colon."""


def repeated_key(text: bytes) -> str | None:
    """The first key that stands twice in an object of `text`; None also where it is not JSON at all."""
    try:
        _READER.decode(text.decode())
    except _RepeatedError as repeated:
        return str(repeated)
    except (ValueError, RecursionError):
        return None
    return None


def elements_of(text: bytes) -> list[bytes]:
    """The elements of the array in `text`, each in bytes of its own; none where it holds something else than an array.

    Written anew from what was read, unless a key stands twice: then as they came, so that each tells so itself.
    Raises ValueError where it is not JSON.
    """
    array = from_json(text)
    if not isinstance(array, list):
        return []
    elements = [to_json(element, inf_nan_mode="constants") for element in array]
    if _is_plain(text):
        repeats = text.count(b'":') != sum([element.count(b'":') for element in elements])
    else:
        repeats = repeated_key(text) is not None
    if not repeats:
        return elements
    rest, elements = text.decode(), []
    at = rest.index("[") + 1
    for _ in array:
        at = next(_BEGINNING.finditer(rest, at)).start()
        _, end = _CUTTER.raw_decode(rest, at)
        elements.append(rest[at:end].encode())
        at = end
    return elements
