"""An enterprise says that an alert is false: its station decides, and the clock goes on meanwhile."""

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

WHY = {"reason": "分析仪当日标定，数据为标定气读数"}


async def test_the_station_grants_a_plea_about_a_yellow(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    (graded,) = the_world.heard("alert.graded")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    pleaded = await app.post(f"/ingest/v1/alerts/{graded['alert_id']}/plead", json=WHY)
    assert pleaded.status_code == 202, pleaded.text
    again = await app.post(f"/ingest/v1/alerts/{graded['alert_id']}/plead", json=WHY)
    assert (again.status_code, again.json()["type"]) == (409, "urn:tricolor:problem:proposal-open")

    # The six hours are not stopped by it.
    await the_world.after(hours=7)
    assert the_world.heard("alert.dismissed") == []
    assert len(the_world.heard("deadline.missed", alert_id=graded["alert_id"])) == 1

    nobody = await the_world.app(Role.ENTERPRISE, "91440306MA5000002T")
    assert (await nobody.post(f"/ingest/v1/alerts/{graded['alert_id']}/plead", json=WHY)).status_code == 404
    own = await app.post(f"/ingest/v1/proposals/{pleaded.json()['proposal']['proposal_id']}/confirm")
    assert own.status_code == 403
    granted = await the_world.confirmed("ingest", pleaded, Role.STATION_CHIEF, "chief", station=STATION)
    assert granted["result"] == {"dismissed": True, "proposal_id": None}
    await the_world.settle()
    assert len(the_world.heard("alert.dismissed")) == 1
    (notice,) = (await app.get("/dispatch/v1/notices", params={"purpose": "proposal_decided"})).json()["items"]
    assert "误报申辩" in notice["subject"]["zh"]


async def test_a_red_one_is_dismissed_by_two_officials(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (graded,) = the_world.heard("alert.graded")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    # Before the visit there is no such alert for it.
    assert (await app.post(f"/ingest/v1/alerts/{graded['alert_id']}/plead", json=WHY)).status_code == 404
    (assigned,) = the_world.heard("case.assigned")
    for member in assigned["team"]:
        officer = await the_world.app(Role.OFFICER, member["officer"], station=STATION)
        (own,) = (await officer.get("/dispatch/v1/assignments")).json()["items"]
        for step in ("accept", "depart", "arrive"):
            assert (await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await the_world.settle()
    pleaded = await app.post(f"/ingest/v1/alerts/{graded['alert_id']}/plead", json=WHY)
    granted = await the_world.confirmed("ingest", pleaded, Role.STATION_CHIEF, "chief", station=STATION)
    assert granted["result"]["dismissed"] is False
    await the_world.settle()
    assert the_world.heard("alert.dismissed") == []
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    dismissal = f"/ingest/v1/proposals/{granted['result']['proposal_id']}/confirm"
    assert (await chief.post(dismissal)).json()["type"] == "urn:tricolor:problem:two-people"
    section = await the_world.app(Role.SECTION, "section")
    assert (await section.post(dismissal)).is_success
    await the_world.settle()
    assert len(the_world.heard("alert.dismissed")) == 1
