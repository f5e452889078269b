"""A code is one enterprise however it is written: by a platform, in a sheet, in a path, in a query or in a token."""

from pydantic_core import from_json, to_json

from services.sample.anomalies import RED, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

WIDE = str.maketrans({chr(half): chr(half + 0xFEE0) for half in range(0x21, 0x7F)})


async def test_a_platform_that_writes_it_otherwise_opens_no_second_case(
    the_world: World, enterprise: Enterprise
) -> None:
    event = from_json(anomaly(RED, enterprise, enterprise.outlets[0], the_world.clock.now(), the_world.choice))
    for number, code in enumerate((enterprise.code.lower(), enterprise.code, f" {enterprise.code.translate(WIDE)}")):
        event["id"], event["subject"] = f"written-{number}", code
        event["data"]["enterprise"]["code"] = code
        event["data"]["outlet"]["mn"] = (
            event["data"]["outlet"]["mn"].lower() if number else event["data"]["outlet"]["mn"]
        )
        await the_world.push_bytes(to_json(event), enterprise)
        await the_world.settle()

    (graded,) = the_world.heard("alert.graded")
    assert graded["enterprise"]["code"] == enterprise.code
    assert "subject-differs" not in {doubt["code"] for doubt in graded["doubts"]}
    (opened,) = the_world.heard("case.opened")
    assert (opened["enterprise_code"], opened["station"]) == (enterprise.code, STATION)
    auditor = await the_world.app(Role.AUDITOR)
    (alert,) = (await auditor.get("/ingest/v1/alerts")).json()["items"]
    assert alert["repeats"] == 2

    # Whoever asks for it finds it, and its own token lets it in.
    for code in (enterprise.code.lower(), f'="{enterprise.code}"', f"'{enterprise.code}"):
        found = (await auditor.get("/ingest/v1/alerts", params={"enterprise": code})).json()["items"]
        assert [one["alert_id"] for one in found] == [alert["alert_id"]]
        cases = (await auditor.get("/dispatch/v1/cases", params={"enterprise": code})).json()["items"]
        assert [one["case_id"] for one in cases] == [opened["case_id"]]
        assert (await auditor.get(f"/dispatch/v1/enterprises/{code}")).json()["code"] == enterprise.code
        own = await the_world.app(Role.ENTERPRISE, "somebody", enterprise=code)
        assert (await own.get(f"/dispatch/v1/enterprises/{enterprise.code}")).is_success


async def test_a_spreadsheet_brings_it_as_a_formula(the_world: World, enterprise: Enterprise) -> None:
    sheet = (
        "统一社会信用代码,名称,辖区,街道,执法所\n"
        f'"=""{enterprise.code.lower()}""",深圳某某电子有限公司（更名）,440306,新安,{STATION}\n'
    )
    admin = await the_world.app(Role.ADMIN)
    answer = await admin.post(
        "/dispatch/v1/imports",
        params={"kind": "enterprises", "dry_run": "false"},
        files={"file": ("enterprises.csv", sheet.encode("utf-8-sig"), "text/csv")},
    )
    assert answer.is_success, answer.text
    listed = (await admin.get("/dispatch/v1/enterprises")).json()["items"]
    assert [(one["code"], one["name"]) for one in listed] == [(enterprise.code, "深圳某某电子有限公司（更名）")]
