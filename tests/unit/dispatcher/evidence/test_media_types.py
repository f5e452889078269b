"""Which files are taken as evidence: by their first and last bytes, whatever they were called."""

import io
import zipfile
from uuid import UUID

import pytest

from services.dispatcher.evidence.attachments import Doubtful
from services.dispatcher.evidence.media_types import OFD, UNKNOWN, judge, media_type, refused_unseen
from shared.web.languages import chinese, chinese_title


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    """The first box of an ISO base media file."""
    brands = b"".join(compatible)
    return (16 + len(brands)).to_bytes(4, "big") + b"ftyp" + major + b"\0\0\0\0" + brands + bytes(100)


def ofd(first: str = "OFD.xml") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as container:
        for name in dict.fromkeys([first, "Doc_0/Document.xml", "OFD.xml"]):
            container.writestr(name, bytes(10_000))
    return held.getvalue()


SAMPLES = [
    (b"\xff\xd8\xff\xe1\0\x18Exif\0\0" + bytes(90), "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(90), "image/png"),
    (b"RIFF\x24\0\0\0WEBPVP8 " + bytes(90), "image/webp"),
    (ftyp(b"heic", b"mif1", b"heic"), "image/heic"),
    (ftyp(b"mif1", b"mif1", b"heic", b"hevc"), "image/heic"),
    (ftyp(b"mif1", b"miaf"), "image/heif"),
    (ftyp(b"msf1", b"hevc"), "image/heic"),
    (ftyp(b"avif", b"mif1"), "image/avif"),
    (ftyp(b"qt  "), "video/quicktime"),
    (b"\0\0\0\x08wide\0\0\0\0mdat" + bytes(90), "video/quicktime"),
    (ftyp(b"isom", b"iso2", b"avc1", b"mp41"), "video/mp4"),
    (ftyp(b"mp42", b"isom"), "video/mp4"),
    (ftyp(b"MSNV", b"MSNV"), "video/mp4"),
    (ftyp(b"3gp5", b"3gp5", b"isom"), "video/3gpp"),
    (b"RIFF\x24\0\0\0AVI LIST" + bytes(90), "video/x-msvideo"),
    (b"#!AMR\n" + bytes(90), "audio/amr"),
    (ftyp(b"M4A ", b"M4A ", b"mp42", b"isom"), "audio/mp4"),
    (b"ID3\x04\0\0" + bytes(90), "audio/mpeg"),
    (b"\xff\xfb\x90\x64" + bytes(90), "audio/mpeg"),
    (b"RIFF\x24\0\0\0WAVEfmt " + bytes(90), "audio/x-wav"),
    (b"%PDF-1.7\n" + bytes(90), "application/pdf"),
    (ofd(), OFD),
    (ofd("Doc_0/Document.xml"), OFD),
    (b"PK\x03\x04" + bytes(90), "application/zip"),
    (b"", UNKNOWN),
    (b"<html><script>", UNKNOWN),
]


@pytest.mark.parametrize(("content", "expected"), SAMPLES, ids=[f"{kind} {at}" for at, (_, kind) in enumerate(SAMPLES)])
def test_a_file_is_what_its_content_says(content: bytes, expected: str) -> None:
    assert media_type(content[:4096], content[-65536:]) == expected


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (b"\xff\xd8\xff\xe1", "image/jpg"),
        (b"\xff\xd8\xff\xe1", "image/pjpeg; charset=binary"),
        (b"\xff\xd8\xff\xe1", "image/*"),
        (b"\xff\xd8\xff\xe1", "IMAGE/PNG"),
        (b"\xff\xd8\xff\xe1", None),
        (b"\xff\xd8\xff\xe1", "application/octet-stream"),
        (ftyp(b"mif1", b"heic"), "image/heic"),
        (ftyp(b"mif1", b"heic"), "image/heif-sequence"),
        (ftyp(b"qt  "), "video/mp4"),
        (ftyp(b"isom"), "video/quicktime"),
        (ftyp(b"isom"), "audio/mp4"),
        (ftyp(b"M4A "), "audio/x-m4a"),
        (b"ID3\x04\0\0", "audio/mp3"),
        (ofd(), "application/zip"),
        (ofd(), "application/vnd.ofd"),
        (b"%PDF-1.4", "application/x-pdf"),
    ],
)
def test_a_usable_file_is_taken_by_whatever_name_its_device_gives_the_type(content: bytes, declared: str) -> None:
    assert judge(content, content, declared).doubt is None
    assert refused_unseen(declared, "文件.ofd") is None


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (b"%PDF-1.4", "image/jpeg"),
        (b"\xff\xd8\xff\xe1", "video/mp4"),
        (b"\xff\xd8\xff\xe1", "text/html"),
        (b"MZ\x90\0", "image/jpeg"),
        (b"PK\x03\x04", None),
        (b"<svg>", "image/svg+xml"),
    ],
)
def test_what_is_no_evidence_or_something_else_than_it_was_said_to_be_is_doubtful(
    content: bytes, declared: str | None
) -> None:
    judged = judge(content, content, declared)
    assert judged.doubt is not None
    assert (declared or judged.media_type) in judged.doubt or "taken are" in judged.doubt
    assert "按内容判断" in (chinese(judged.doubt) or "")
    kept = chinese(Doubtful(judged.doubt).kept_as(UUID(int=1)).detail) or ""
    assert "按内容判断" in kept
    assert "/overrule 接收为证据" in kept


@pytest.mark.parametrize("declared", ["application/zip", "text/html", "image/svg+xml", "application/x-msdownload"])
def test_what_is_no_evidence_by_its_name_is_told_unseen(declared: str) -> None:
    doubt = refused_unseen(declared, "资料.zip") or ""
    assert declared in doubt
    assert "注明的类型为" in (chinese(doubt) or "")


def test_the_refusal_has_its_chinese() -> None:
    assert chinese_title(Doubtful("x").heading) == "不是照片、视频、录音或扫描件"
