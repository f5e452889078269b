"""Daily means come together after midnight: a burst is shared out in one go, and nobody is buried under it."""

from collections import Counter
from dataclasses import replace

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

ENTERPRISES, OFFICERS = 12, 8


async def test_every_case_has_two_officers_and_the_load_is_even(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    for number in range(4, OFFICERS + 1):
        body = {"name": f"执法员{number}", "station": STATION}
        assert (await admin.put(f"/dispatch/v1/officers/xinan-{number:02}", json=body)).is_success
    await the_world.at("2026-03-03T00:05")

    for number in range(100, 100 + ENTERPRISES):
        outlets = tuple(replace(outlet, mn=f"{outlet.mn}-{number}") for outlet in enterprise.outlets)
        neighbour = replace(enterprise, code=f"91440306MA5{number:06}W", outlets=outlets)
        registered = {"name": f"某厂{number}", "district": "440306", "street": "新安", "station": STATION}
        assert (await admin.put(f"/dispatch/v1/enterprises/{neighbour.code}", json=registered)).is_success
        await the_world.push(RED, neighbour)
    await the_world.settle()

    assigned = the_world.heard("case.assigned")
    assert len(assigned) == ENTERPRISES
    held = Counter(member["officer"] for told in assigned for member in told["team"])
    assert len(held) == OFFICERS
    assert set(held.values()) == {ENTERPRISES * 2 // OFFICERS}
    for told in assigned:
        why = told["detail"]["why"]
        assert {one["officer"] for one in why["candidates"]} == set(held)
        assert [one["officer"] for one in why["candidates"] if one["chosen"]] == sorted(
            member["officer"] for member in told["team"]
        )
