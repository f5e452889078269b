"""Officers sign in within two working hours and are there within one working day; else their chief hears of it."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_the_chief_hears_of_it_and_the_case_shows_it(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.at("2026-03-02T10:59")
    assert not the_world.heard("milestone.missed")
    await the_world.at("2026-03-02T11:01")  # assigned at 08:30; the two hours began at 09:00
    (late,) = the_world.heard("milestone.missed")
    assert (late["milestone"], late["station"]) == ("accept", STATION)

    await the_world.settle()
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    notices = (await chief.get("/dispatch/v1/notices")).json()["items"]
    (notice,) = [one for one in notices if one["purpose"] == "milestone_missed"]
    assert "未按时签收" in notice["subject"]["zh"]
    timeline = (await chief.get(f"/dispatch/v1/cases/{late['case_id']}/timeline")).json()["items"]
    assert "cn.tricolor.milestone.missed.v1" in [entry["type"] for entry in timeline]

    # The legal clock is another matter: it neither moves nor stops.
    await the_world.at("2026-03-02T18:00")
    assert [one["milestone"] for one in the_world.heard("milestone.missed")] == ["accept", "arrive"]
    assert not the_world.heard("deadline.missed")


async def test_who_is_in_time_is_left_in_peace(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.at("2026-03-02T09:30")
    (assigned,) = the_world.heard("case.assigned")
    app = await the_world.app(Role.OFFICER, assigned["team"][0]["officer"], station=STATION)
    (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
    for step in ("accept", "depart", "arrive"):
        assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await the_world.at("2026-03-03T18:00")
    assert not the_world.heard("milestone.missed")
