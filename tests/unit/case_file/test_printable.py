"""Whatever anybody writes can be printed, and nothing of it is lost."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.case_file.document import (
    Document,
    Heading,
    Pairs,
    Paragraph,
    Picture,
    Pictures,
    Section,
    Signature,
    Signatures,
    grid,
    pairs,
)
from services.case_file.paper import pdf
from services.case_file.printable import printable

NOW = datetime(2026, 12, 8, 9, 5, tzinfo=UTC)
SURROGATES = range(0xD800, 0xE000)  # no characters: neither JSON nor PostgreSQL takes them
PLANES = [chr(code) for code in range(0x110000) if code not in SURROGATES]


def file_with(text: str, seal: str = "✗ 存证核验不符") -> Document:
    """A file that says `text` in every place where it can say something."""
    blocks = [
        Paragraph(text=text),
        Paragraph(text=text, small=True),
        Heading(text=text),
        pairs((text, text)),
        grid([text, "散列值"], [0.5, 0.5], [[text, text]], code=[1]),
        Signatures(lines=[Signature(label=text, at=text)]),
    ]
    section = Section(title=f"文书{text}", subtitle=text, blocks=blocks)
    return Document(title="案卷", number="1", cover=[("排污单位", text)], seal=seal + text, sections=[section])


def printed(document: Document) -> bytes:
    with TemporaryDirectory() as root:
        return pdf(document, Path(root), NOW)


def shown(text: str) -> str:
    """What the paper shows of a text."""
    (block,) = printable(Document(title="", number="", cover=[], seal="", sections=[_page(text)])).sections[0].blocks
    assert isinstance(block, Paragraph)
    return block.text


def _page(text: str) -> Section:
    return Section(title="", blocks=[Paragraph(text=text)])


def laid_out(text: str) -> str:
    """The text with the line breaks and blanks of paper."""
    return re.sub("\r\n?", "\n", text).replace("\t", "\u3000")


def read_back(text: str) -> str:
    return re.sub(r"〔U\+([0-9A-F]{4,6})〕", lambda found: chr(int(found[1], 16)), text)


STRANGE = (
    "😀",
    "👍",
    "✅ 已更换",
    "❌❗",
    "🀄",
    "𠮷",
    "가나",
    "ภาษาไทย",
    "\a\0\x7f",
    "👩‍👩‍👧",
    "❤️1️⃣",
    "葛\U000e0100",
    "\u202e\u2028",
)


@pytest.mark.parametrize("text", STRANGE)
def test_what_the_font_does_not_have_is_printed_by_its_code(text: str) -> None:
    assert shown(text) != text
    assert read_back(shown(text)) == laid_out(text)
    assert printed(file_with(text)).startswith(b"%PDF")


ORDINARY = (
    "已更换监测仪，SO₂ 均值 35.2 mg/m³ ≥ 限值（±5 %）①",
    "深环宝立〔2026〕88号\r\n第二行\t完",
    "José Čapek №7 ☎ □√",
)


@pytest.mark.parametrize("text", ORDINARY)
def test_what_it_has_is_printed_as_it_is(text: str) -> None:
    assert printable(file_with(text)) == file_with(laid_out(text))
    assert printed(file_with(text)).startswith(b"%PDF")


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_any_text_is_printed_and_nothing_of_it_is_lost(text: str) -> None:
    assert read_back(shown(text)) == laid_out(text)
    assert printed(file_with(text)).startswith(b"%PDF")


@settings(max_examples=25, deadline=None)
@given(st.text("é中₂Č✗😀\u0301\u302a\u20dd\u200d\ufe0f \n\r\t-a", max_size=20))
def test_marks_on_anything_are_printed(text: str) -> None:
    """A mark and what it stands on are shown by one font, or not together."""
    assert read_back(shown(text)) == laid_out(text)
    assert printed(file_with(text)).startswith(b"%PDF")


def test_every_character_of_all_planes_is_printed() -> None:
    """Those that are printed as they are, all of them in every style; of the others some of every plane."""
    named = shown("\n".join(PLANES)).split("\n")
    as_they_are = [line for line in named if len(line) == 1]
    others = [line for line in named if len(line) > 1]
    assert len(as_they_are) > 30_000
    assert len(as_they_are) + len(others) == len([line for line in named if line]) == len(PLANES) - 2  # line breaks
    in_headings = [Heading(text="".join(some)) for some in _parts(as_they_are, 1_000)]
    whole = "".join(as_they_are)
    in_tables = grid(["正文", "散列值"], [0.5, 0.5], [["".join(some)] * 2 for some in _parts(as_they_are, 1_000)], [1])
    blocks = [Paragraph(text=whole), *in_headings, in_tables, Paragraph(text="".join(others[::251]))]
    document = file_with("").model_copy(update={"sections": [Section(title="全部字符", blocks=blocks)]})
    assert printed(document).startswith(b"%PDF")


def _parts(characters: Sequence[str], size: int) -> list[Sequence[str]]:
    return [characters[start : start + size] for start in range(0, len(characters), size)]


def test_the_cover_says_what_the_notation_means() -> None:
    plain, strange = printable(file_with("已更换")), printable(file_with("✅ 已更换"))
    assert [name for name, _ in plain.cover] == ["排污单位"]
    assert dict(strange.cover)["排污单位"] == "〔U+2705〕 已更换"
    assert "原文" in dict(strange.cover)["字符说明"]


def test_the_path_of_a_picture_stays_as_it_is() -> None:
    picture = Picture(path="files/01-𠮷.jpg", caption="𠮷")
    document = file_with("").model_copy(update={"sections": [Section(title="", blocks=[Pictures(pictures=[picture])])]})
    (block,) = printable(document).sections[0].blocks
    assert block == Pictures(pictures=[Picture(path="files/01-𠮷.jpg", caption="〔U+20BB7〕")])


def test_pairs_stay_pairs() -> None:
    assert any(isinstance(block, Pairs) for block in printable(file_with("😀")).sections[0].blocks)
