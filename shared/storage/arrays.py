"""Arrays of texts as parameters of hot statements, each in one text.

The driver asks of every element of a list whether it is a list itself, in a way that costs more than the statement.
A statement reads them by `cast(cast(:names as text) as text[])`, or as an array of anything that is written as a text.
Only for what is read once, such as `unnest`: a condition that is asked of many rows would read the text for each.
"""

from collections.abc import Iterable


def array(texts: Iterable[str]) -> str:
    """Return the texts as PostgreSQL writes an array of them."""
    return "{" + ",".join([f'"{_escaped(one)}"' for one in texts]) + "}"


def array_of_plain(texts: Iterable[str]) -> str:
    """Return texts that need no quotes: identifiers, instants, numbers, words without a blank."""
    return "{" + ",".join(texts) + "}"


def _escaped(text: str) -> str:
    if "\\" in text or '"' in text:
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return text
