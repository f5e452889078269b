"""The same event twice, the same anomaly under a new id, two at once: one alert, one case, one clock."""

import asyncio
import random

from pydantic_core import from_json, to_json

from services.sample.anomalies import RED, anomaly
from services.sample.district import Enterprise
from shared.contract.cloudevents import STRUCTURED
from shared.contract.roles import Role
from tests.world import World


async def test_an_event_pushed_again_changes_nothing(the_world: World, enterprise: Enterprise) -> None:
    event = anomaly(RED, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))
    for _ in range(3):
        await the_world.push_bytes(event, enterprise)
    await the_world.settle()
    await the_world.push_bytes(event, enterprise)
    await the_world.settle()

    await assert_one_of_each(the_world, repeats=0)


async def test_a_new_id_for_the_same_anomaly_is_counted(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.push(RED, enterprise)
    await the_world.settle()
    await the_world.push(RED, enterprise)
    await the_world.settle()

    await assert_one_of_each(the_world, repeats=2)


async def test_other_content_under_a_known_id_is_refused(the_world: World, enterprise: Enterprise) -> None:
    platform = await the_world.app(Role.PLATFORM, "sample")
    event = anomaly(RED, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))
    changed = from_json(event)
    changed["data"]["observed"] = 1.0
    headers = {"content-type": STRUCTURED}

    first = await platform.post("/ingest/v1/events", content=event, headers=headers)
    again = await platform.post("/ingest/v1/events", content=event, headers=headers)
    other = await platform.post("/ingest/v1/events", content=to_json(changed), headers=headers)

    assert [answer.json()["results"][0]["status"] for answer in (first, again, other)] == [
        "accepted",
        "duplicate",
        "refused",
    ]
    assert (first.status_code, again.status_code, other.status_code) == (202, 202, 422)
    assert other.json()["results"][0]["error"]["code"] == "id-conflict"


async def test_twenty_first_events_at_once_open_one_alert(the_world: World, enterprise: Enterprise) -> None:
    platform = await the_world.app(Role.PLATFORM, "sample")
    now, choice = the_world.clock.now(), random.Random(1)
    events = [anomaly(RED, enterprise, enterprise.outlets[0], now, choice) for _ in range(20)]

    answers = await asyncio.gather(
        *(platform.post("/ingest/v1/events", content=event, headers={"content-type": STRUCTURED}) for event in events)
    )

    statuses = sorted(answer.json()["results"][0]["status"] for answer in answers)
    assert statuses == ["accepted"] + ["repeat"] * 19
    await the_world.settle()
    await assert_one_of_each(the_world, repeats=19)


async def assert_one_of_each(world: World, repeats: int) -> None:
    auditor = await world.app(Role.AUDITOR)
    (alert,) = (await auditor.get("/ingest/v1/alerts")).json()["items"]
    assert alert["repeats"] == repeats
    assert len((await auditor.get("/dispatch/v1/cases")).json()["items"]) == 1
    assert len((await auditor.get("/watch/v1/deadlines")).json()["items"]) == 1
    assert len(world.heard("case.assigned")) == 1
