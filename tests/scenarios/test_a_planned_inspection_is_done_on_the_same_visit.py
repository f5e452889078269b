"""The quarter's randomly drawn inspections are met by the red case's visit, in the case's time and never in theirs."""

import httpx

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_one_is_linked_another_parts_again_and_the_visit_does_the_first(
    the_world: World, enterprise: Enterprise
) -> None:
    section = await the_world.app(Role.SECTION, "he")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    # The provincial platform's export: an inspection that may wait until the end of the quarter.
    plan = (
        "计划编号,信用代码,抽查事项,开始日期,结束日期\r\n"
        f"SZ2026Q1-0042,{enterprise.code},排污许可证后执法检查,2026/1/1,2026/3/31\r\n"
    ).encode("gb18030")
    sent = await section.post(
        "/dispatch/v1/imports", params={"kind": "inspections", "dry_run": False}, files={"file": ("抽查计划.csv", plan)}
    )
    assert (sent.json()["rows"], sent.json()["linked"]) == (1, 0)

    # A red alert: one visit for both, by the red case's own deadline.
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (merged,) = the_world.heard("case.merged")
    assert merged["detail"]["inspection"]["plan"] == "SZ2026Q1-0042"
    case = (await chief.get(f"/dispatch/v1/cases/{merged['case_id']}")).json()
    assert case["due_at"] == "2026-03-10T00:00:00+08:00"
    assert [matter["planned_until"] for matter in case["matters"]] == ["2026-03-31"]

    # The two do not fit together after all: the link is undone, with the reason, and the inspection is free again.
    inspection = merged["detail"]["inspection"]["inspection_id"]
    undo = {"reason": "抽查须由市局随机人员实施", "inspection_id": inspection}
    assert (await chief.post(f"/dispatch/v1/cases/{case['case_id']}/unmerge", json={})).status_code == 422
    assert (await chief.post(f"/dispatch/v1/cases/{case['case_id']}/unmerge", json=undo)).is_success
    await the_world.settle()
    (parted,) = the_world.heard("case.unmerged")
    assert parted["reason"] == "抽查须由市局随机人员实施"
    assert await planned(section) == (None, None)

    # The plan is sent again, as it is each week, and meets the open case; the visit does both.
    again = await section.post(
        "/dispatch/v1/imports", params={"kind": "inspections", "dry_run": False}, files={"file": ("抽查计划.csv", plan)}
    )
    assert again.json()["linked"] == 1
    lead = the_world.heard("case.assigned")[0]["team"][0]["officer"]
    officer = await the_world.app(Role.OFFICER, lead, station=STATION)
    (own,) = (await officer.get("/dispatch/v1/assignments")).json()["items"]
    assert [matter["matters"] for matter in own["matters"]] == ["排污许可证后执法检查"]
    await the_world.at("2026-03-04T10:00")
    for step in ("accept", "depart", "arrive"):
        assert (await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await the_world.arrive_second(case["case_id"])
    report = {"findings": "废气超标；许可证齐全", "measures": "责令改正", "outcome": "rectified"}
    assert (await officer.post(f"/dispatch/v1/cases/{case['case_id']}/feedback", json=report)).is_success
    assert (await chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve", json={})).is_success
    await the_world.settle()
    assert await planned(section) == (case["case_id"], "2026-03-04T10:00:00+08:00")
    assert [told["due_at"] for told in the_world.heard("deadline.met")] == ["2026-03-10T00:00:00+08:00"]


async def planned(app: httpx.AsyncClient) -> tuple[str | None, str | None]:
    """The case that does the one planned inspection, and when it was done."""
    (one,) = (await app.get("/dispatch/v1/inspections")).json()["items"]
    return one["case_id"], one["done_at"]
