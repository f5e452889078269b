"""A red clock that runs into a year whose calendar is not published yet is computed, and marked provisional."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.roles import Role
from tests.world import World


async def test_late_december_2026(the_world: World, enterprise: Enterprise) -> None:
    await the_world.at("2026-12-29T16:20")
    await the_world.push(RED, enterprise)
    await the_world.settle()

    (clock,) = the_world.heard("deadline.started")
    assert clock["provisional"]
    assert clock["due_at"] == "2027-01-07T00:00:00+08:00"  # 12-30, 12-31, (01-01 a holiday, a weekend) 01-04, 05, 06
    auditor = await the_world.app(Role.AUDITOR)
    stored = (await auditor.get(f"/watch/v1/deadlines/{clock['deadline_id']}")).json()
    counted = [day["date"] for day in stored["explanation"]["days"] if day["counted"]]
    assert counted == ["2026-12-30", "2026-12-31", "2027-01-04", "2027-01-05", "2027-01-06"]
    assert "暂定" in stored["explanation"]["text"]["zh"]

    asked = await auditor.post(
        "/watch/v1/deadlines/explain", json={"level": "red", "start": "2026-12-29T16:20:00+08:00"}
    )
    assert asked.json()["due_at"] == stored["due_at"]
    assert asked.json()["explanation"]["days"] == stored["explanation"]["days"]


async def test_before_christmas_it_is_final(the_world: World, enterprise: Enterprise) -> None:
    await the_world.at("2026-12-24T10:00")
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started")
    assert not clock["provisional"]
    assert clock["due_at"] == "2027-01-01T00:00:00+08:00"
