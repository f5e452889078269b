"""Nobody accepts, someone falls ill, another station is in charge: the case goes on, and each hand-over is evidence."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_silence_leave_and_transfer_lose_nothing(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    await admin.put("/dispatch/v1/officers/xinan-04", json={"name": "林海", "station": STATION})
    await admin.put("/dispatch/v1/stations/shajing", json={"name": "沙井所", "district": "440306", "streets": ["沙井"]})
    for number in (1, 2):
        await admin.put(f"/dispatch/v1/officers/shajing-0{number}", json={"name": f"沙{number}", "station": "shajing"})
    await the_world.at("2026-03-02T09:00")
    await the_world.push(RED, enterprise)
    await the_world.settle()
    first = the_world.heard("case.assigned")[-1]
    silent = {member["officer"] for member in first["team"]}

    # Two working hours pass and nobody accepts: the next team is asked, the chief is told.
    await the_world.at("2026-03-02T11:00")
    second = the_world.heard("case.assigned")[-1]
    asked = {member["officer"] for member in second["team"]}
    assert asked.isdisjoint(silent)
    asked_for = {"purpose": "milestone_missed"}
    assert len((await chief.get("/dispatch/v1/notices", params=asked_for)).json()["items"]) == 1

    # One of them goes on leave before accepting: the case is planned anew, with somebody else.
    leaving = sorted(asked)[0]
    leave = {"officer": leaving, "first_day": "2026-03-02", "last_day": "2026-03-06", "reason": "年休假"}
    written = (await chief.post("/dispatch/v1/leaves", json=leave)).json()
    assert written["replanned"] == [first["case_id"]]
    await the_world.settle()

    # The outlet turns out to lie in another station's streets.
    body = {"station": "shajing", "reason": "排放口位于沙井辖区"}
    assert (await chief.post(f"/dispatch/v1/cases/{first['case_id']}/transfer", json=body)).is_success
    await the_world.settle()
    last = the_world.heard("case.assigned")[-1]
    assert {member["officer"] for member in last["team"]} == {"shajing-01", "shajing-02"}

    section = await the_world.app(Role.SECTION)
    case = (await section.get(f"/dispatch/v1/cases/{first['case_id']}")).json()
    assert case["due_at"] == "2026-03-10T00:00:00+08:00"  # no hand-over moved it
    entries = (await section.get(f"/dispatch/v1/cases/{first['case_id']}/timeline")).json()["items"]
    steps = [entry["type"].split(".")[3] for entry in entries if entry["type"].startswith("cn.tricolor.case.")]
    assert steps[:5] == ["opened", "assigned", "withdrawn", "assigned", "withdrawn"]
    assert steps[-2:] == ["transferred", "assigned"]
