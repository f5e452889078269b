"""A visit takes two officers (Administrative Penalty Law art. 42), and the file says who they were."""

import re
from typing import Any

import httpx

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

FEEDBACK = {"findings": "治污设施未正常运行", "measures": "责令立即改正", "outcome": "rectified"}
RECORD = {
    "arrived_at": "2026-03-02T11:00:00+08:00",
    "ground": "device_lost",
    "reason": "协办执法终端遗失，到场有照片为证",
}


async def test_a_lone_report_is_not_approved_until_the_second_is_on_record(
    the_world: World, enterprise: Enterprise
) -> None:
    case_id, lead, second = await lone_report(the_world, enterprise)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    approve = f"/dispatch/v1/cases/{case_id}/approve"

    refused = await chief.post(approve)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tricolor:problem:second-officer-missing")
    assert refused.json()["arrived"] == [lead]
    assert re.search(rf"recorded: [\u4e00-\u9fff]+（{lead}）\.", refused.json()["detail"])

    # The chief says who was there, and why the second's own device does not: it stays on the file.
    recorded = await chief.post(f"/dispatch/v1/cases/{case_id}/presence", json=RECORD | {"officers": [second]})
    assert recorded.is_success, recorded.text
    closed = (await chief.post(approve)).json()
    assert closed["outcome"] == "rectified"
    assert [(one["officer"], one["part"]) for one in closed["team"]] == [(lead, "lead"), (second, "second")]
    entries = (await chief.get(f"/dispatch/v1/cases/{case_id}/timeline")).json()["items"]
    (entry,) = [one for one in entries if one["type"] == "cn.tricolor.case.presence_recorded.v1"]
    assert (entry["actor_subject"], entry["reason"]) == ("chief", RECORD["reason"])
    assert entry["detail"]["officers"] == [second]


async def test_the_second_may_still_record_the_own_arrival_which_is_then_in_doubt(
    the_world: World, enterprise: Enterprise
) -> None:
    case_id, lead, second = await lone_report(the_world, enterprise)
    await the_world.at("2026-03-02T11:05")
    app = await the_world.app(Role.OFFICER, second, station=STATION)
    await go(app)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    entries = (await chief.get(f"/dispatch/v1/cases/{case_id}/timeline")).json()["items"]
    arrivals = {
        one["detail"]["officer"]: one["detail"]["doubts"]
        for one in entries
        if one["type"] == "cn.tricolor.case.arrived.v1"
    }
    assert arrivals == {lead: ["no_position"], second: ["after_report", "no_position"]}
    assert (await chief.post(f"/dispatch/v1/cases/{case_id}/approve")).is_success


async def test_nobody_is_recorded_before_a_visit_or_by_an_officer(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (assigned,) = the_world.heard("case.assigned")
    lead, second = (member["officer"] for member in assigned["team"])
    presence = f"/dispatch/v1/cases/{assigned['case_id']}/presence"
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    early = await chief.post(presence, json=RECORD | {"officers": [lead, second]})
    assert early.status_code == 409
    officer = await the_world.app(Role.OFFICER, lead, station=STATION)
    assert (await officer.post(presence, json=RECORD | {"officers": [lead, second]})).status_code == 403
    await go(officer)
    unknown = await chief.post(presence, json=RECORD | {"officers": ["nobody"]})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "urn:tricolor:problem:unknown-officer")


async def lone_report(world: World, enterprise: Enterprise) -> tuple[str, str, str]:
    """A red case that its lead alone accepted, visited and reported on: the case, the lead, the second."""
    await world.push(RED, enterprise)
    await world.settle()
    (assigned,) = world.heard("case.assigned")
    lead, second = (member["officer"] for member in assigned["team"])
    app = await world.app(Role.OFFICER, lead, station=STATION)
    await world.at("2026-03-02T11:00")
    await go(app)
    reported = await app.post(f"/dispatch/v1/cases/{assigned['case_id']}/feedback", json=FEEDBACK)
    assert reported.json()["state"] == "reported"
    return assigned["case_id"], lead, second


async def go(app: httpx.AsyncClient) -> None:
    """Accept, depart and arrive with the one assignment that the caller has."""
    for step in ("accept", "depart", "arrive"):
        (own,) = list[Any]((await app.get("/dispatch/v1/assignments")).json()["items"])
        answer = await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")
        assert answer.is_success, answer.text
