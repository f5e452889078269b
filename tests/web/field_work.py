"""What officers and enterprises do meanwhile, away from the browser that a test looks at."""

import struct
import zlib
from typing import Any

from tests.processes import until
from tests.web.system import WebSystem

FEEDBACK = {
    "findings": "治污设施未正常运行，废气收集管道破损",
    "measures": "责令立即停产检修，已现场查封排放口",
    "outcome": "rectified",
}


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _picture(width: int = 320, height: int = 240) -> bytes:
    """A picture that browsers can show: a gradient, as PNG."""
    rows = b"".join(
        b"\0" + bytes(value for x in range(width) for value in (x * 255 // width, y * 255 // height, 120))
        for y in range(height)
    )
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


PHOTOGRAPH = _picture()


def visit(system: WebSystem, case: dict[str, Any]) -> None:
    """Both officers accept, depart and arrive, and the lead reports."""
    lead = next(member["officer"] for member in case["team"] if member["part"] == "lead")
    for step in ("accept", "depart", "arrive"):
        for member in case["team"]:
            take(system, case, member["officer"], step)
    report(system, case, lead)


def take(system: WebSystem, case: dict[str, Any], officer: str, step: str) -> None:
    with system.app(system.officer(officer)) as app:

        def own() -> Any:
            items = app.get("/dispatch/v1/assignments").json()["items"]
            return [item for item in items if item["case_id"] == case["case_id"]]

        (assignment,) = until(own)
        answer = app.post(f"/dispatch/v1/assignments/{assignment['assignment_id']}/{step}", json={})
    assert answer.is_success, answer.text


def report(system: WebSystem, case: dict[str, Any], lead: str) -> None:
    with system.app(system.officer(lead)) as app:
        answer = app.post(f"/dispatch/v1/cases/{case['case_id']}/feedback", json=FEEDBACK)
    assert answer.is_success, answer.text


def photograph(system: WebSystem, case: dict[str, Any], officer: str, name: str) -> None:
    with system.app(system.officer(officer)) as app:
        answer = app.post(
            f"/dispatch/v1/cases/{case['case_id']}/attachments", files={"file": (name, PHOTOGRAPH, "image/png")}
        )
    assert answer.is_success, answer.text
