"""Yellow: the enterprise inspects itself, puts things right and reports truthfully within six hours."""

from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T09:20:00+08:00"}


async def test_a_report_in_time_meets_the_deadline_and_closes_the_case(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started")
    assert clock["started_at"] == "2026-03-02T08:30:00+08:00"
    assert clock["due_at"] == "2026-03-02T14:30:00+08:00"

    await the_world.at("2026-03-02T10:15")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (case,) = (await app.get("/dispatch/v1/cases")).json()["items"]
    assert case["due_at"] == clock["due_at"]
    answer = await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)
    assert answer.json()["state"] == "self_reported"

    await the_world.at("2026-03-02T11:00")
    assert the_world.heard("deadline.met")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    closed = (await chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve")).json()
    assert closed["closed_at"] == "2026-03-02T11:00:00+08:00"
    assert closed["outcome"] == "accepted_report"

    await the_world.after(days=10)
    # A verification, where the lot draws it for one, has a clock of its own.
    assert not the_world.heard("deadline.missed", case_id=case["case_id"])
    assert not the_world.heard("case.escalated", case_id=case["case_id"])


async def test_a_returned_report_re_opens_the_same_deadline(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T09:30")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (case,) = (await app.get("/dispatch/v1/cases")).json()["items"]
    await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)
    await the_world.settle()
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    returned = await chief.post(f"/dispatch/v1/cases/{case['case_id']}/return", json={"reason": "未说明复测结果"})
    assert returned.json()["state"] == "returned"

    # Nothing lengthens it: unanswered again at half past two, it is missed.
    await the_world.at("2026-03-02T14:30")
    (missed,) = the_world.heard("deadline.missed")
    assert missed["due_at"] == "2026-03-02T14:30:00+08:00"


async def test_six_hours_run_through_the_night(the_world: World, enterprise: Enterprise) -> None:
    await the_world.at("2026-03-07T22:00")  # a Saturday
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    assert the_world.heard("deadline.started")[0]["due_at"] == "2026-03-08T04:00:00+08:00"
