"""A shared visit: two red alerts of one enterprise are one visit, and each keeps the deadline it has."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_one_visit_answers_both_and_neither_deadline_moves(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise, enterprise.outlets[0])
    await the_world.settle()
    await the_world.at("2026-03-04T09:00")
    await the_world.push(RED, enterprise, enterprise.outlets[1])
    await the_world.settle()

    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    second, first = (await chief.get("/dispatch/v1/cases", params={"level": "red"})).json()["items"]
    assert (first["state"], second["state"]) == ("assigned", "merged")
    assert (first["due_at"], second["due_at"]) == ("2026-03-10T00:00:00+08:00", "2026-03-12T00:00:00+08:00")

    lead = first["team"][0]["officer"]
    app = await the_world.app(Role.OFFICER, lead, station=STATION)
    (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
    assert [matter["due_text"] for matter in own["matters"]] == ["2026-03-11 24:00 (+08:00)"]
    for step in ("accept", "depart", "arrive"):
        assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await the_world.arrive_second(first["case_id"])
    report = {"findings": "两个排放口均超标", "measures": "责令停产整治", "outcome": "case_filed_for_penalty"}
    assert (await app.post(f"/dispatch/v1/cases/{first['case_id']}/feedback", json=report)).is_success
    assert (await chief.post(f"/dispatch/v1/cases/{first['case_id']}/approve", json={})).is_success
    await the_world.settle()

    met = {told["case_id"] for told in the_world.heard("deadline.met")}
    assert met == {first["case_id"], second["case_id"]}
    ended = (await chief.get(f"/dispatch/v1/cases/{second['case_id']}")).json()
    assert (ended["state"], ended["outcome"]) == ("approved", "case_filed_for_penalty")
