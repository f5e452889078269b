"""Words to search by, in Chinese too, which has no spaces between them (检索词). Pure.

A text is split into runs of letters and digits, and every run into its characters and pairs of neighbours. Where a text
holds all pairs of a question it most likely holds the question; whether it does is seen in the text itself. So a plain
index of arrays finds what is asked for, and no extension of the database is needed.
"""

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

_RUN = re.compile(r"[^\W_]+")
LONGEST = 64
"""Characters of a question that are looked at: a name of an enterprise has fewer."""


def normalised(text: str) -> str:
    """The text as it is compared: full-width as half-width, capitals as small, marks between words as one space."""
    return " ".join(_RUN.findall(unicodedata.normalize("NFKC", text).casefold()))


def words_of(parts: Iterable[str | None]) -> str:
    """The normalised text of everything that a thing is called, a line for each."""
    return together("\n".join(word for part in parts if part and (word := normalised(part))))


def together(*words: str) -> str:
    """What several texts of `words_of` say, each line once; a name that was given up is still found by."""
    return "\n".join(dict.fromkeys(line for text in words for line in text.split("\n") if line))


def terms_of(words: str) -> list[str]:
    """The terms that normalised words are indexed by, sorted."""
    found: set[str] = set()
    for run in words.split():
        found.update(run)
        found.update(map("".join, pairwise(run)))
    return sorted(found)


def asked(question: str) -> list[str]:
    """What a text must hold to answer the question: each of its words. Empty where it asks for nothing."""
    return list(dict.fromkeys(word for word in normalised(question[:LONGEST]).split(" ") if word))


def asked_terms(words: Iterable[str]) -> list[str]:
    """The terms that whatever holds `words` is indexed by: pairs, and single characters that stand alone."""
    found: set[str] = set()
    for word in words:
        found.update(map("".join, pairwise(word)) if len(word) > 1 else word)
    return sorted(found)
