"""Replacing what one has seen, changing what one means, and who did it: all kinds of records, and the rota."""

import asyncio
from typing import Any

import httpx
import pytest

from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import ENTERPRISE, STATION, Bureau

CODE = "91440300MA5SEEN000"
RECORDS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("stations/futian", {"name": "福田所", "district": "440304", "streets": ["福田"]}, {"name": "福田执法所"}),
    ("officers/zhang-wei", {"name": "张伟", "station": STATION, "skills": ["gas"]}, {"on_duty": False}),
    ("staff/lin", {"name": "林海", "role": "station_chief", "station": STATION}, {"phone": "13700137000"}),
    (f"enterprises/{CODE}", {"name": "某厂", "address": "某路1号", "station": STATION}, {"name": "某某厂"}),
    (f"enterprises/{ENTERPRISE}/outlets/DA001", {"name": "锅炉", "medium": "gas", "mn": "A1"}, {"name": "1号锅炉"}),
    (f"stations/{STATION}/rota/2026-W10", {"days": {"2026-03-02": ["chen"], "2026-03-03": ["li"]}}, {}),
]
by_record = pytest.mark.parametrize(("path", "body", "change"), RECORDS, ids=[path for path, _, _ in RECORDS])


@by_record
async def test_what_is_there_is_replaced_by_whoever_saw_it(
    bureau: Bureau, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    path = f"/v1/{path}"
    async with bureau.api.app(Role.SECTION, "he") as section:
        created = await section.put(path, json=body)
        assert (created.status_code, created.json()["etag"]) == (200, created.headers["ETag"].strip('"')), created.text
        unseen = await section.put(path, json=body)
        assert (unseen.status_code, unseen.json()["type"]) == (428, "urn:tricolor:problem:if-match-required")
        read = await section.get(path)
        assert read.headers["ETag"] == created.headers["ETag"]

        other = {"days": {"2026-03-02": ["zhao"]}} if "days" in body else body | change
        replaced = await section.put(path, json=other, headers={"If-Match": read.headers["ETag"]})
        assert replaced.status_code == 200, replaced.text
        assert replaced.headers["ETag"] != read.headers["ETag"]
        stale = await section.put(path, json=body, headers={"If-Match": read.headers["ETag"]})
        assert (stale.status_code, stale.json()["type"]) == (412, "urn:tricolor:problem:changed-meanwhile")
        assert stale.json()["record"]["etag"] == replaced.json()["etag"]
        assert (await section.get(path)).headers["ETag"] == replaced.headers["ETag"]

        newest, oldest = (await section.get(f"{path}/history")).json()["items"]
        assert (oldest["change"], newest["change"]) == ("new", "changed")
        assert (newest["actor_role"], newest["actor_subject"], newest["how"]) == ("section", "he", "put")
        if change:
            ((field, value),) = change.items()
            assert newest["changes"] == {field: [read.json()[field], value]}
        else:
            assert newest["changes"] == {"2026-03-02": [["chen"], ["zhao"]], "2026-03-03": [["li"], None]}


@pytest.mark.parametrize(("path", "body", "change"), RECORDS[:-1], ids=[path for path, _, _ in RECORDS[:-1]])
async def test_a_patch_changes_what_it_names(
    bureau: Bureau, path: str, body: dict[str, Any], change: dict[str, Any]
) -> None:
    path = f"/v1/{path}"
    merge = {"Content-Type": "application/merge-patch+json"}
    async with bureau.api.app(Role.SECTION, "he") as section:
        missing = await section.patch(path, json=change)
        created = (await section.put(path, json=body)).json()
        patched = await section.patch(path, json=change, headers=merge)
        assert patched.status_code == 200, patched.text
        stale = await section.patch(path, json=change, headers={"If-Match": f'"{created["etag"]}"'})
        misspelt = await section.patch(path, json={"nmae": "x"})
        stored = (await section.get(path)).json()
        entries = (await section.get(f"{path}/history")).json()["items"]
    assert (missing.status_code, stale.status_code, misspelt.status_code) == (404, 412, 422)
    assert "nmae" in misspelt.json()["detail"]
    expected = created | change | {"etag": stored["etag"]}
    assert stored == {name: value for name, value in expected.items() if name in stored}
    assert [entry["how"] for entry in entries] == ["patch", "put"]


async def test_a_put_with_two_fields_cannot_empty_the_rest_unseen(bureau: Bureau) -> None:
    async with bureau.api.app(Role.SECTION) as section:
        refused = await section.put(
            f"/v1/enterprises/{ENTERPRISE}", json={"name": "某厂", "classification": ["key_unit"]}
        )
        stored = (await section.get(f"/v1/enterprises/{ENTERPRISE}")).json()
    assert refused.status_code == 428
    assert (stored["address"], stored["street"]) == ("宝安区新安街道1号", "新安")


async def test_of_those_who_create_or_replace_at_once_one_does(bureau: Bureau) -> None:
    async with bureau.api.app(Role.SECTION) as section:

        async def put(number: int, **headers: str) -> httpx.Response:
            return await section.put(f"/v1/enterprises/{CODE}", json={"name": f"厂{number}"}, headers=headers)

        created = await asyncio.gather(*(put(number) for number in range(4)))
        assert sorted(answer.status_code for answer in created) == [200, 428, 428, 428]
        etag = (await section.get(f"/v1/enterprises/{CODE}")).headers["ETag"]
        replaced = await asyncio.gather(*(put(number, **{"If-Match": etag}) for number in range(10, 14)))
        assert sorted(answer.status_code for answer in replaced) == [200, 412, 412, 412]
        assert len((await section.get(f"/v1/enterprises/{CODE}/history")).json()["items"]) == 2


async def test_a_put_sent_again_with_its_key_answers_the_same_tag(bureau: Bureau) -> None:
    headers = {"Idempotency-Key": "once"}
    async with bureau.api.app(Role.SECTION) as section:
        first, again = [
            await section.put(f"/v1/enterprises/{CODE}", json={"name": "某厂"}, headers=headers) for _ in range(2)
        ]
    assert first.headers["ETag"] == again.headers["ETag"]
    assert first.json() == again.json()


async def test_an_officers_change_says_what_it_did_to_cases(bureau: Bureau) -> None:
    case_id = await bureau.red()
    lead = next(iter(await bureau.team(case_id)))
    async with bureau.chief() as chief:
        off = await chief.patch(f"/v1/officers/{lead}", json={"on_duty": False})
        elsewhere = await chief.patch(f"/v1/officers/{lead}", json={"station": "shajing"})
    assert (off.json()["replanned"], off.json()["kept"]) == ([str(case_id)], [])
    assert elsewhere.status_code == 403


async def test_the_history_names_imports_and_events(bureau: Bureau) -> None:
    await bureau.red(enterprise={"code": CODE, "name": "平台所报名称"})
    sheet = f"统一社会信用代码,名称,联系人\n{CODE},登记名称,王强/13800138000\n".encode()
    async with bureau.api.app(Role.SECTION, "he") as section:
        params = {"kind": "enterprises", "dry_run": "false"}
        assert (await section.post("/v1/imports", params=params, files={"file": sheet})).is_success
        (run,) = (await section.get("/v1/imports")).json()["items"]
        by_sheet, by_event = (await section.get(f"/v1/enterprises/{CODE}/history")).json()["items"]
    async with bureau.api.app(Role.AUDITOR) as auditor:
        hidden, _ = (await auditor.get(f"/v1/enterprises/{CODE}/history")).json()["items"]
    async with bureau.api.app(Role.ENTERPRISE, enterprise=CODE) as own:
        assert (await own.get(f"/v1/enterprises/{CODE}/history")).status_code == 403
    assert (by_event["how"], by_event["change"], by_event["actor_role"]) == ("event", "new", "system")
    assert by_event["changes"] == {"name": [None, "平台所报名称"], "district": [None, "440306"]}
    assert (by_sheet["how"], by_sheet["import_id"], by_sheet["actor_subject"]) == ("import", run["import_id"], "he")
    assert by_sheet["changes"]["name"] == ["平台所报名称", "登记名称"]
    assert by_sheet["changes"]["contacts"][1][0]["phone"] == "13800138000"
    assert hidden["changes"]["contacts"] == [None, None]


async def test_the_history_pages_newest_first(bureau: Bureau) -> None:
    path = f"/v1/enterprises/{ENTERPRISE}"
    async with bureau.api.app(Role.SECTION) as section:
        for number in range(5):
            assert (await section.patch(path, json={"name": f"厂{number}"})).is_success
        first = (await section.get(f"{path}/history", params={"limit": 3})).json()
        rest = (await section.get(f"{path}/history", params={"limit": 3, "cursor": first["next"]})).json()
        unchanged = await section.patch(path, json={"name": "厂4"})
        again = (await section.get(f"{path}/history", params={"limit": 1})).json()["items"]
        unknown = await section.get("/v1/enterprises/nobody/history")
    named = [entry["changes"]["name"][1] for entry in (*first["items"], *rest["items"])]
    assert (named, rest["next"]) == ([f"厂{number}" for number in (4, 3, 2, 1, 0)], None)
    assert unchanged.is_success
    assert again[0]["entry_id"] == first["items"][0]["entry_id"]
    assert unknown.status_code == 404


async def test_a_rota_by_sheet_stands_in_the_history_of_its_week(bureau: Bureau) -> None:
    sheet = f"日期,执法所,值班人员\n2026-03-02,{STATION},chen\n2026-03-09,{STATION},li\n".encode()
    async with bureau.chief() as chief:
        answer = await chief.post("/v1/imports", params={"kind": "rota", "dry_run": "false"}, files={"file": sheet})
        assert answer.is_success, answer.text
        for week, day, officer in (("2026-W10", "2026-03-02", "chen"), ("2026-W11", "2026-03-09", "li")):
            (entry,) = (await chief.get(f"/v1/stations/{STATION}/rota/{week}/history")).json()["items"]
            assert (entry["how"], entry["changes"][day]) == ("import", [None, [officer]])
