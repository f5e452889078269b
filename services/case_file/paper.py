"""The file of a case on paper: PDF/A by typst, with the fonts in it."""

import shutil
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Final

import pylopdf_fonts_zh_cn
import typst

from services.case_file.document import Block, Document, Pictures, Signature, Signatures
from services.case_file.printable import printable

_TEMPLATE = "case_file.typ"
_STANDARD: Final = "a-2b"
"""For archives (DA/T 47, ISO 19005-2): the fonts are in it, and nothing is loaded from elsewhere."""


def pdf(document: Document, root: Path, at: datetime) -> bytes:
    """The PDF; the paths of pictures are under `root`, and nothing outside it is read.

    A picture that cannot be drawn is left out: it is in the bundle, whatever it is. A character that cannot be shown
    is named instead.
    """
    document = printable(document)
    room = root / ".print"
    room.mkdir()
    try:
        (room / _TEMPLATE).write_bytes(files("services.case_file").joinpath(_TEMPLATE).read_bytes())
        try:
            return _compiled(document, room, root, at)
        except typst.TypstError:
            drawn = {path for path in _paths(document) if _can_be_drawn(path, room, root)}
            return _compiled(_without(document, drawn), room, root, at)
    finally:
        shutil.rmtree(room)


def _compiled(document: Document, room: Path, root: Path, at: datetime) -> bytes:
    (room / "data.json").write_text(document.model_dump_json(), encoding="utf-8")
    return typst.compile(
        room / _TEMPLATE,
        root=root,
        font_paths=[pylopdf_fonts_zh_cn.serif_path().parent],
        ignore_system_fonts=True,
        format="pdf",
        pdf_standards=_STANDARD,
        timestamp=int(at.timestamp()),
    )


def _can_be_drawn(path: str, room: Path, root: Path) -> bool:
    (room / "data.json").write_text(f'"/{path}"', encoding="utf-8")
    probe = room / "probe.typ"
    probe.write_text('#image(json("data.json"))', encoding="utf-8")
    try:
        typst.compile(probe, root=root, ignore_system_fonts=True, format="pdf")
    except typst.TypstError:
        return False
    return True


def _paths(document: Document) -> set[str]:
    blocks = [block for section in document.sections for block in section.blocks]
    pictures = {one.path for block in blocks if isinstance(block, Pictures) for one in block.pictures}
    return pictures | {
        line.path for block in blocks if isinstance(block, Signatures) for line in block.lines if line.path
    }


def _without(document: Document, drawn: set[str]) -> Document:
    def kept(block: Block) -> Block:
        if isinstance(block, Pictures):
            return Pictures(pictures=[one for one in block.pictures if one.path in drawn], across=block.across)
        if isinstance(block, Signatures):
            lines = [line if line.path in drawn else Signature(label=line.label) for line in block.lines]
            return Signatures(lines=lines)
        return block

    sections = [
        section.model_copy(update={"blocks": [kept(block) for block in section.blocks]})
        for section in document.sections
    ]
    return document.model_copy(update={"sections": sections})
