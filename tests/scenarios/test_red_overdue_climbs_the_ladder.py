"""A red case nobody finishes: the chief is told at once, then the section, then the leader, daily, until it moves."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_each_rung_is_told_in_its_turn_and_once(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.at("2026-03-09T23:59:59")
    assert not the_world.heard("deadline.missed")
    assert the_world.heard("deadline.warned")

    await the_world.at("2026-03-10T00:00")
    assert len(the_world.heard("deadline.missed")) == 1
    assert roles(the_world) == ["station_chief"]
    await the_world.at("2026-03-10T14:59:59")
    assert roles(the_world) == ["station_chief"]
    await the_world.at("2026-03-10T15:00")  # four working hours: 09:00 to 12:00, and one after lunch
    assert roles(the_world) == ["station_chief", "section"]
    # One whole working day later, at the opening of the next, and every morning until someone acts.
    for day in ("2026-03-11", "2026-03-12", "2026-03-13"):
        await the_world.at(f"{day}T09:00")
    assert roles(the_world) == ["station_chief", "section", "leader", "leader", "leader"]

    leader = await the_world.app(Role.LEADER)
    notices = (await leader.get("/dispatch/v1/notices")).json()["items"]
    assert len(notices) == 3


async def test_what_was_missed_while_nobody_watched_is_told_in_order_and_once(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.push(RED, enterprise)
    await the_world.at("2026-03-16T12:00")  # the system comes back days after the deadline
    assert roles(the_world) == ["station_chief", "section", "leader"]
    (missed,) = the_world.heard("deadline.missed")
    assert "3月10日（周二）00:00" in missed["reason"]["zh"]
    await the_world.at("2026-03-17T09:00")
    assert roles(the_world)[3:] == ["leader"]


async def test_feedback_ends_the_climb(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.at("2026-03-10T10:00")
    (assigned,) = the_world.heard("case.assigned")
    app = await the_world.app(Role.OFFICER, assigned["team"][0]["officer"], station=STATION)
    (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
    for step in ("accept", "depart", "arrive"):
        assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    feedback = {"findings": "已整改", "measures": "复测达标", "outcome": "rectified"}
    assert (await app.post(f"/dispatch/v1/cases/{own['case_id']}/feedback", json=feedback)).is_success

    await the_world.after(days=10)
    assert roles(the_world) == ["station_chief"]
    assert not the_world.heard("deadline.met")


def roles(world: World) -> list[str]:
    return [recipient["role"] for event in world.heard("case.escalated") for recipient in event["recipients"]]
