"""Packing events: compressed by what all of them have in common, to a tenth or less, in a few microseconds each.

What of an alert is not said of many others is some 200 bytes: its identifiers, instants and values. So each is
compressed on its own (Zstandard, RFC 8878) with a dictionary: `packing-1.dict`, trained on events of all services. What
was packed with it has to be read as long as evidence is kept: it never changes, and another one gets the next number.
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import zstandard

_MARK = b"\x01"
"""What is packed begins with the number of its dictionary: nothing that is written as JSON or text does."""
NAME_MARK = b"\x02"
"""Of what names something packed that is stored elsewhere (`shared.messaging.stored_events`)."""
_MAGIC = b"\x28\xb5\x2f\xfd"
"""What every frame begins with. It says nothing here, so it is left out."""
_DICTIONARY = zstandard.ZstdCompressionDict(Path(__file__).with_name("packing-1.dict").read_bytes())
_PARAMETERS = zstandard.ZstdCompressionParameters.from_level(1, write_dict_id=False)  # the mark says it
_LARGEST = 64 * 1024 * 1024
"""Of what is unpacked: more than any event may have, and little enough for a forged one to harm nobody."""


class UnpackingError(ValueError):
    """The bytes have the mark of what is packed, and are not as they were packed."""


class Packer:
    """Packs, with one compressor kept: making one costs more than using it."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(dict_data=_DICTIONARY, compression_params=_PARAMETERS)

    def pack(self, values: Sequence[bytes]) -> list[bytes]:
        """Pack each; one that would be no smaller stays as it is, unless it has a mark."""
        compress, prefix = self._compressor.compress, len(_MAGIC)
        packed = [_MARK + compress(value)[prefix:] for value in values]
        return [
            value if len(value) <= len(small) and not is_marked(value) else small
            for value, small in zip(values, packed, strict=True)
        ]


def is_packed(value: bytes) -> bool:
    return value[:1] == _MARK


MARKS = (_MARK, NAME_MARK)


def is_marked(value: bytes) -> bool:
    """Whether the value would not be read as it is."""
    return value[:1] in MARKS


class _Unpacker(threading.local):
    """One decompressor a thread, kept for the same reason."""

    def __init__(self) -> None:
        self.decompress = zstandard.ZstdDecompressor(dict_data=_DICTIONARY).decompress


_unpacker = _Unpacker()


def unpacked(value: bytes) -> bytes:
    """What was packed; as it is, what was not. Raises UnpackingError."""
    if not is_packed(value):
        return value
    frame = _MAGIC + value[1:]
    try:
        if not 0 <= zstandard.frame_content_size(frame) <= _LARGEST:
            raise UnpackingError("it does not say how large it is, or is larger than any event")
        return _unpacker.decompress(frame, allow_extra_data=False)
    except zstandard.ZstdError as error:
        raise UnpackingError(str(error)) from error
