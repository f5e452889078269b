"""Personal data and secrets made unreadable (脱敏): telephone numbers, credentials, rows of a database. Pure."""

import re

_MOBILE = re.compile(r"(?<![\dA-Za-z])((?:\+?86[ -]?)?1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?![\dA-Za-z])")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3}-)\d{4,5}(\d{3})(?!\d)")
_IDENTITY_CARD = re.compile(r"(?<![\dA-Za-z])(\d{6})(?:19|20)\d{6}\d{3}[\dXx](?![\dA-Za-z])")
_SECRETS = (
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"),  # a JSON Web Token
    re.compile(r"\btck_[\w-]{8,}"),  # an API key of ours
    re.compile(r"(?<=://)[^\s/:@]*:[^\s/@]+(?=@)"),  # name and password in an address
    re.compile(r"(?i)(?<=authorization: )\S+(?: \S+)?|(?<=x-api-key: )\S+|(?<=bearer )[\w.~+/=-]{16,}"),
    re.compile(r"(?i)(?<=password=)\S+|(?<=secret=)\S+|(?<=token=)[^\s&]+"),
)
# PostgreSQL quotes what it could not store.
_ROW = re.compile(r"(?s)(Failing row contains|Key \([^)]*\)=)\s*\(.*?\)(?=\.|$|\n| already| is not)")


def masked_numbers(text: str) -> str:
    """The text with the middle of every telephone number hidden, and the birthday of every identity card."""
    text = _MOBILE.sub(r"\1****\2", text)
    text = _LANDLINE.sub(r"\1****\2", text)
    return _IDENTITY_CARD.sub(r"\1************", text)


def masked(text: str) -> str:
    """The text as a log may have it: without numbers, credentials and stored rows."""
    for secret in _SECRETS:
        text = secret.sub("***", text)
    return masked_numbers(_ROW.sub(r"\1 (…)", text))
