"""An enterprise on the positive list (正面清单) is checked off site first; officers go where that is no answer."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_no_door_is_knocked_at_where_the_desk_can_tell(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    listed = {"classification": ["positive_list"]}
    assert (await admin.patch(f"/dispatch/v1/enterprises/{enterprise.code}", json=listed)).is_success
    await the_world.settle()
    await the_world.push(RED, enterprise)
    await the_world.settle()
    lead = the_world.heard("case.assigned")[0]["team"][0]["officer"]
    officer = await the_world.app(Role.OFFICER, lead, station=STATION)
    (own,) = (await officer.get("/dispatch/v1/assignments")).json()["items"]
    assert own["off_site_first"] is True
    assert (await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/accept")).is_success

    # The officers look at the curves and call; that is an answer, received in time.
    path = f"/dispatch/v1/cases/{own['case_id']}"
    report = {"findings": "远程核查：设备校准期间数据", "measures": "已补标记", "outcome": "rectified"}
    assert (await officer.post(f"{path}/feedback", json=report)).status_code == 409  # as if there had been a visit
    assert (await officer.post(f"{path}/feedback", json=report | {"off_site": True})).json()["state"] == "reported"
    await the_world.settle()
    assert the_world.heard("deadline.met")

    # The reviewer wants it seen: the same deadline, and this time they go.
    returned = await chief.post(f"{path}/return", json={"reason": "请到现场核实校准记录"})
    assert returned.json()["due_at"] == "2026-03-10T00:00:00+08:00"
    for step in ("depart", "arrive"):
        assert (await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await the_world.arrive_second(own["case_id"], "depart", "arrive")
    assert (await officer.post(f"{path}/feedback", json=report)).json()["state"] == "reported"
    assert (await chief.post(f"{path}/approve", json={})).json()["outcome"] == "rectified"
