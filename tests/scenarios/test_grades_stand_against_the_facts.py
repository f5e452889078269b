"""The facts decide in both directions, a marking is no silent way out, and what is old asks nothing unconfirmed."""

from datetime import datetime, timedelta
from typing import Any

from pydantic_core import from_json, to_json

from services.sample.anomalies import RED, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.time.instants import SHANGHAI, shown
from tests.scenarios.conftest import STATION
from tests.world import Json, World

FURNACE = "incinerator_furnace_temperature_low"


async def push(world: World, enterprise: Enterprise, *, days_ago: int = 0, **changes: Any) -> Json:
    """Push a daily mean above the limit with `changes`; answer what was emitted about it."""
    at = world.clock.now() - timedelta(days=days_ago)
    event = from_json(anomaly(RED, enterprise, enterprise.outlets[0], at, world.choice))
    event["data"] |= changes
    await world.push_bytes(to_json(event), enterprise)
    await world.settle()
    return world.heard("alert.graded")[-1]


async def furnace(world: World, enterprise: Enterprise, minute: int, observed: float) -> Json:
    """Push a five-minute mean of the furnace's temperature, which began so many minutes after midnight."""
    start = datetime(2026, 3, 2, tzinfo=SHANGHAI) + timedelta(minutes=minute)
    return await push(
        world,
        enterprise,
        category=FURNACE,
        period="minute",
        window={"start": shown(start), "end": shown(start + timedelta(minutes=5))},
        pollutant=None,
        observed=observed,
        limit=850.0,
        unit="℃",
    )


async def test_a_furnace_hot_enough_is_no_red_case_and_one_cold_six_times_a_day_is(
    the_world: World, enterprise: Enterprise
) -> None:
    hot = await furnace(the_world, enterprise, 0, 900.0)
    assert hot["level"] == "white"
    (doubt,) = [one for one in hot["doubts"] if one["code"] == "category-contradicted"]
    assert "900" in doubt["zh"]
    for minute in range(5, 30, 5):
        assert (await furnace(the_world, enterprise, minute, 800.0))["level"] == "white"
    assert not the_world.heard("case.opened")
    sixth = await furnace(the_world, enterprise, 30, 800.0)
    assert (sixth["level"], len(sixth["grading"]["causes"])) == ("red", 5)
    (opened,) = the_world.heard("case.opened")
    assert opened["alert_id"] == sixth["alert_id"]


async def test_a_marking_that_takes_a_red_grade_down_is_to_be_reviewed(
    the_world: World, enterprise: Enterprise
) -> None:
    marking = {"kind": "start_up", "reason": "锅炉启动"}
    graded = await push(the_world, enterprise, marking=marking)
    assert (graded["level"], graded["grading"]["unmarked_level"]) == ("white", "red")
    assert (graded["marking_effective"], graded["marking"]) == (True, marking)
    assert "marking-to-review" in {one["code"] for one in graded["doubts"]}

    unknown = await push(the_world, enterprise, marking={"kind": "holiday", "reason": "放假"}, days_ago=1)
    assert (unknown["level"], unknown["marking_effective"]) == ("red", False)
    assert "marking-unknown" in {one["code"] for one in unknown["doubts"]}


async def test_an_anomaly_of_long_ago_asks_nothing_of_anyone_before_a_person_confirms_it(
    the_world: World, enterprise: Enterprise
) -> None:
    graded = await push(the_world, enterprise, days_ago=45)
    assert (graded["level"], graded["held"]) == ("red", True)
    await the_world.after(days=10)
    assert not the_world.heard("case.opened")
    assert not the_world.heard("deadline.started")

    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    (waiting,) = (await chief.get("/ingest/v1/alerts", params={"held": True})).json()["items"]
    assert waiting["alert_id"] == graded["alert_id"]
    answer = await chief.post(f"/ingest/v1/alerts/{graded['alert_id']}/confirm", json={"reason": "平台补传，仍须查处"})
    assert answer.is_success, answer.text
    confirmed_at = shown(the_world.clock.now())
    await the_world.settle()
    (opened,) = the_world.heard("case.opened")
    assert (opened["alert_id"], opened["level"], opened["station"]) == (graded["alert_id"], "red", STATION)
    (clock,) = the_world.heard("deadline.started", case_id=opened["case_id"])
    assert clock["started_at"] == confirmed_at
