"""The unified social credit code of an enterprise (统一社会信用代码), by GB 32100-2015."""

from functools import lru_cache

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(3**power % 31 for power in range(17))


def check_character(stem: str) -> str:
    """The 18th character for the first 17. Raises ValueError for a character the standard does not use."""
    total = sum(_ALPHABET.index(character) * weight for character, weight in zip(stem, _WEIGHTS, strict=True))
    return _ALPHABET[-total % 31]


@lru_cache(maxsize=16_384)  # those of a city: every event of an enterprise asks anew
def is_valid(code: str) -> bool:
    """Whether `code` has 18 characters of the standard's alphabet and the right check character."""
    return len(code) == 18 and set(code) <= set(_ALPHABET) and check_character(code[:17]) == code[17]
