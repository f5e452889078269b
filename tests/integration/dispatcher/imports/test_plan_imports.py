"""The rota and the quarter's inspections by sheet: row by row, all or nothing; and how far an arrival was."""

from typing import Any

import httpx
import pytest

from shared.contract.roles import Role
from tests.integration.dispatcher.bureau import ELSEWHERE, ENTERPRISE, STATION, Bureau

ROTA = """日期,执法所,值班人员
2026-03-02,xinan,li
2026/3/2,xinan,zhao
2026年3月8日,xinan,chen
"""
PLAN = f"""抽查计划编号,统一社会信用代码,检查事项,计划开始日期,计划结束日期
SZ2026Q1-0042,{ENTERPRISE},排污许可证后执法检查,2026-01-01,2026-03-31
SZ2026Q1-0043,{ENTERPRISE},危险废物规范化,2026-01-01,2026-03-31
SZ2026Q1-0044,91440306MA5000009X,排污许可证后执法检查,2026-01-01,2026-03-31
"""


async def send(app: httpx.AsyncClient, plan: str, sheet: str, *, dry_run: bool) -> httpx.Response:
    files = {"file": (f"{plan}.csv", sheet.encode("utf-8-sig"), "text/csv")}
    return await app.post("/v1/imports", params={"kind": plan, "dry_run": dry_run}, files=files)


async def test_a_rota_comes_by_sheet_and_re_plans(bureau: Bureau) -> None:
    case_id = await bureau.red()
    assert set(await bureau.team(case_id)) == {"chen", "li"}
    async with bureau.chief() as chief:
        dry = (await send(chief, "rota", ROTA, dry_run=True)).json()
        assert (dry["rows"], dry["errors"]["total"], dry["replanned"]) == (3, 0, [])
        assert await bureau.rows("duty_days") == []
        done = (await send(chief, "rota", ROTA, dry_run=False)).json()
        assert done["replanned"] == [str(case_id)]
        assert done["counts"] == {"new": 3, "changed": 0, "unchanged": 0, "refused": 0}
        again = (await send(chief, "rota", ROTA, dry_run=True)).json()
        assert again["counts"] == {"new": 0, "changed": 0, "unchanged": 3, "refused": 0}
        read = (await chief.get(f"/v1/stations/{STATION}/rota/2026-W10")).json()
    assert read["days"] == {"2026-03-02": ["li", "zhao"], "2026-03-08": ["chen"]}
    assert set(await bureau.team(case_id)) == {"li", "zhao"}
    (evidence,) = await bureau.rows("imports")
    assert (evidence["kind"], evidence["rows"], evidence["actor_subject"]) == ("rota", 3, "wang")


async def test_one_wrong_row_keeps_the_whole_sheet_out(bureau: Bureau) -> None:
    wrong = ROTA + "2026-03-03,xinan,nobody\nthe third,xinan,li\n2026-03-02,xinan,li\n"
    async with bureau.chief() as chief:
        dry = (await send(chief, "rota", wrong, dry_run=True)).json()
        refused = await send(chief, "rota", wrong, dry_run=False)
    assert [(one["row"], one["zh"]) for one in dry["errors"]["items"]] == [
        (5, "不是 xinan 的人员"),
        (6, "须为日期，如 2026-03-02"),
        (7, "与第 2 行重复"),
    ]
    assert (refused.status_code, refused.json()["errors"]["total"]) == (422, 3)
    assert await bureau.rows("duty_days") == []


async def test_a_chief_imports_the_own_rota_only(bureau: Bureau) -> None:
    async with bureau.chief(ELSEWHERE) as other:
        answer = await send(other, "rota", ROTA, dry_run=False)
        assert (answer.status_code, answer.json()["errors"]["total"]) == (422, 3)
        assert (await send(other, "inspections", PLAN, dry_run=True)).status_code == 403


async def test_the_quarters_inspections_come_by_sheet_and_meet_the_open_case(bureau: Bureau) -> None:
    case_id = await bureau.red()
    async with bureau.api.app(Role.SECTION) as section:
        done = (await send(section, "inspections", PLAN, dry_run=False)).json()
        assert (done["rows"], done["linked"]) == (3, 1)
        planned = (await section.get("/v1/inspections", params={"enterprise": ENTERPRISE})).json()["items"]
        assert [one["case_id"] for one in planned if one["case_id"]] == [str(case_id)]
        moved = PLAN.replace("后执法检查,2026-01-01", "后执法检查,2026-01-15", 1)
        told = (await send(section, "inspections", moved, dry_run=True)).json()
        assert [change["fields"] for change in told["changes"]] == [{"planned_from": ["2026-01-01", "2026-01-15"]}]
        backward = PLAN.replace("2026-03-31", "2025-12-31")
        assert (await send(section, "inspections", backward, dry_run=True)).json()["errors"]["total"] == 3


@pytest.mark.parametrize("form", ["xlsx", "csv"])
@pytest.mark.parametrize("plan", ["rota", "inspections"])
async def test_a_template_is_a_sheet_that_can_be_read(bureau: Bureau, plan: str, form: str) -> None:
    async with bureau.api.app(Role.SECTION) as section:
        template = await section.get("/v1/imports/template", params={"kind": plan, "format": form})
        files = {"file": (f"{plan}.{form}", template.content)}
        answer = (await section.post("/v1/imports", params={"kind": plan}, files=files)).json()
    assert answer["rows"] == 1
    assert [one["column"] for one in answer["errors"]["items"]] in ([], ["值班人员"])


# --- arrivals ---


async def arrive(bureau: Bureau, **position: float) -> dict[str, Any]:
    case_id = await bureau.red()
    own = (await bureau.team(case_id))["chen"]
    async with bureau.officer("chen") as chen:
        for step in ("accept", "depart"):
            await chen.post(f"/v1/assignments/{own}/{step}")
        assert (await chen.post(f"/v1/assignments/{own}/arrive", json={"position": position})).is_success
    (told,) = await bureau.told("case.arrived")
    detail: dict[str, Any] = told["detail"]
    return detail


async def put_outlet(bureau: Bureau) -> None:
    async with bureau.api.app(Role.ADMIN) as admin:
        outlet = {"mn": "A440306000001", "name": "锅炉", "medium": "gas", "longitude": 113.88, "latitude": 22.55}
        assert (await admin.put(f"/v1/enterprises/{ENTERPRISE}/outlets/DA001", json=outlet)).is_success


async def test_an_arrival_at_the_outlet_is_measured_from_it(bureau: Bureau) -> None:
    await put_outlet(bureau)
    detail = await arrive(bureau, longitude=113.881, latitude=22.55)
    assert (detail["measured_from"], detail["far"]) == ("outlet", False)
    assert detail["distance_metres"] == pytest.approx(103, abs=1)


async def test_an_arrival_far_off_is_marked_and_taken(bureau: Bureau) -> None:
    await put_outlet(bureau)
    detail = await arrive(bureau, longitude=113.98, latitude=22.55)
    assert detail["far"] is True


async def test_where_no_place_is_known_nothing_is_measured(bureau: Bureau) -> None:
    assert "distance_metres" not in await arrive(bureau, longitude=113.98, latitude=22.55)
