"""A marking that takes a grade down is not believed unheard: the station looks at it, and some are seen on site."""

import pytest
from pydantic_core import from_json, to_json

from services.sample.anomalies import RED, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

MARKING = {"kind": "start_up", "reason": "设备启动"}


async def pushed(world: World, enterprise: Enterprise, outlet: int, marking: Json | None, **changes: object) -> None:
    event = from_json(anomaly(RED, enterprise, enterprise.outlets[outlet], world.clock.now(), world.choice))
    event["data"] |= {"marking": marking} | changes
    await world.push_bytes(to_json(event), enterprise)
    await world.settle()


async def test_the_station_reviews_it_and_the_draw_decides_on_a_visit(the_world: World, enterprise: Enterprise) -> None:
    await pushed(the_world, enterprise, 0, MARKING)
    (alert,) = the_world.heard("alert.graded")
    assert (alert["level"], alert["marking_effective"]) == ("white", True)
    (case,) = the_world.heard("case.opened", kind="marking")
    assert (case["state"], case["station"]) == ("self_reported", STATION)
    assert "start_up" in case["reason"]
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    (notice,) = (await chief.get("/dispatch/v1/notices", params={"purpose": "marking_to_review"})).json()["items"]
    assert notice["case_id"] == case["case_id"]

    # A second one of the same enterprise is looked at together with it; the enterprise is told nothing of either.
    await pushed(the_world, enterprise, 1, MARKING)
    assert len(the_world.heard("case.opened", kind="marking")) == 1
    path = f"/dispatch/v1/cases/{case['case_id']}"
    assert len((await chief.get(path)).json()["alert_ids"]) == 2
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    assert (await app.get(path)).status_code == 404

    # Accepted, it is drawn like a report.
    closed = (await chief.post(f"{path}/approve", json={})).json()
    assert (closed["outcome"], closed["handled"]) == ("marking_accepted", True)
    await the_world.settle()
    assert the_world.heard("deadline.met", kind="marking")
    entries = (await chief.get(f"{path}/timeline")).json()["items"]
    (draw,) = [entry["detail"] for entry in entries if entry["type"] == "cn.tricolor.case.truth_check.v1"]
    assert draw["verified"] == bool(the_world.heard("case.opened", kind="verification"))


async def test_one_in_doubt_sends_officers_and_one_nobody_looks_at_is_heard(
    the_world: World, enterprise: Enterprise
) -> None:
    await pushed(the_world, enterprise, 0, MARKING)
    (case,) = the_world.heard("case.opened", kind="marking")
    await the_world.at("2026-03-03T12:00")
    assert the_world.heard("deadline.missed", kind="marking")
    assert the_world.heard("case.escalated", kind="marking")[0]["recipients"][0]["role"] == "section"

    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    questioned = await chief.post(f"/dispatch/v1/cases/{case['case_id']}/return", json={"reason": "当日并未启炉"})
    assert questioned.json()["outcome"] == "marking_questioned"
    await the_world.settle()
    (verification,) = the_world.heard("case.opened", kind="verification")
    assert verification["raised_by"] == case["case_id"]
    assert the_world.heard("case.assigned", kind="verification")


async def test_a_marking_that_changes_nothing_opens_nothing(the_world: World, enterprise: Enterprise) -> None:
    await pushed(the_world, enterprise, 0, {"kind": "someday", "reason": "不明"})
    (alert,) = the_world.heard("alert.graded")
    assert (alert["level"], alert["marking_effective"]) == ("red", False)
    assert not the_world.heard("case.opened", kind="marking")


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"flag": "Q"}, "数据标识（Q）"), ({"limit": -5.0}, "限值 -5 不合常理"), ({"limit": 0.0}, "限值 0 不合常理")],
)
async def test_an_unknown_flag_and_a_limit_that_cannot_be_one_ask_a_person(
    the_world: World, enterprise: Enterprise, changes: Json, named: str
) -> None:
    await pushed(the_world, enterprise, 0, None, **changes)
    (alert,) = the_world.heard("alert.graded")
    assert (alert["level"], alert["grading"]["unmarked_level"], alert["marking_effective"]) == ("white", "red", True)
    (case,) = the_world.heard("case.opened", kind="marking")
    assert (case["state"], case["station"]) == ("self_reported", STATION)
    assert named in case["reason"]
    assert not the_world.heard("case.opened", kind="on_site")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    waiting = (await chief.get("/console/v1/work")).json()["items"]
    assert [one["case_id"] for one in waiting if one["kind"] == "marking"] == [case["case_id"]]
