"""Which files are taken as evidence, judged by their content: photographs, videos, recordings and scans. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import filetype

HEAD_BYTES = 4096
"""How many of the first bytes show the type."""
TAIL_BYTES = 64 * 1024
"""How many of the last bytes hold the list of what is in a ZIP container."""


class Kind(StrEnum):
    """What a file is to the case."""

    PHOTOGRAPH = "photograph"
    VIDEO = "video"
    RECORDING = "recording"
    SCAN = "scan"


OFD = "application/ofd"
ALLOWED: Mapping[str, Kind] = {
    "image/jpeg": Kind.PHOTOGRAPH,
    "image/png": Kind.PHOTOGRAPH,
    "image/webp": Kind.PHOTOGRAPH,
    "image/heif": Kind.PHOTOGRAPH,
    "image/heic": Kind.PHOTOGRAPH,
    "image/avif": Kind.PHOTOGRAPH,
    "video/mp4": Kind.VIDEO,
    "video/quicktime": Kind.VIDEO,
    "video/3gpp": Kind.VIDEO,
    "video/x-msvideo": Kind.VIDEO,
    "audio/amr": Kind.RECORDING,
    "audio/mp4": Kind.RECORDING,
    "audio/mpeg": Kind.RECORDING,
    "audio/x-wav": Kind.RECORDING,
    "audio/aac": Kind.RECORDING,
    "application/pdf": Kind.SCAN,
    OFD: Kind.SCAN,
}
UNKNOWN = "application/octet-stream"

_SILENT = {"", "*/*", UNKNOWN, "binary/octet-stream"}
_FAMILIES = {"image": Kind.PHOTOGRAPH, "video": Kind.VIDEO, "audio": Kind.RECORDING}
_SCANS = {"application/pdf", "application/x-pdf", OFD, "application/x-ofd", "application/vnd.ofd"}
_ZIP = {"application/zip", "application/x-zip-compressed"}
_NO_PHOTOGRAPHS = {"image/svg+xml"}  # a document that can hold scripts

# Brands of ISO base media files (ISO/IEC 14496-12), by which phones' photographs, videos and recordings differ.
_PHOTOGRAPHS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"mif2", b"avif", b"avis"}
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}
_AVIF = {b"avif", b"avis"}


@dataclass(frozen=True)
class Judgement:
    """What a file is by its content, and why it is not taken as it is, if so."""

    media_type: str
    doubt: str | None


def judge(head: bytes, tail: bytes, declared: str | None) -> Judgement:
    """Judge a file that begins with `head`, ends with `tail` and was sent as `declared`."""
    found = media_type(head, tail)
    return Judgement(found, doubt_about(declared, found))


def media_type(head: bytes, tail: bytes = b"") -> str:
    """The type of a file by its first and last bytes, `UNKNOWN` where they show none."""
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    if head[4:8] in {b"moov", b"mdat", b"wide"}:  # QuickTime from before there were brands
        return "video/quicktime"
    found = filetype.guess_mime(head[:HEAD_BYTES]) or UNKNOWN
    if found in _ZIP and b"OFD.xml" in head + tail:  # GB/T 33190: the entrance of every OFD document
        return OFD
    return str(found)


def doubt_about(declared: str | None, found: str) -> str | None:
    """Why a file whose content is of the type `found` is not taken as it is; None where it is taken.

    What counts is what it is to the case: `image/jpg`, `image/*` or a `.mov` said to be MP4 contradict nothing.
    """
    kind = ALLOWED.get(found)
    if kind is None:
        known = "of no known type" if found == UNKNOWN else found
        return f"By its content this is {known}; taken are {taken()}."
    said = _said(declared)
    if said in _SILENT or (said in _ZIP and found == OFD):
        return None
    if kind is _kind_of(said) or {kind, _kind_of(said)} == {Kind.VIDEO, Kind.RECORDING}:
        return None
    return f"It was sent as {declared}, and by its content is {found}."


def refused_unseen(declared: str | None, name: str) -> str | None:
    """Why a file would be doubtful whatever its bytes are, by what it is said to be; None where that shows only later.

    Said before the bytes are sent, it spares an officer on a poor line 500 MB in vain.
    """
    said = _said(declared)
    if said in _SILENT or _kind_of(said) is not None or (said in _ZIP and name.lower().endswith(".ofd")):
        return None
    return f"It is said to be {declared}; taken are {taken()}."


def taken() -> str:
    return ", ".join(sorted(ALLOWED))


def _said(declared: str | None) -> str:
    return (declared or "").split(";")[0].strip().lower()


def _kind_of(said: str) -> Kind | None:
    if said in _SCANS:
        return Kind.SCAN
    if said == "application/mp4":
        return Kind.VIDEO
    return None if said in _NO_PHOTOGRAPHS else _FAMILIES.get(said.split("/", maxsplit=1)[0])


def _of_brands(head: bytes) -> str:
    """The type of an ISO base media file by its brands: the major one first, then those it is compatible with."""
    length = int.from_bytes(head[:4], "big")
    major, box = head[8:12], head[16 : max(16, min(length, HEAD_BYTES))]
    brands = {major, *(box[at : at + 4] for at in range(0, len(box), 4))}
    if major in _PHOTOGRAPHS:
        if brands & _AVIF:
            return "image/avif"
        return "image/heic" if brands & _HEIC else "image/heif"
    if major == b"qt  ":
        return "video/quicktime"
    if major.startswith((b"3gp", b"3g2")):
        return "video/3gpp"
    return "audio/mp4" if major in {b"M4A ", b"M4B "} else "video/mp4"
