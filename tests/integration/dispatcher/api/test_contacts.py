"""How people are reached: written with the record, shown to whoever may have to call, told to others by event."""

from typing import Any

import pytest
from pydantic_core import from_json
from sqlalchemy import select

from services.dispatcher import tables
from shared.contract.registrations import ENTERPRISE_REGISTERED, STAFF_REGISTERED
from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import ELSEWHERE, STATION, Bureau

ENTERPRISE = "91440300MA5REACHED"
CONTACTS: list[dict[str, Any]] = [
    {"name": "王强", "phone": "13800138000", "role": "环保负责人"},
    {"name": "李娟", "phone": "0755-27788888转12", "role": None},
]
CHANNELS = [{"channel": "vendor", "address": None}, {"channel": "sms", "address": "13800138000"}]
OF_ENTERPRISE = {"name": "某厂", "station": STATION, "contacts": CONTACTS, "channels": CHANNELS}
OF_OFFICER = {"name": "张伟", "station": STATION, "phone": "+86 139 0013 9000", "channels": CHANNELS[1:]}
CHIEF = {"name": "林海", "role": "station_chief", "station": STATION, "phone": "13700137000", "channels": CHANNELS[1:]}


@pytest.fixture
async def written(bureau: Bureau) -> Bureau:
    async with bureau.api.app(Role.SECTION) as section:
        for path, body in (
            (f"enterprises/{ENTERPRISE}", OF_ENTERPRISE),
            ("officers/zhang-wei", OF_OFFICER),
            ("staff/lin", CHIEF),
        ):
            answer = await section.put(f"/v1/{path}", json=body)
            assert answer.status_code == 200, answer.text
            assert body.items() <= answer.json().items()
    return bureau


@pytest.mark.parametrize(
    ("role", "station", "shown"),
    [
        (Role.OFFICER, STATION, True),
        (Role.STATION_CHIEF, STATION, True),
        (Role.SECTION, None, True),
        (Role.LEADER, None, True),
        (Role.ADMIN, None, True),
        (Role.STATION_CHIEF, ELSEWHERE, False),
        (Role.OFFICER, ELSEWHERE, False),
        (Role.AUDITOR, None, False),
    ],
)
async def test_whoever_may_have_to_call_sees_the_numbers(
    written: Bureau, role: Role, station: str | None, *, shown: bool
) -> None:
    async with written.api.app(role, station=station) as caller:
        for path in (f"enterprises/{ENTERPRISE}", "officers/zhang-wei", "staff/lin"):
            one = (await caller.get(f"/v1/{path}")).json()
            collection, code = path.split("/")
            listed = (await caller.get(f"/v1/{collection}", params={"limit": 100})).json()["items"]
            assert next(it for it in listed if it["code"] == code) == one
            assert bool(one["channels"]) is shown
            if "phone" in one:
                assert bool(one["phone"]) is shown
            else:
                # That there is somebody, and who, is no secret within the bureau.
                assert [it["name"] for it in one["contacts"]] == ["王强", "李娟"]
                assert [it["phone"] for it in one["contacts"]] == [it["phone"] if shown else None for it in CONTACTS]


async def test_an_officer_and_an_enterprise_see_how_they_are_reached_themselves(written: Bureau) -> None:
    async with written.api.app(Role.OFFICER, "zhang-wei") as officer:
        assert (await officer.get("/v1/officers/zhang-wei")).json()["phone"] == OF_OFFICER["phone"]
        assert (await officer.get("/v1/staff/lin")).json()["phone"] is None
    async with written.api.app(Role.ENTERPRISE, enterprise=ENTERPRISE) as own:
        record = (await own.get(f"/v1/enterprises/{ENTERPRISE}")).json()
        assert (record["contacts"], record["channels"]) == (CONTACTS, CHANNELS)
        assert (await own.get("/v1/staff/lin")).status_code == 403


@pytest.mark.parametrize(
    ("path", "body", "at_fault"),
    [
        ("enterprises/a", {"name": "某厂", "contacts": [{"name": "王强"}]}, "phone"),
        ("enterprises/a", {"name": "某厂", "contacts": [{"name": "王强", "phone": "找前台"}]}, "phone"),
        ("enterprises/a", {"name": "某厂", "channels": [{"channel": "pigeon", "address": "a"}]}, "channel"),
        ("enterprises/a", {"name": "某厂", "channels": [{"channel": "sms"}]}, "address"),
        ("enterprises/a", {"name": "某厂", "channels": [{"channel": "vendor", "address": "b"}]}, "address"),
        ("officers/a", {"name": "张", "station": STATION, "phone": ""}, "phone"),
        ("staff/a", {"name": "林", "role": "station_chief"}, "station"),
        ("staff/a", {"name": "林", "role": "leader", "station": STATION}, "station"),
        ("staff/a", {"name": "林", "role": "chief"}, "role"),
        ("staff/a", {"name": "林", "role": "station_chief", "station": "nowhere"}, "nowhere"),
    ],
)
async def test_what_reaches_nobody_is_refused_by_field(
    bureau: Bureau, path: str, body: dict[str, Any], at_fault: str
) -> None:
    async with bureau.api.app(Role.ADMIN) as admin:
        refused = await admin.put(f"/v1/{path}", json=body)
    assert refused.status_code == 422
    assert at_fault in refused.json()["detail"]


async def test_others_learn_of_it_by_event(written: Bureau) -> None:
    async with written.database.transaction() as connection:
        values = (await connection.scalars(select(tables.outbox.c.value))).all()
    told = {event["type"]: event["data"] for event in map(from_json, values)}
    assert told[ENTERPRISE_REGISTERED]["contacts"] == CONTACTS
    assert told[ENTERPRISE_REGISTERED]["channels"] == CHANNELS
    assert told[STAFF_REGISTERED]["phone"] == CHIEF["phone"]


async def test_a_sheet_brings_them(bureau: Bureau) -> None:
    sheet = (
        "统一社会信用代码,名称,联系人,通知渠道\n"
        f"{ENTERPRISE},某厂,王强/13800138000/环保负责人；李娟/0755-27788888转12,企业端；短信:13800138000\n"
        "91440300MA5OTHER0,别厂,王强,电报:1\n"
    )
    lines = sheet.splitlines(keepends=True)
    params = {"kind": "enterprises", "dry_run": "false"}
    async with bureau.api.app(Role.SECTION) as section:
        refused = await section.post("/v1/imports", params=params, files={"file": sheet.encode()})
        taken = await section.post("/v1/imports", params=params, files={"file": "".join(lines[:2]).encode()})
        stored = (await section.get(f"/v1/enterprises/{ENTERPRISE}")).json()
        of_staff = "编码,姓名,角色,执法所,电话,通知渠道\nlin,林海,所长,xinan,13700137000,粤政易:lin\n".encode()
        staff = await section.post(
            "/v1/imports", params={"kind": "staff", "dry_run": "false"}, files={"file": of_staff}
        )
        chief = (await section.get("/v1/staff/lin")).json()
    assert {one["column"] for one in refused.json()["errors"]["items"]} == {"联系人", "通知渠道"}
    assert taken.is_success, taken.text
    assert (stored["contacts"], stored["channels"]) == (CONTACTS, CHANNELS)
    assert staff.is_success, staff.text
    assert (chief["role"], chief["phone"]) == ("station_chief", "13700137000")
    assert chief["channels"] == [{"channel": "wecom", "address": "lin"}]
