"""The file of a case in characters that its fonts can show, and without loss: PDF/A has no place for any other."""

import re
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final
from unicodedata import category

import pylopdf_fonts_zh_cn

from services.case_file.document import Document

_NOTE: Final = (
    "字符说明",
    "形如〔U+1F600〕的记号代替本卷字体无法显示的一个字符，记号中为该字符的 Unicode 编码；"
    "原文一字未改，见随附电子卷宗的 records 目录。",
)
_OF_TYPST: Final = ((0x0100, 0x017F), (0x0391, 0x03A1), (0x2070, 0x2071), (0x2074, 0x208E), (0x2717, 0x2717))
"""What the fonts within typst have beside ours, as far as it is written here: SO₂, names in Latin letters, our ✗."""
_MANY_GROUPS: Final = 12  # the format of the table that has all planes


def printable(document: Document) -> Document:
    """The same file with 〔U+1F600〕 for what cannot be shown, and a line on its cover that says what this means.

    Everything that is printed goes through it, whoever wrote it; the paths of pictures are not printed.
    """
    given = _each_text(document.model_dump(), _laid_out)
    shown = _each_text(given, _named)
    note = [] if shown == given else [_NOTE]
    return Document.model_validate(shown | {"cover": [*shown["cover"], *note]})


def _laid_out(text: str) -> str:
    """The text with line breaks and blanks of one kind each: the others have no glyph, and show as nothing else."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "\u3000")


def _named(text: str) -> str:
    return _unprintable().sub(lambda found: f"〔U+{ord(found[0]):04X}〕", text)


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {name: one if name == "path" else _each_text(one, change) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_each_text(one, change) for one in value)
    return value


@cache
def _unprintable() -> re.Pattern[str]:
    """A character that no font has, or a mark on one that is not from the same font, so that no font has both."""
    ours = list(_covered(pylopdf_fonts_zh_cn.serif_path().read_bytes()))
    marks = [(one, one) for first, last in ours for one in range(first, last + 1) if category(chr(one))[0] == "M"]
    return re.compile(f"[^\\n{_class(ours)}{_class(_OF_TYPST)}]|(?<![{_class(ours)}])[{_class(marks)}]")


def _class(ranges: Iterable[tuple[int, int]]) -> str:
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


def _covered(font: bytes) -> Iterator[tuple[int, int]]:
    """The ranges of characters that an OpenType font shows, as its `cmap` table says."""
    (tables,) = struct.unpack_from(">H", font, 4)
    found = {tag: offset for tag, _, offset, _ in struct.iter_unpack(">4sIII", font[12 : 12 + 16 * tables])}
    cmap = found[b"cmap"]
    (count,) = struct.unpack_from(">H", font, cmap + 2)
    for _, _, offset in struct.iter_unpack(">HHI", font[cmap + 4 : cmap + 4 + 8 * count]):
        start = cmap + offset
        if struct.unpack_from(">H", font, start)[0] == _MANY_GROUPS:
            (groups,) = struct.unpack_from(">I", font, start + 12)
            for first, last, _ in struct.iter_unpack(">III", font[start + 16 : start + 16 + 12 * groups]):
                yield first, last
            return
    raise ValueError("the font has no table of all planes")
