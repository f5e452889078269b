"""With nobody on duty a red case waits, the chief knows at once, and the first two who come on duty get it."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import OFFICERS, STATION
from tests.world import World


async def test_it_is_assigned_the_moment_two_are_on_duty(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)

    async def duty(on_duty: bool) -> None:
        for code in OFFICERS:
            changed = await admin.patch(f"/dispatch/v1/officers/{code}", json={"on_duty": on_duty})
            assert changed.is_success

    await duty(False)
    await the_world.push(RED, enterprise)
    await the_world.settle()

    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    (waiting,) = (await chief.get("/dispatch/v1/cases", params={"status": "open"})).json()["items"]
    assert waiting["team"] == []
    notices = (await chief.get("/dispatch/v1/notices")).json()["items"]
    assert {(notice["purpose"], notice["case_id"]) for notice in notices} == {
        ("new_red", waiting["case_id"]),
        ("nobody_available", waiting["case_id"]),
    }
    # Its clock runs all the same.
    assert waiting["due_at"] == "2026-03-10T00:00:00+08:00"

    await duty(True)
    await the_world.settle()
    (assigned,) = the_world.heard("case.assigned")
    assert assigned["case_id"] == waiting["case_id"]


async def test_an_enterprise_no_station_knows_is_told_to_the_section(
    empty_world: World, enterprise: Enterprise
) -> None:
    await empty_world.push(RED, enterprise)
    await empty_world.settle()

    section = await empty_world.app(Role.SECTION)
    (case,) = (await section.get("/dispatch/v1/cases")).json()["items"]
    assert (case["state"], case["station"]) == ("open", None)
    notices = (await section.get("/dispatch/v1/notices")).json()["items"]
    assert {(notice["purpose"], notice["case_id"]) for notice in notices} == {
        ("new_red", case["case_id"]),
        ("nobody_available", case["case_id"]),
    }
