"""Which files are taken as evidence, by their content: photographs, videos and scans. Pure."""

import puremagic

from shared.contract.refusals import Unsupported

HEAD_BYTES = 4096
"""How many of the first bytes show the type."""
ALLOWED = {
    "image/jpeg": "photograph",
    "image/png": "photograph",
    "image/webp": "photograph",
    "image/heif": "photograph",
    "image/heic": "photograph",
    "video/mp4": "video",
    "video/quicktime": "video",
    "video/3gpp": "video",
    "application/pdf": "scan",
}


def media_type(head: bytes) -> str:
    """The type of a file that begins with `head`. Raises Unsupported for one that is not taken as evidence."""
    try:
        likeliest = str(puremagic.magic_string(head[:HEAD_BYTES])[0].mime_type)
    except puremagic.PureError:
        likeliest = ""
    if likeliest not in ALLOWED:
        raise Unsupported(
            "attachment-type",
            f"By its content this is {likeliest or 'of no known type'}; taken are {', '.join(sorted(ALLOWED))}.",
            title="Not a photograph, video or scan",
            media_type=likeliest or None,
        )
    return likeliest


def contradicts(declared: str | None, found: str) -> bool:
    """Whether the sender declared another type than the content has. Declaring none contradicts nothing."""
    said = (declared or "").split(";")[0].strip().lower()
    heif = {"image/heif", "image/heic"}
    silent = {"", "application/octet-stream", "binary/octet-stream"}
    return not (said in silent or said == found or {said, found} <= heif)
