"""Imports: a dry run tells, applying does all or nothing, and what was applied is kept as evidence."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic_core import from_json
from sqlalchemy import select, text, update

from services.dispatcher import tables
from services.dispatcher.api import imports, master_data, outlets
from services.dispatcher.api.mutations import CaseMutations
from services.dispatcher.cases.unit_of_work import units_of_work
from services.dispatcher.cases.wakeups import Wakeups
from services.dispatcher.imports.reading.sheets import MAX_BYTES
from services.dispatcher.policies.versions import DispatchPolicies
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.dispatcher.callers import Api

Json = dict[str, Any]
OFFICERS = "编码,姓名,执法所,专长\nzhang,张伟,shajing,废气\nli,李丽,fuyong,废水；VOC\n"
ENTERPRISES = "编码,名称,执法所\n91440306MA5000001W,甲厂,shajing\n91440306MA5000002W,乙厂,\n"


@pytest.fixture
def api(database: Database, clock: ManualClock, settings: Settings, data_directory: Path) -> Api:
    units = units_of_work(
        database, Outbox(tables.outbox, clock), clock, Wakeups(), settings.topic_prefix, DispatchPolicies.shipped()
    )
    mutations = CaseMutations(units, tables.idempotency)
    return Api(
        settings,
        data_directory,
        master_data.router(database, mutations),
        outlets.router(database, mutations),
        imports.router(database, mutations),
    )


@pytest.fixture
async def admin(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """Two stations are there."""
    async with api.app(Role.ADMIN, "zhou") as admin:
        for code, name in (("shajing", "沙井所"), ("fuyong", "福永所")):
            put = await admin.put(f"/v1/stations/{code}", json={"name": name, "district": "440306"})
            assert put.is_success
        yield admin


async def send(app: httpx.AsyncClient, kind: str, sheet: str | bytes, **headers: str) -> httpx.Response:
    """Apply a sheet."""
    return await post(app, kind, sheet, {"dry_run": "false"}, headers)


async def dry(app: httpx.AsyncClient, kind: str, sheet: str | bytes) -> Json:
    answer = await post(app, kind, sheet, {}, {})
    assert answer.status_code == 200, answer.text
    assert answer.headers["etag"] == f'"{answer.json()["digest"]}"'
    return dict(answer.json())


async def post(
    app: httpx.AsyncClient, kind: str, sheet: str | bytes, params: dict[str, str], headers: dict[str, str]
) -> httpx.Response:
    content = sheet.encode() if isinstance(sheet, str) else sheet
    files = {"file": ("人员.csv", content)}
    return await app.post("/v1/imports", params={"kind": kind} | params, files=files, headers=headers)


async def listed(app: httpx.AsyncClient, path: str) -> dict[str, Json]:
    """The records of a path by code."""
    return {record["code"]: record for record in (await app.get(path)).json()["items"]}


async def waiting(database: Database) -> int:
    """How many wait for a lock. Asked in a transaction of its own: one sees the activity as it first saw it."""
    asked = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    async with database.transaction() as connection:
        return int(await connection.scalar(text(asked)) or 0)


async def registered(database: Database) -> list[Json]:
    async with database.transaction() as connection:
        rows = (await connection.execute(tables.outbox.select().order_by(tables.outbox.c.position))).all()
    events = [from_json(row.value) for row in rows]
    return [event["data"] for event in events if event["type"] == "cn.tricolor.enterprise.registered.v1"]


async def test_a_dry_run_tells_and_changes_nothing(admin: httpx.AsyncClient) -> None:
    await admin.put("/v1/officers/li", json={"name": "李丽", "station": "shajing", "skills": ["water", "voc"]})
    told = await dry(admin, "officers", OFFICERS)
    assert told["dry_run"] is True
    assert told["rows"] == 2
    assert told["counts"] == {"new": 1, "changed": 1, "unchanged": 0, "refused": 0}
    assert told["errors"] == {"total": 0, "items": []}
    new, changed = told["changes"]
    assert (new["row"], new["key"], new["change"]) == (2, ["zhang"], "new")
    assert new["fields"]["skills"] == [None, ["gas"]]
    assert changed == {"row": 3, "key": ["li"], "change": "changed", "fields": {"station": ["shajing", "fuyong"]}}
    assert set(await listed(admin, "/v1/officers")) == {"li"}
    assert (await admin.get("/v1/imports")).json()["items"] == []


async def test_applying_writes_what_the_dry_run_told(admin: httpx.AsyncClient) -> None:
    told = await dry(admin, "officers", OFFICERS)
    applied = await send(admin, "officers", OFFICERS, **{"If-Match": f'"{told["digest"]}"'})
    assert applied.status_code == 200
    assert applied.json() == told | {"dry_run": False}
    stored = await listed(admin, "/v1/officers")
    assert {code: (one["name"], one["station"], one["skills"]) for code, one in stored.items()} == {
        "zhang": ("张伟", "shajing", ["gas"]),
        "li": ("李丽", "fuyong", ["water", "voc"]),
    }
    again = await dry(admin, "officers", OFFICERS)
    assert again["counts"] == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}


async def test_only_what_changes_is_written(admin: httpx.AsyncClient, clock: ManualClock) -> None:
    await send(admin, "officers", OFFICERS)
    before = await listed(admin, "/v1/officers")
    clock.move_to(clock.now() + timedelta(days=1))
    await send(admin, "officers", OFFICERS.replace("张伟", "张炜"))
    after = await listed(admin, "/v1/officers")
    assert after["li"] == before["li"]
    assert after["zhang"]["name"] == "张炜"
    assert after["zhang"]["updated_at"] > before["zhang"]["updated_at"]


async def test_errors_are_told_by_row_and_nothing_of_the_sheet_is_applied(admin: httpx.AsyncClient) -> None:
    sheet = OFFICERS + "wang,王芳,nowhere,\n,无名,fuyong,\nli,又一个,fuyong,\n"
    told = await dry(admin, "officers", sheet)
    assert told["counts"] == {"new": 2, "changed": 0, "unchanged": 0, "refused": 3}
    assert [(error["row"], error["column"], error["value"]) for error in told["errors"]["items"]] == [
        (4, "执法所", "nowhere"),
        (5, "编码", ""),
        (6, "编码", "li"),
    ]
    refused = await send(admin, "officers", sheet)
    assert (refused.status_code, refused.json()["type"]) == (422, "urn:tricolor:problem:import-refused")
    assert refused.json()["errors"] == told["errors"]
    assert await listed(admin, "/v1/officers") == {}
    assert (await admin.get("/v1/imports")).json()["items"] == []


@pytest.mark.parametrize("changed", ["the stored record", "the file", "a station"])
async def test_what_changed_since_the_dry_run_is_not_applied(admin: httpx.AsyncClient, changed: str) -> None:
    await admin.put("/v1/officers/li", json={"name": "李丽", "station": "shajing"})
    sheet = OFFICERS + "wang,王芳,songgang,\n" if changed == "a station" else OFFICERS
    match = {"If-Match": f'"{(await dry(admin, "officers", sheet))["digest"]}"'}
    if changed == "the stored record":
        await admin.patch("/v1/officers/li", json={"on_duty": False})
    elif changed == "a station":
        await admin.put("/v1/stations/songgang", json={"name": "松岗所", "district": "440306"})
    else:
        sheet = OFFICERS.replace("张伟", "张炜")
    refused = await send(admin, "officers", sheet, **match)
    assert (refused.status_code, refused.json()["type"]) == (412, "urn:tricolor:problem:changed-since-dry-run")
    fresh = {"If-Match": f'"{refused.json()["digest"]}"'}
    assert (await send(admin, "officers", sheet, **fresh)).is_success


async def test_a_record_that_the_sheet_does_not_name_may_change_meanwhile(admin: httpx.AsyncClient) -> None:
    told = await dry(admin, "officers", OFFICERS)
    await admin.put("/v1/officers/wang", json={"name": "王芳", "station": "shajing"})
    assert (await send(admin, "officers", OFFICERS, **{"If-Match": f'"{told["digest"]}"'})).is_success


async def test_of_two_imports_of_one_dry_run_one_is_applied(admin: httpx.AsyncClient) -> None:
    match = {"If-Match": f'"{(await dry(admin, "officers", OFFICERS))["digest"]}"'}
    answers = await asyncio.gather(*(send(admin, "officers", OFFICERS, **match) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    assert len((await admin.get("/v1/imports")).json()["items"]) == 1


async def test_an_import_waits_for_who_has_a_record_under_lock(admin: httpx.AsyncClient, database: Database) -> None:
    """And neither waits for the other for ever: whoever locked a row may still write it."""
    await send(admin, "officers", OFFICERS)
    officers = tables.officers
    async with database.transaction() as connection:
        await connection.execute(select(officers).where(officers.c.code == "li").with_for_update())
        importing = asyncio.create_task(send(admin, "officers", OFFICERS.replace("李丽", "李莉")))
        while not await waiting(database):
            pass
        await connection.execute(update(officers).where(officers.c.code == "li").values(on_duty=False))
    answer = await importing
    assert answer.status_code == 200, answer.text
    stored = (await listed(admin, "/v1/officers"))["li"]
    assert (stored["name"], stored["on_duty"]) == ("李莉", False)


async def test_an_import_sent_again_with_its_key_is_done_once(admin: httpx.AsyncClient) -> None:
    """Though every sending draws a boundary of its own."""
    first = await send(admin, "officers", OFFICERS, **{"Idempotency-Key": "once"})
    again = await send(admin, "officers", OFFICERS, **{"Idempotency-Key": "once"})
    other = await send(admin, "officers", OFFICERS + "wang,王芳,shajing,\n", **{"Idempotency-Key": "once"})
    assert again.json() == first.json()
    assert first.json()["counts"]["new"] == 2
    assert (other.status_code, other.json()["type"]) == (422, "urn:tricolor:problem:idempotency-key-reused")
    assert len((await admin.get("/v1/imports")).json()["items"]) == 1


async def test_what_was_imported_by_whom_is_kept(admin: httpx.AsyncClient, api: Api) -> None:
    await send(admin, "officers", OFFICERS)
    async with api.app(Role.SECTION, "he") as section:
        await send(section, "enterprises", ENTERPRISES)
    async with api.app(Role.AUDITOR) as auditor:
        newest = (await auditor.get("/v1/imports", params={"limit": "1"})).json()
        rest = (await auditor.get("/v1/imports", params={"limit": "1", "cursor": newest["next"]})).json()
        of_kind = (await auditor.get("/v1/imports", params={"kind": "officers"})).json()
    assert (newest["items"][0]["kind"], newest["items"][0]["actor_subject"]) == ("enterprises", "he")
    (first,) = rest["items"]
    assert rest["next"] is None
    assert of_kind["items"] == [first]
    assert {name: value for name, value in first.items() if name != "import_id"} == {
        "kind": "officers",
        "file_name": "人员.csv",
        "file_sha256": hashlib.sha256(OFFICERS.encode()).hexdigest(),
        "rows": 2,
        "new": 2,
        "changed": 0,
        "unchanged": 0,
        "actor_role": "admin",
        "actor_subject": "zhou",
        "at": "2026-03-02T08:30:00+08:00",
    }


async def test_enterprises_new_or_changed_are_told_of_and_no_others(
    admin: httpx.AsyncClient, database: Database
) -> None:
    await dry(admin, "enterprises", ENTERPRISES)
    assert await registered(database) == []
    await send(admin, "enterprises", ENTERPRISES)
    assert [(one["code"], one["name"]) for one in await registered(database)] == [
        ("91440306MA5000001W", "甲厂"),
        ("91440306MA5000002W", "乙厂"),
    ]
    await send(admin, "enterprises", ENTERPRISES.replace("乙厂,", "乙厂,fuyong"))
    await send(admin, "enterprises", "编码,名称,分类\n91440306MA5000001W,甲厂,重点监管对象\n")
    assert [(one["code"], one["classification"]) for one in (await registered(database))[2:]] == [
        ("91440306MA5000002W", []),
        ("91440306MA5000001W", ["key_unit"]),
    ]
    stored = await listed(admin, "/v1/enterprises")
    assert stored["91440306MA5000001W"]["station"] == "shajing"
    assert {one["source"] for one in stored.values()} == {"master"}


async def test_data_loggers_change_places_in_one_import(admin: httpx.AsyncClient) -> None:
    await send(admin, "enterprises", ENTERPRISES)
    sheet = "企业编码,编号,名称,类型,MN\n91440306MA5000001W,DA001,甲,废气,{}\n91440306MA5000001W,DA002,乙,废气,{}\n"
    assert (await send(admin, "outlets", sheet.format("M1", "M2"))).is_success
    swapped = await send(admin, "outlets", sheet.format("M2", "M1"))
    assert swapped.status_code == 200
    path = "/v1/enterprises/91440306MA5000001W/outlets"
    assert {code: one["mn"] for code, one in (await listed(admin, path)).items()} == {"DA001": "M2", "DA002": "M1"}
    taken = await dry(admin, "outlets", sheet.format("M3", "").replace("DA001", "DA003"))
    assert taken["errors"]["total"] == 0
    taken = await dry(admin, "outlets", "企业编码,编号,名称,类型,MN\n91440306MA5000002W,DA001,丙,废水,M1\n")
    (error,) = taken["errors"]["items"]
    assert (error["column"], error["value"], error["zh"]) == ("MN", "M1", "已属于 91440306MA5000001W DA002")


async def test_an_outlet_of_nobody_is_refused(admin: httpx.AsyncClient) -> None:
    told = await dry(admin, "outlets", "企业编码,编号,名称,类型\nnobody,DA001,甲,废气\n")
    assert [(error["row"], error["column"]) for error in told["errors"]["items"]] == [(2, "企业编码")]


async def test_a_chief_imports_the_officers_of_the_own_station_only(admin: httpx.AsyncClient, api: Api) -> None:
    await admin.put("/v1/officers/li", json={"name": "李丽", "station": "fuyong"})
    heading = "编码,姓名,执法所\n"
    async with api.app(Role.STATION_CHIEF, "wang", station="shajing") as chief:
        own = await send(chief, "officers", heading + "zhang,张伟,shajing\n")
        given_away = await send(chief, "officers", heading + "zhang,张伟,fuyong\n")
        taken = await send(chief, "officers", heading + "li,李丽,shajing\n")
        told = await dry(chief, "officers", heading + "li,李丽,shajing\nzhao,赵强,shajing\n")
        other = await post(chief, "stations", "编码,名称,辖区\na,a,1\n", {}, {})
    async with api.app(Role.STATION_CHIEF, "nobody") as nowhere:
        homeless = await send(nowhere, "officers", heading + "zhao,赵强,shajing\n")
    assert [answer.status_code for answer in (own, given_away, taken, other, homeless)] == [200, 422, 422, 403, 422]
    assert told["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "refused": 1}
    assert "shajing" in told["errors"]["items"][0]["zh"]
    stored = await listed(admin, "/v1/officers")
    assert {code: one["station"] for code, one in stored.items()} == {"zhang": "shajing", "li": "fuyong"}


@pytest.mark.parametrize("role", [Role.OFFICER, Role.LEADER, Role.AUDITOR, Role.ENTERPRISE, Role.PLATFORM])
async def test_others_do_not_import(api: Api, role: Role) -> None:
    async with api.app(role) as caller:
        assert (await post(caller, "officers", OFFICERS, {}, {})).status_code == 403
        assert (await caller.get("/v1/imports/template", params={"kind": "officers"})).status_code == 403


async def test_what_is_no_sheet_is_refused(admin: httpx.AsyncClient) -> None:
    broken = await post(admin, "officers", b"PK\x03\x04", {}, {})
    assert (broken.status_code, broken.json()["type"]) == (422, "urn:tricolor:problem:sheet-refused")
    assert "XLSX" in broken.json()["zh"]
    without: list[Json] = [{}, {"data": {"file": "text"}}, {"files": {"sheet": b"x"}}, {"json": {}}]
    for sent in without:
        missing = await admin.post("/v1/imports", params={"kind": "officers"}, **sent)
        assert (missing.status_code, missing.json()["type"]) == (422, "urn:tricolor:problem:no-file")
    garbled = await admin.post(
        "/v1/imports", params={"kind": "officers"}, content=b"x", headers={"Content-Type": "multipart/form-data"}
    )
    assert garbled.status_code == 400
    assert (await post(admin, "cats", OFFICERS, {}, {})).status_code == 422


@pytest.mark.parametrize("size", [MAX_BYTES + 1, MAX_BYTES + 100_000])
async def test_a_file_too_large_is_refused(admin: httpx.AsyncClient, size: int) -> None:
    refused = await post(admin, "officers", b"x" * size, {}, {})
    assert (refused.status_code, refused.json()["type"]) == (413, "urn:tricolor:problem:too-large")


@pytest.mark.parametrize("form", ["xlsx", "csv"])
async def test_the_templates_can_be_imported_as_they_are(admin: httpx.AsyncClient, form: str) -> None:
    for kind in ("stations", "officers", "enterprises", "outlets"):
        template = await admin.get("/v1/imports/template", params={"kind": kind, "format": form})
        assert template.status_code == 200
        assert f'filename="{kind}.{form}"' in template.headers["content-disposition"]
        applied = await send(admin, kind, template.content)
        assert applied.status_code == 200, applied.text
        assert applied.json()["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "refused": 0}


async def test_thousands_of_rows_are_applied_whole(admin: httpx.AsyncClient, database: Database) -> None:
    rows = "".join(f"9144030600000{n:05},第{n}厂,shajing,重点监管对象\n" for n in range(20_000))
    applied = await send(admin, "enterprises", f"编码,名称,执法所,分类\n{rows}")
    assert applied.json()["counts"] == {"new": 20_000, "changed": 0, "unchanged": 0, "refused": 0}
    assert len(applied.json()["changes"]) == 200
    assert len(await registered(database)) == 20_000
