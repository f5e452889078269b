"""Years later: what is old has made room, a closed case is read as ever, and an open one was never touched."""

import random
from typing import Any

import httpx
from pydantic_core import from_json, to_json
from sqlalchemy import text

from services.sample.anomalies import RED, YELLOW, anomaly
from services.sample.district import Enterprise
from shared.contract.cloudevents import STRUCTURED
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

FEEDBACK = {"findings": "治污设施未正常运行", "measures": "责令立即改正", "outcome": "rectified"}
REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T08:30:00+08:00"}


async def test_a_closed_case_is_readable_and_its_event_still_known(the_world: World, enterprise: Enterprise) -> None:
    event = anomaly(RED, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))
    case_id = await handled(the_world, enterprise, event)
    auditor = await the_world.app(Role.AUDITOR)
    before = await everything_of(auditor, case_id)

    await the_world.after(days=14 * 30)

    # What it was made of has moved to the partition of its month …
    assert await stored(the_world, "select body from ingest.events") == [None]
    assert await stored(the_world, "select body from ingest.event_bodies_2026_03") == [event]
    assert await stored(the_world, "select count(*) from dispatch.outbox_archive_2026_03") != [0]
    assert await stored(the_world, "select body from ingest.events_all") == [event]
    # … and nobody who reads the case notices.
    assert await everything_of(auditor, case_id) == before
    # A year later the same event is a duplicate, and another one under its id a conflict.
    changed = from_json(event)
    changed["data"]["observed"] = 1.0
    assert await sent(the_world, event) == ("duplicate", None)
    assert await sent(the_world, to_json(changed)) == ("refused", "id-conflict")
    await the_world.settle()
    assert await everything_of(auditor, case_id) == before
    assert len((await auditor.get("/dispatch/v1/cases")).json()["items"]) == 1


async def test_what_was_only_carried_goes_after_its_time_and_the_log_says_so(
    the_world: World, enterprise: Enterprise
) -> None:
    await handled(
        the_world, enterprise, anomaly(RED, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))
    )
    for _ in range(3):
        await the_world.after(days=365)
    (carried,) = await stored(the_world, "select count(*) from dispatch.outbox_archive_2026_03")
    assert carried > 0
    assert await stored(the_world, "select count(*) from dispatch.retention_log where action = 'dropped'") == [0]

    await the_world.after(days=31)  # April 2029: March 2026 has been kept for 36 months

    assert await stored(the_world, "select to_regclass('dispatch.outbox_archive_2026_03')") == [None]
    gone = "select rows from dispatch.retention_log where action = 'dropped' and month = '2026-03-01'"
    assert await stored(the_world, gone) == [carried]
    # Evidence is dropped by no machine.
    assert await stored(the_world, "select count(*) from ingest.event_bodies_2026_03") == [1]


async def test_an_open_case_is_untouched_after_three_years(the_world: World, enterprise: Enterprise) -> None:
    event = anomaly(YELLOW, enterprise, enterprise.outlets[1], the_world.clock.now(), random.Random(1))
    await the_world.push_bytes(event, enterprise)
    await the_world.settle()
    (opened,) = the_world.heard("case.opened")
    case_id = opened["case_id"]
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    assert (await app.post(f"/dispatch/v1/cases/{case_id}/self-report", json=REPORT)).is_success
    auditor = await the_world.app(Role.AUDITOR)
    await the_world.after(days=31)
    before = await everything_of(auditor, case_id)

    await the_world.after(days=3 * 365)

    assert await stored(the_world, "select body from ingest.events") == [event]
    assert await everything_of(auditor, case_id) == before
    # It goes on as on the day it was opened.
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    closed = await chief.post(f"/dispatch/v1/cases/{case_id}/approve")
    assert closed.json()["outcome"] == "accepted_report"


async def handled(world: World, enterprise: Enterprise, event: bytes) -> str:
    """A red case from its event to its approved report; answers its id."""
    await world.push_bytes(event, enterprise)
    await world.settle()
    (assigned,) = world.heard("case.assigned")
    case_id = str(assigned["case_id"])
    lead, second = [await world.app(Role.OFFICER, one["officer"], station=STATION) for one in assigned["team"]]
    for step in ("accept", "depart", "arrive"):
        for app in (lead, second):
            (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
            assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    assert (await lead.post(f"/dispatch/v1/cases/{case_id}/feedback", json=FEEDBACK)).is_success
    await world.settle()
    chief = await world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await chief.post(f"/dispatch/v1/cases/{case_id}/approve")).is_success
    await world.settle()
    return case_id


async def everything_of(reader: httpx.AsyncClient, case_id: str) -> list[Any]:
    """The case, its timeline, its alert with the grading, and its clock with the explanation."""
    case: Json = (await reader.get(f"/dispatch/v1/cases/{case_id}")).raise_for_status().json()
    paths = [f"/dispatch/v1/cases/{case_id}/timeline", *(f"/ingest/v1/alerts/{one}" for one in case["alert_ids"])]
    clocks: list[Json] = (await reader.get("/watch/v1/deadlines")).json()["items"]
    (clock,) = (one for one in clocks if one["case_id"] == case_id)
    paths.append(f"/watch/v1/deadlines/{clock['deadline_id']}")
    whole = [case, *[(await reader.get(path)).raise_for_status().json() for path in paths]]
    assert whole[-1]["explanation"]["text"]["zh"]
    return whole


async def sent(world: World, event: bytes) -> tuple[str, str | None]:
    """What a platform that sends `event` is answered."""
    platform = await world.app(Role.PLATFORM, "sample")
    answer = await platform.post("/ingest/v1/events", content=event, headers={"content-type": STRUCTURED})
    (result,) = answer.json()["results"]
    return result["status"], (result["error"] or {}).get("code")


async def stored(world: World, question: str) -> list[Any]:
    async with world.services["ingest"].database.autocommit() as connection:
        return list(await connection.scalars(text(question)))
