"""A yellow alert left unanswered: reminded at 3 and 5 hours, missed at 6, told upward, and officers go and see."""

from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_silence_is_reminded_missed_escalated_and_verified(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T11:29:59")
    assert not the_world.heard("deadline.warned")
    await the_world.at("2026-03-02T11:30")
    assert len(the_world.heard("deadline.warned")) == 1
    await the_world.at("2026-03-02T13:30")
    assert len(the_world.heard("deadline.warned")) == 2
    await the_world.at("2026-03-02T14:29:59")
    assert not the_world.heard("deadline.missed")

    await the_world.at("2026-03-02T14:30")
    assert len(the_world.heard("deadline.missed")) == 1
    (to_chief,) = the_world.heard("case.escalated")
    assert to_chief["recipients"] == [{"role": "station_chief", "station": STATION}]
    (verification,) = the_world.heard("case.opened", kind="verification")
    assert the_world.heard("case.assigned", case_id=verification["case_id"])

    await the_world.at("2026-03-02T16:30")
    assert the_world.heard("case.escalated")[-1]["recipients"] == [{"role": "section", "station": None}]

    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    overdue = (await chief.get("/dispatch/v1/cases", params={"overdue": True, "level": "yellow"})).json()["items"]
    assert [case["kind"] for case in overdue] == ["self_report"]
    assert verification["raised_by"] == overdue[0]["case_id"]


async def test_a_late_report_stops_the_ladder_but_stays_late(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T14:30")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    cases = (await app.get("/dispatch/v1/cases")).json()["items"]
    (case,) = (case for case in cases if case["kind"] == "self_report")
    report = {"cause": "停电", "measures": "已恢复", "finished_at": "2026-03-02T14:00:00+08:00"}
    assert (await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=report)).is_success
    await the_world.after(days=3)

    assert len([one for one in the_world.heard("case.escalated") if one["kind"] == "self_report"]) == 1
    auditor = await the_world.app(Role.AUDITOR)
    clocks = (await auditor.get("/watch/v1/deadlines", params={"state": "overdue"})).json()["items"]
    assert case["case_id"] in {clock["case_id"] for clock in clocks}
