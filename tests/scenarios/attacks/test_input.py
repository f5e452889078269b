"""Input that is meant to do harm: paths, bombs, formulas, bodies without an end, expressions, too many requests."""

import io
import zipfile
from typing import Any

import httpx
import pytest
import yaml

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.dispatcher.api.multipart import file_name
from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.settings import Settings
from tests.scenarios.conftest import STATION
from tests.world import World

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def open_case(world: World, enterprise: Enterprise) -> tuple[str, httpx.AsyncClient]:
    await world.push(RED, enterprise)
    await world.settle()
    case_id = world.heard("case.opened")[-1]["case_id"]
    return case_id, await world.app(Role.STATION_CHIEF, "chief", station=STATION)


# --- paths and names ---

EVIL_NAMES = [
    "../../../../etc/passwd",
    "..\\..\\windows\\system32\\evil.png",
    "/etc/cron.d/evil",
    "C:\\evil.png",
    "evil\x00.png",
    "a\r\nSet-Cookie: a=b.png",
    "\u202egnp.exe",
    "<img src=x onerror=alert(1)>.png",
    '"; filename="evil.html',
    "." * 300,
    "CON",
    "照片" * 200,
]


@pytest.mark.parametrize("name", EVIL_NAMES)
def test_a_files_name_holds_no_path_and_nothing_unseen(name: str) -> None:
    safe = file_name(name)
    assert safe
    assert len(safe) <= 255
    assert not set("/\\\x00\r\n\u202e") & set(safe)
    assert safe.strip(". ")


async def test_files_with_such_names_are_kept_and_answered_as_nothing_else(
    the_world: World, enterprise: Enterprise
) -> None:
    case_id, chief = await open_case(the_world, enterprise)
    for number, name in enumerate(EVIL_NAMES):
        files = {"file": (name, PNG + bytes([number]), "text/html")}
        added = await chief.post(f"/dispatch/v1/cases/{case_id}/attachments", files=files)
        if added.status_code == 415:  # what calls itself a page is looked at by a person first
            files = {"file": (name, PNG + bytes([number]), "image/png")}
            added = await chief.post(f"/dispatch/v1/cases/{case_id}/attachments", files=files)
        assert added.status_code in (200, 422), (name, added.text)
        if added.status_code == 422:
            continue
        answer = await chief.get(f"/dispatch/v1/attachments/{added.json()['attachment_id']}")
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["content-disposition"].startswith("attachment; ")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/dispatch/v1/attachments/..%2f..%2f..%2fetc%2fpasswd",
        "/dispatch/v1/attachments/....//....//etc/passwd",
        "/dispatch/v1/imports/template?kind=../../secrets",
        "/dispatch/docs/assets/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/dispatch/docs/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/dispatch/v1/enterprises/..%2f..%2fetc",
        "/watch/v1/calendar/../../etc/passwd",
    ],
)
async def test_a_path_leads_nowhere_else(the_world: World, path: str) -> None:
    admin = await the_world.app(Role.ADMIN)
    answer = await admin.get(path)
    assert answer.status_code in (404, 422)
    assert "root:" not in answer.text


async def test_what_is_no_evidence_is_not_kept_as_such(the_world: World, enterprise: Enterprise) -> None:
    case_id, chief = await open_case(the_world, enterprise)
    for name, content in (
        ("page.html", b"<html><script>alert(1)</script></html>"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"),
        ("program.exe", b"MZ" + b"\x00" * 500),
        ("script.sh", b"#!/bin/sh\nrm -rf /\n"),
    ):
        answer = await chief.post(f"/dispatch/v1/cases/{case_id}/attachments", files={"file": (name, content)})
        assert answer.status_code == 415, name


# --- sheets ---


def workbook(parts: dict[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return whole.getvalue()


def template_with(template: bytes, changed: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(template)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    return workbook(parts | changed)


async def imported(app: httpx.AsyncClient, content: bytes, kind: str = "stations") -> httpx.Response:
    files = {"file": ("sheet.xlsx", content, XLSX)}
    return await app.post(f"/dispatch/v1/imports?kind={kind}", files=files)


async def test_a_bomb_is_not_unpacked(the_world: World) -> None:
    admin = await the_world.app(Role.ADMIN)
    template = (await admin.get("/dispatch/v1/imports/template?kind=stations")).content
    zeros = template_with(template, {"xl/media/image1.bin": bytes(80 * 1024 * 1024)})
    assert len(zeros) < 1024 * 1024
    many = template_with(template, {f"xl/media/{number}.bin": b"" for number in range(1_200)})
    entities = b"".join(b'<!ENTITY lol%d "%s">' % (number, b"&lol%d;" % (number - 1) * 10) for number in range(1, 10))
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY lol0 "lol">' + entities + b"]>"
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&lol9;</t></si></sst>'
    )
    outside = (
        b'<?xml version="1.0"?><!DOCTYPE sst [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
        b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>&file;</t></si></sst>'
    )
    for bomb in (
        zeros,
        many,
        template_with(template, {"xl/sharedStrings.xml": laughs}),
        template_with(template, {"xl/sharedStrings.xml": outside}),
        template_with(template, {"xl/worksheets/sheet1.xml": b"<!-- " + b"x" * 9_000 + b" -->" + laughs}),
        template_with(
            template, {"xl/sharedStrings.xml": "\ufeff".encode("utf-16-le") + laughs.decode().encode("utf-16-le")}
        ),
    ):
        answer = await imported(admin, bomb)
        assert answer.status_code == 422, answer.text
        assert "root:" not in answer.text


async def test_a_formula_is_no_value_and_is_never_written_back(the_world: World) -> None:
    admin = await the_world.app(Role.ADMIN)
    for name in ('=HYPERLINK("https://elsewhere.example","点这里")', "=cmd|' /C calc'!A0", "@SUM(1+1)", "+1+cmd|x"):
        sheet = f'code,name,district,streets\nx1,"{name.replace(chr(34), chr(34) * 2)}",440306,新安\n'
        files = {"file": ("stations.csv", sheet.encode(), "text/csv")}
        tried = await admin.post("/dispatch/v1/imports?kind=stations", files=files)
        assert tried.status_code in (200, 422), tried.text
    template = await admin.get("/dispatch/v1/imports/template?kind=stations&format=csv")
    for line in template.content.decode("utf-8-sig").splitlines():
        assert not [cell for cell in line.split(",") if cell.strip('"').startswith(("=", "+", "-", "@", "\t"))]


# --- size, number, expressions ---


@pytest.mark.parametrize(
    "path", ["/dispatch/v1/inspections", "/ingest/v1/rule-book/try", "/watch/v1/deadlines/explain"]
)
async def test_a_body_too_large_is_not_read(the_world: World, path: str) -> None:
    admin = await the_world.app(Role.ADMIN)
    body = b'{"a": "' + b"x" * 9 * 1024 * 1024 + b'"}'
    answer = await admin.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413


async def test_a_batch_too_large_is_not_taken(the_world: World) -> None:
    platform = await the_world.app(Role.PLATFORM, "sample")
    batch = {"Content-Type": "application/cloudevents-batch+json"}
    many = await platform.post("/ingest/v1/events", content=b"[" + b",".join([b"{}"] * 1_001) + b"]", headers=batch)
    assert many.status_code == 413
    deep = await platform.post("/ingest/v1/events", content=b"[" * 100_000 + b"]" * 100_000, headers=batch)
    assert deep.status_code == 422


BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{former}'] * 10)}]\n" for former, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("book", [BOMB, "a: &a [*a]\n", "[" * 1_000, "!!python/object/apply:os.system ['id']"])
async def test_yaml_neither_unfolds_without_end_nor_runs_anything(the_world: World, book: str) -> None:
    admin = await the_world.app(Role.ADMIN)
    checked = await admin.post("/ingest/v1/rule-book/candidate/check", json={"book": book})
    assert checked.status_code == 200, checked.text
    assert checked.json()["valid"] is False
    for path, body in (
        ("/watch/v1/deadline-policies?dry_run=true", {"policy": book, "reason": "x"}),
        ("/dispatch/v1/dispatch-policies?dry_run=true", {"policy": book, "reason": "x"}),
    ):
        assert (await admin.post(path, json=body)).status_code == 422


@pytest.mark.parametrize(
    "condition",
    [
        "[1, 2].exists(x, [1, 2].exists(y, x == y))",
        "(" * 100 + "true" + ")" * 100,
        " || ".join(["observed > 1.0"] * 400),
        "[1,2,3].map(x, x * 2).size() > 1",
    ],
)
async def test_a_condition_is_no_program(the_world: World, condition: str) -> None:
    admin = await the_world.app(Role.ADMIN)
    book = shipped_book()
    rule = book["rules"][0]
    rule["when"] = condition
    answer = await admin.post("/ingest/v1/rule-book/candidate/check", json={"book": yaml_of(book)})
    assert answer.json()["valid"] is False, answer.text


async def test_a_reason_takes_no_more_space_than_it_says(the_world: World) -> None:
    admin = await the_world.app(Role.ADMIN)
    book = shipped_book()
    for form in ("{category:>999999999}", "{category.__class__}", "{policy.__init__.__globals__}"):
        book["rules"][0]["reason"]["zh"] = form
        answer = await admin.post("/ingest/v1/rule-book/candidate/check", json={"book": yaml_of(book)})
        assert answer.json()["valid"] is False, form


def shipped_book() -> Any:
    return yaml.safe_load(RULE_BOOK.read_text(encoding="utf-8"))


def yaml_of(book: Any) -> str:
    return str(yaml.safe_dump(book, allow_unicode=True))


class TestTooMany:
    """An installation where a person may ask five times a minute."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"person_rate": "5/minute", "address_rate": "8/minute"})

    async def test_who_asks_too_often_is_told_when_to_come_again(self, empty_world: World) -> None:
        officer = await empty_world.app(Role.OFFICER, "xinan-01", station=STATION)
        colleague = await empty_world.app(Role.OFFICER, "xinan-02", station=STATION)
        for _ in range(5):
            answer = await officer.get("/dispatch/v1/cases")
            assert answer.status_code == 200
        assert answer.headers["ratelimit-policy"] == '"person";q=5;w=60'
        refused = await officer.get("/watch/v1/deadlines")
        assert (refused.status_code, refused.json()["type"]) == (429, "urn:tricolor:problem:too-many-requests")
        assert int(refused.headers["retry-after"]) >= 1
        assert (await colleague.get("/dispatch/v1/cases")).status_code == 200

    async def test_who_guesses_is_slowed_down(self, empty_world: World) -> None:
        app = await empty_world.app(Role.OFFICER, "xinan-01", station=STATION)
        wrong = {"Authorization": "Bearer guess"}
        statuses = [(await app.get("/dispatch/v1/cases", headers=wrong)).status_code for _ in range(10)]
        assert statuses == [401] * 8 + [429] * 2
