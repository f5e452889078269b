"""An enterprise that nobody registered is the section's to place, asked about once; its cases follow it then."""

from typing import Any

from services.sample.anomalies import RED, YELLOW, Pattern
from services.sample.district import Enterprise, Outlet
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

OUTLETS = tuple(Outlet(f"A44030600009{number}", f"DA00{number}", "废气排放口", "gas") for number in range(1, 7))
STRANGER = Enterprise("91440306MA5999999X", "新来的厂", "福永", "nobody", [], OUTLETS)


async def cases(world: World, role: Role, **asked: Any) -> list[Json]:
    app = await world.app(role, station=STATION if role is Role.STATION_CHIEF else None)
    items: list[Json] = (await app.get("/dispatch/v1/cases", params=asked)).json()["items"]
    return items


async def test_it_goes_to_no_station_by_name_and_the_section_is_asked_once(the_world: World) -> None:
    admin = await the_world.app(Role.ADMIN)
    await admin.put("/dispatch/v1/stations/a-first-by-name", json={"name": "甲所", "district": "440306"})
    patterns: tuple[Pattern, ...] = (YELLOW, RED)
    for pattern in patterns:
        for outlet in OUTLETS[:3]:
            await the_world.push(pattern, STRANGER, outlet)
    await the_world.settle()

    opened = the_world.heard("case.opened", enterprise_code=STRANGER.code)
    assert len(opened) == 6
    assert {case["station"] for case in opened} == {None}
    for graded in the_world.heard("alert.graded"):
        assert "enterprise-unregistered" in {doubt["code"] for doubt in graded["doubts"]}
    section = await the_world.app(Role.SECTION)
    asked = (await section.get("/dispatch/v1/notices", params={"purpose": "nobody_available"})).json()["items"]
    assert len(asked) == 1
    assert STRANGER.name in asked[0]["subject"]["zh"]
    unregistered = (await section.get("/dispatch/v1/enterprises", params={"registered": False})).json()["items"]
    assert [one["code"] for one in unregistered] == [STRANGER.code]

    # Registered, all that waits follows: the visits get a team, and the chief has the reports to review.
    answer = await admin.patch(
        f"/dispatch/v1/enterprises/{STRANGER.code}",
        json={"name": STRANGER.name, "station": STATION},
        headers={"content-type": "application/merge-patch+json"},
    )
    assert answer.is_success, answer.text
    await the_world.settle()
    mine = await cases(the_world, Role.STATION_CHIEF)
    assert {case["case_id"] for case in mine} == {case["case_id"] for case in opened}
    assert {case["station"] for case in mine} == {STATION}
    assert the_world.heard("case.assigned")
    moved = the_world.heard("case.transferred")
    assert {case["station"] for case in moved} == {STATION}
    clocks = (await admin.get("/watch/v1/deadlines", params={"station": STATION})).json()["items"]
    assert {clock["case_id"] for clock in clocks} == {case["case_id"] for case in opened}
    assert (await section.get("/dispatch/v1/enterprises", params={"registered": False})).json()["items"] == []


async def test_while_it_has_no_station_its_deadlines_are_told_to_the_section(the_world: World) -> None:
    await the_world.push(YELLOW, STRANGER, OUTLETS[0])
    await the_world.after(hours=7)
    assert the_world.heard("case.escalated", step="rung-1-station-chief")
    section = await the_world.app(Role.SECTION)
    notices = (await section.get("/dispatch/v1/notices", params={"purpose": "deadline_escalated"})).json()["items"]
    assert notices
