"""Photographs, videos and scans: checked by content, hashed, kept once; on a directory and on an S3 server."""

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from moto.server import ThreadedMotoServer
from starlette.requests import ClientDisconnect

from services.dispatcher.api.uploads import received
from services.dispatcher.evidence.attachments import ADDED
from services.dispatcher.handlers.uploads import LIFE
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.dispatcher.bureau import ELSEWHERE, Bureau, open_bureau

JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000") + bytes(range(256)) * 40
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n" + b"scan " * 2000
MP4 = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41" + os.urandom(3_000_000)
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """An S3-compatible server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    # The first request loads the server's model of S3, which takes longer than httpx waits where others work too.
    httpx.put(f"http://{host}:{port}/evidence", timeout=60).raise_for_status()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["directory", "s3"])
async def bureau(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    database: Database,
    clock: ManualClock,
    settings: Settings,
    data_directory: Path,
) -> Bureau:
    url = None
    if request.param == "s3":
        for name, value in {
            "AWS_ENDPOINT_URL": request.getfixturevalue("s3"),
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }.items():
            monkeypatch.setenv(name, value)
        url = f"s3://evidence/{os.getpid()}"
    return await open_bureau(database, clock, settings.model_copy(update={"attachments_url": url}), data_directory)


async def attach(
    app: httpx.AsyncClient, case_id: UUID, content: bytes, kind: str, name: str = "现场 1.jpg", **headers: str
) -> httpx.Response:
    files, data = {"file": (name, content, kind)}, {"taken_at": "2026-03-02T09:10:00+08:00"}
    return await app.post(f"/v1/cases/{case_id}/attachments", files=files, data=data, headers=headers)


async def test_a_photograph_is_kept_as_it_came(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen, bureau.chief() as chief:
        answer = await attach(chen, case_id, JPEG, "image/jpeg", "../../现场 1.jpg")
        assert answer.is_success, answer.text
        added = answer.json()
        assert added["sha256"] == hashlib.sha256(JPEG).hexdigest()
        assert (added["size"], added["media_type"], added["name"]) == (len(JPEG), "image/jpeg", "_.._现场 1.jpg")
        assert (added["claimed_at"], added["added_by"]) == ("2026-03-02T09:10:00+08:00", "chen")
        assert (await chief.get(f"/v1/cases/{case_id}/attachments")).json() == {"items": [added], "next": None}
        read = await chief.get(f"/v1/attachments/{added['attachment_id']}")
    assert read.content == JPEG
    assert read.headers["etag"] == f'"{added["sha256"]}"'
    assert read.headers["x-content-type-options"] == "nosniff"
    assert "filename*=UTF-8''_.._%E7%8E%B0%E5%9C%BA%201.jpg" in read.headers["content-disposition"]
    (entry,) = [row for row in await bureau.rows("timeline") if row["type"] == ADDED]
    assert entry["detail"]["sha256"] == added["sha256"]


async def test_a_part_and_nothing_new_are_answered_so(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        added = (await attach(chen, case_id, PDF, "application/pdf")).json()
        at = f"/v1/attachments/{added['attachment_id']}"
        part = await chen.get(at, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, PDF[10:20])
        assert part.headers["content-range"] == f"bytes 10-19/{len(PDF)}"
        assert (await chen.get(at, headers={"Range": "bytes=-5"})).content == PDF[-5:]
        assert (await chen.get(at, headers={"Range": f"bytes={len(PDF)}-"})).status_code == 416
        assert (await chen.get(at, headers={"If-None-Match": part.headers["etag"]})).status_code == 304


async def test_the_same_bytes_are_kept_once(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        answers = await asyncio.gather(*(attach(chen, case_id, JPEG, "image/jpeg") for _ in range(3)))
        assert len({answer.json()["attachment_id"] for answer in answers}) == 1
        keyed = [await attach(chen, case_id, PDF, "application/pdf", **{"Idempotency-Key": "k"}) for _ in range(2)]
        assert keyed[0].content == keyed[1].content
        other = await attach(chen, case_id, JPEG, "image/jpeg", **{"Idempotency-Key": "k"})
        assert (other.status_code, other.json()["type"].rsplit(":", 1)[1]) == (422, "idempotency-key-reused")
    assert len(await bureau.rows("attachments")) == 2


@pytest.mark.parametrize(
    ("content", "kind", "status", "problem"),
    [
        (b"<html><script>alert(1)</script>", "image/jpeg", 415, "attachment-type"),
        (b"MZ\x90\0" + bytes(100), "application/octet-stream", 415, "attachment-type"),
        (PDF, "image/jpeg", 415, "attachment-type"),
        (b"", "image/jpeg", 422, "attachment-empty"),
        (JPEG + bytes(21 * 1024 * 1024), "image/jpeg", 413, "attachment-too-large"),
    ],
    ids=["html", "program", "pdf as photograph", "empty", "too large"],
)
async def test_what_is_no_evidence_is_refused(
    bureau: Bureau, content: bytes, kind: str, status: int, problem: str
) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        answer = await attach(chen, case_id, content, kind)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:tricolor:problem:{problem}")
    assert await bureau.rows("attachments") == []


async def test_only_those_concerned_add_and_only_to_an_open_case(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as own, bureau.enterprise("other") as other, bureau.chief(ELSEWHERE) as chief:
        added = await attach(own, case_id, JPEG, "image/jpeg")
        assert added.is_success
        for stranger in (other, chief):
            assert (await attach(stranger, case_id, PDF, "application/pdf")).status_code == 404
            assert (await stranger.get(f"/v1/attachments/{added.json()['attachment_id']}")).status_code == 404
        report = {"cause": "老化", "measures": "维修", "finished_at": "2026-03-02T08:20:00+08:00"}
        await own.post(f"/v1/cases/{case_id}/self-report", json=report)
        async with bureau.chief() as reviewer:
            await reviewer.post(f"/v1/cases/{case_id}/approve", json={})
        late = await attach(own, case_id, PDF, "application/pdf")
    assert (late.status_code, late.json()["type"]) == (409, "urn:tricolor:problem:case-closed")


# --- resumable ---


async def announce(app: httpx.AsyncClient, case_id: UUID, length: int, **metadata: str) -> httpx.Response:
    pairs = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items())
    headers = TUS | {"Upload-Length": str(length), "Upload-Metadata": pairs}
    return await app.post(f"/v1/cases/{case_id}/uploads", headers=headers)


async def begin(app: httpx.AsyncClient, case_id: UUID, length: int, **metadata: str) -> str:
    answer = await announce(app, case_id, length, **metadata)
    assert answer.status_code == 201, answer.text
    return answer.headers["location"]


async def send(app: httpx.AsyncClient, at: str, offset: int, content: Any) -> httpx.Response:
    headers = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return await app.patch(at, headers=headers, content=content)


async def test_a_video_comes_in_parts_and_is_whole_in_the_end(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        at = await begin(chen, case_id, len(MP4), filename="录像.mp4", filetype="video/mp4")
        third = len(MP4) // 3
        for start in (0, third):
            assert (await send(chen, at, start, MP4[start : start + third])).headers["upload-offset"] == str(
                start + third
            )
        came = await chen.head(at, headers=TUS)
        assert (came.headers["upload-offset"], came.headers["upload-length"]) == (str(2 * third), str(len(MP4)))
        last = await send(chen, at, 2 * third, MP4[2 * third :])
        (added,) = (await chen.get(f"/v1/cases/{case_id}/attachments")).json()["items"]
        assert last.headers["attachment-id"] == added["attachment_id"]
        assert (added["sha256"], added["name"]) == (hashlib.sha256(MP4).hexdigest(), "录像.mp4")
        assert (await chen.get(f"/v1/attachments/{added['attachment_id']}")).content == MP4
        assert (await chen.head(at, headers=TUS)).headers["upload-offset"] == str(len(MP4))
        assert (await chen.delete(at, headers=TUS)).status_code == 409
    assert await bureau.rows("upload_parts") == []


async def test_what_came_before_the_line_broke_is_kept(bureau: Bureau) -> None:
    case_id = await bureau.red()

    async def broken() -> AsyncIterator[bytes]:
        """A request's stream as Starlette gives it when the app goes out of reach."""
        yield PDF[:6000]
        raise ClientDisconnect

    async with bureau.officer("chen") as chen:
        at = await begin(chen, case_id, len(PDF))
        caller, upload_id = Principal(role=Role.OFFICER, subject="chen"), UUID(at.rsplit("/", 1)[1])
        await bureau.uploads.append(caller, upload_id, 0, received(broken()))
        assert (await chen.head(at, headers=TUS)).headers["upload-offset"] == "6000"
        assert (await send(chen, at, 6000, PDF[6000:])).status_code == 204
        (added,) = (await chen.get(f"/v1/cases/{case_id}/attachments")).json()["items"]
    assert added["sha256"] == hashlib.sha256(PDF).hexdigest()


async def test_of_two_who_send_the_same_part_one_is_heard(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        at = await begin(chen, case_id, len(PDF))
        answers = await asyncio.gather(*(send(chen, at, 0, PDF[:5000]) for _ in range(2)))
        assert sorted(answer.status_code for answer in answers) == [204, 409]
        wrong = await send(chen, at, 1, PDF[1:])
        assert (wrong.status_code, wrong.headers["upload-offset"]) == (409, "5000")
        assert (await send(chen, at, 5000, PDF[5000:] + b"more")).status_code == 413
        assert (await send(chen, at, 5000, PDF[5000:])).status_code == 204


async def test_a_whole_file_of_a_doubtful_kind_waits_for_a_person(bureau: Bureau) -> None:
    case_id, drawing = await bureau.red(), b"AC1027" + bytes(2994)
    async with bureau.officer("chen") as chen, bureau.chief() as chief, bureau.chief(ELSEWHERE) as stranger:
        at = await begin(chen, case_id, len(drawing), filename="管线图.dwg")
        refused = await send(chen, at, 0, drawing)
        problem, upload_id = refused.json(), at.rsplit("/", 1)[1]
        assert (refused.status_code, problem["type"]) == (415, "urn:tricolor:problem:attachment-type")
        assert problem["upload_id"] == upload_id
        assert (await chen.head(at, headers=TUS)).headers["upload-offset"] == str(len(drawing))
        bureau.clock.advance(LIFE * 2)
        assert await bureau.uploads.sweep() == 0
        (waiting,) = (await chief.get(f"/v1/cases/{case_id}/uploads")).json()["items"]
        assert (waiting["upload_id"], waiting["name"]) == (upload_id, "管线图.dwg")
        assert waiting["found_type"] in waiting["doubt"]
        assert (await chief.get(f"/v1/uploads/{upload_id}/content")).content == drawing
        for app, body, status in ((stranger, {"reason": "图纸"}, 404), (chief, {"reason": " "}, 422)):
            assert (await app.post(f"/v1/uploads/{upload_id}/overrule", json=body)).status_code == status
        taken = await chief.post(f"/v1/uploads/{upload_id}/overrule", json={"reason": "企业提供的管线图，可作证据"})
        assert taken.is_success, taken.text
        added = taken.json()
        assert (added["sha256"], added["added_by"]) == (hashlib.sha256(drawing).hexdigest(), "chen")
        overruling = added["overruling"]
        assert overruling["doubt"] == waiting["doubt"]
        assert (overruling["reason"], overruling["by_role"]) == ("企业提供的管线图，可作证据", "station_chief")
        (entry,) = [row for row in await bureau.rows("timeline") if row["type"] == ADDED]
        assert entry["detail"]["overruling"] == overruling
        assert (await chief.get(f"/v1/cases/{case_id}/uploads")).json()["items"] == []
        again = await chief.post(f"/v1/uploads/{upload_id}/overrule", json={"reason": "再次"})
        assert (again.status_code, again.json()["type"]) == (409, "urn:tricolor:problem:upload-not-doubtful")
        assert (await chen.get(f"/v1/attachments/{added['attachment_id']}")).content == drawing
    assert await bureau.rows("upload_parts") == []


async def test_a_doubtful_file_sent_at_once_is_kept_once_and_taken_with_a_reason(bureau: Bureau) -> None:
    case_id = await bureau.yellow()
    async with bureau.enterprise() as own, bureau.chief() as chief:
        first, second = [await attach(own, case_id, b"PK\x03\x04" + bytes(500), "application/zip") for _ in range(2)]
        assert (first.status_code, second.status_code) == (415, 415)
        assert first.json()["upload_id"] == second.json()["upload_id"]
        (waiting,) = (await own.get(f"/v1/cases/{case_id}/uploads")).json()["items"]
        at = f"/v1/uploads/{waiting['upload_id']}"
        assert (await own.post(f"{at}/overrule", json={"reason": "我方图纸"})).status_code == 403
        files = {"file": ("图.zip", b"PK\x03\x04" + bytes(501), "application/zip")}
        own_reason = await own.post(f"/v1/cases/{case_id}/attachments", files=files, data={"reason": "我方图纸"})
        assert own_reason.status_code == 403
        assert (await chief.post(f"{at}/overrule", json={"reason": "资料齐全"})).is_success
        (kept,) = (await own.get(f"/v1/cases/{case_id}/attachments")).json()["items"]
        assert set(kept["overruling"]) == {"doubt", "reason", "by_role", "by_subject", "at"}
        assert (await attach(own, case_id, b"PK\x03\x04" + bytes(500), "application/zip")).json() == kept
        taken = await chief.post(f"/v1/cases/{case_id}/attachments", files=files, data={"reason": "现场取得"})
        assert taken.json()["overruling"]["reason"] == "现场取得"
    assert len(await bureau.rows("upload_parts")) == 0


async def test_what_is_no_evidence_is_told_before_its_bytes_are_sent(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        told = await announce(chen, case_id, 400_000_000, filename="资料.zip", filetype="application/zip")
        assert (told.status_code, told.json()["type"]) == (415, "urn:tricolor:problem:attachment-type")
        assert "application/pdf" in told.json()["detail"]
        too_long = await announce(chen, case_id, 500 * 1024 * 1024 + 1, filetype="video/mp4")
        assert (too_long.status_code, too_long.json()["type"]) == (413, "urn:tricolor:problem:attachment-too-large")
        assert await bureau.rows("uploads") == []
        at = await begin(chen, case_id, 300, filename="资料.zip", filetype="application/zip", reason="企业移交的台账")
        assert (await send(chen, at, 0, b"PK\x03\x04" + bytes(296))).status_code == 204
        (added,) = (await chen.get(f"/v1/cases/{case_id}/attachments")).json()["items"]
    assert (added["overruling"]["reason"], added["overruling"]["by_subject"]) == ("企业移交的台账", "chen")


async def test_behind_a_proxy_that_lets_only_post_through_an_upload_comes_all_the_same(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        for path in (f"/v1/cases/{case_id}/uploads", f"/v1/uploads/{case_id}"):
            able = await chen.options(path)
            assert (able.status_code, able.headers["tus-version"]) == (204, "1.0.0")
            assert able.headers["tus-extension"] == "creation,expiration,termination"
            assert able.headers["tus-max-size"] == str(500 * 1024 * 1024)
        at = await begin(chen, case_id, len(PDF))
        over = TUS | {"X-HTTP-Method-Override": "PATCH", "Content-Type": "application/offset+octet-stream"}
        half = await chen.post(at, headers=over | {"Upload-Offset": "0"}, content=PDF[:5000])
        assert (half.status_code, half.headers["upload-offset"]) == (204, "5000")
        assert (await chen.post(at, headers=over, content=PDF[5000:])).status_code == 422
        asked = await chen.post(at, headers=TUS | {"X-HTTP-Method-Override": "HEAD"})
        assert asked.headers["upload-offset"] == "5000"
        last = await chen.post(at, headers=over | {"Upload-Offset": "5000"}, content=PDF[5000:])
        assert last.headers["attachment-id"]
        other = await begin(chen, case_id, len(PDF))
        assert (await chen.post(other, headers=TUS | {"X-HTTP-Method-Override": "DELETE"})).status_code == 204
        assert (await chen.head(other, headers=TUS)).status_code == 404
        assert (await chen.post(at, headers=TUS)).status_code == 422


async def test_an_upload_is_whose_it_is_and_does_not_wait_for_ever(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen, bureau.officer("li") as li:
        at = await begin(chen, case_id, len(PDF))
        await send(chen, at, 0, PDF[:100])
        assert (await li.head(at, headers=TUS)).status_code == 404
        assert (await chen.head(at)).status_code == 412
        bureau.clock.advance(LIFE - timedelta(seconds=1))
        assert await bureau.uploads.sweep() == 0
        bureau.clock.advance(timedelta(seconds=1))
        assert await bureau.uploads.sweep() == 1
        assert (await chen.head(at, headers=TUS)).status_code == 404
    assert await bureau.rows("upload_parts") == []


async def test_what_a_crash_left_whole_is_finished_by_the_sweep(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.officer("chen") as chen:
        at = await begin(chen, case_id, len(PDF))
        (upload,) = await bureau.rows("uploads")
        await bureau.uploads.keep_part(upload["upload_id"], 0, _once(PDF), len(PDF))  # and then the process died
        assert await bureau.uploads.sweep() == 1
        (added,) = (await chen.get(f"/v1/cases/{case_id}/attachments")).json()["items"]
        assert added["sha256"] == hashlib.sha256(PDF).hexdigest()
        assert (await chen.head(at, headers=TUS)).headers["attachment-id"] == added["attachment_id"]


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
