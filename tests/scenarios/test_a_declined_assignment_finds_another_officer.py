"""An officer who cannot go says why, and the case goes to others at once."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import OFFICERS, STATION
from tests.world import World


async def test_the_next_team_is_without_the_one_who_declined(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (first,) = the_world.heard("case.assigned")
    unable = first["team"][0]["officer"]
    app = await the_world.app(Role.OFFICER, unable, station=STATION)
    (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]

    declined = await app.post(
        f"/dispatch/v1/assignments/{own['assignment_id']}/decline", json={"reason": "与企业负责人有亲属关系，申请回避"}
    )
    assert declined.is_success
    await the_world.settle()

    assert (await app.get("/dispatch/v1/assignments")).json()["items"] == []
    second = the_world.heard("case.assigned")[-1]
    assert {member["officer"] for member in second["team"]} == set(OFFICERS) - {unable}
    (told,) = the_world.heard("case.declined")
    assert told["reason"] == "与企业负责人有亲属关系，申请回避"


async def test_a_chief_reassigns_with_a_reason(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (first,) = the_world.heard("case.assigned")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)

    without = await chief.post(f"/dispatch/v1/cases/{first['case_id']}/reassign", json={})
    assert without.status_code == 422
    elsewhere = await the_world.app(Role.STATION_CHIEF, "other", station="shiyan")
    foreign = await elsewhere.post(f"/dispatch/v1/cases/{first['case_id']}/reassign", json={"reason": "改派"})
    assert foreign.status_code in {403, 404}

    team = ["xinan-03", "xinan-01"]
    answer = await chief.post(
        f"/dispatch/v1/cases/{first['case_id']}/reassign", json={"reason": "需熟悉在线监测的人员", "team": team}
    )
    assert [member["officer"] for member in answer.json()["team"]] == team
    # The clock is the case's, not the team's: it does not start again.
    assert answer.json()["due_at"] == "2026-03-10T00:00:00+08:00"
