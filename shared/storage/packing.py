"""Packing events: compressed by what all of them have in common, to a tenth or less, in a few microseconds each.

What of an alert is not said of many others is some 200 bytes: its identifiers, instants and values. So each is
compressed on its own (Zstandard, RFC 8878) with a dictionary: `packing-1.dict`, trained on events of all services. What
was packed with it has to be read as long as evidence is kept: it never changes, and another one gets the next number.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_MARK = b"\x01"
"""What is packed begins with the number of its dictionary: nothing that is written as JSON or text does."""
_MAGIC = b"\x28\xb5\x2f\xfd"
"""What every frame begins with. It says nothing here, so it is left out."""
_DICTIONARY = zstd.ZstdDict(Path(__file__).with_name("packing-1.dict").read_bytes())
_OPTIONS: dict[int, int] = {
    zstd.CompressionParameter.compression_level: 1,
    zstd.CompressionParameter.dict_id_flag: 0,  # the mark says it
}
_LARGEST = 64 * 1024 * 1024
"""Of what is unpacked: more than any event may have, and little enough for a forged one to harm nobody."""


class UnpackingError(ValueError):
    """The bytes have the mark of what is packed, and are not as they were packed."""


class Packer:
    """Packs, with one compressor kept: making one costs more than using it."""

    def __init__(self) -> None:
        self._compressor = zstd.ZstdCompressor(options=_OPTIONS, zstd_dict=_DICTIONARY)

    def pack(self, values: Sequence[bytes]) -> list[bytes]:
        """Pack each; one that would be no smaller stays as it is, unless it has the mark."""
        compress = self._compressor.compress
        packed = [_MARK + compress(value, zstd.ZstdCompressor.FLUSH_FRAME)[len(_MAGIC) :] for value in values]
        return [
            value if len(value) <= len(small) and not is_packed(value) else small
            for value, small in zip(values, packed, strict=True)
        ]


def is_packed(value: bytes) -> bool:
    return value[:1] == _MARK


def unpacked(value: bytes) -> bytes:
    """What was packed; as it is, what was not. Raises UnpackingError."""
    if not is_packed(value):
        return value
    decompressor = zstd.ZstdDecompressor(zstd_dict=_DICTIONARY)
    try:
        found = decompressor.decompress(_MAGIC + value[1:], max_length=_LARGEST)
    except zstd.ZstdError as error:
        raise UnpackingError(str(error)) from error
    if not decompressor.eof or decompressor.unused_data:
        raise UnpackingError("it is cut off, too long, or something follows it")
    return found
