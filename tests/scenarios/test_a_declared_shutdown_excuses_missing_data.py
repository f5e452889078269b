"""An enterprise that stands still by plan says so before, somebody else confirms it, and its gaps are judged after."""

from typing import Any

from pydantic_core import from_json, to_json

from services.sample.anomalies import GAP, YELLOW, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

NIGHT: Json = {"start": "2026-03-02T00:00:00+08:00", "end": "2026-03-04T00:00:00+08:00"}
GAP_WINDOW: Json = {"start": "2026-03-02T01:00:00+08:00", "end": "2026-03-02T08:00:00+08:00"}


def declaration(enterprise: Enterprise, **changes: Any) -> Json:
    return {"enterprise_code": enterprise.code, "kind": "maintenance", "reason": "锅炉年度检修"} | NIGHT | changes


async def declared(world: World, enterprise: Enterprise, **changes: Any) -> Json:
    """A shutdown that the enterprise proposed and the station's chief confirmed."""
    own = await world.app(Role.ENTERPRISE, "app", enterprise=enterprise.code)
    chief = await world.app(Role.STATION_CHIEF, "chief", station=STATION)
    await world.settle()
    answer = await own.post("/ingest/v1/shutdowns", json=declaration(enterprise, **changes))
    assert answer.status_code == 202, answer.text
    assert (await own.get("/ingest/v1/shutdowns")).json()["items"] == []
    proposal = answer.json()["proposal"]["proposal_id"]
    confirmed = await chief.post(f"/ingest/v1/proposals/{proposal}/confirm", json={})
    assert confirmed.is_success, confirmed.text
    await world.settle()
    (shutdown,) = (await own.get("/ingest/v1/shutdowns", params={"state": "running"})).json()["items"]
    assert shutdown["shutdown_id"] == proposal
    assert shutdown["confirmed_by"] is None
    return dict(shutdown)


async def missing(world: World, enterprise: Enterprise, outlet: int = 0, window: Json = GAP_WINDOW) -> Json:
    """The alert of data that are missing at an outlet."""
    event = from_json(anomaly(GAP, enterprise, enterprise.outlets[outlet], world.clock.now(), world.choice))
    event["data"] |= {"category": "data_missing", "window": window}
    await world.push_bytes(to_json(event), enterprise)
    await world.settle()
    return dict(world.heard("alert.graded")[-1])


def codes(alert: Json) -> set[str]:
    return {doubt["code"] for doubt in alert["doubts"]}


async def test_it_excuses_what_lies_within_and_is_reviewed_afterwards(the_world: World, enterprise: Enterprise) -> None:
    shutdown = await declared(the_world, enterprise, outlet=enterprise.outlets[0].mn)
    alert = await missing(the_world, enterprise)
    assert (alert["level"], alert["grading"]["unmarked_level"]) == ("white", "yellow")
    (doubt,) = (one for one in alert["doubts"] if one["code"] == "declared-shutdown")
    assert shutdown["shutdown_id"] in doubt["zh"]
    (case,) = the_world.heard("case.opened", kind="marking")
    assert shutdown["shutdown_id"] in case["reason"]

    # Its other outlet was not to stand still, and what goes on after the end is not excused either.
    other = await missing(the_world, enterprise, 1)
    assert (other["level"], "declared-shutdown" in codes(other)) == ("yellow", False)
    longer = GAP_WINDOW | {"start": "2026-03-01T23:00:00+08:00"}
    assert (await missing(the_world, enterprise, window=longer))["level"] == "yellow"


async def test_what_runs_meanwhile_contradicts_it(the_world: World, enterprise: Enterprise) -> None:
    await declared(the_world, enterprise)
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    alert = await missing(the_world, enterprise)
    assert (alert["level"], alert["marking_effective"]) == ("yellow", False)
    assert "declared-shutdown" not in codes(alert)


async def test_what_nobody_confirmed_excuses_nothing(the_world: World, enterprise: Enterprise) -> None:
    own = await the_world.app(Role.ENTERPRISE, "app", enterprise=enterprise.code)
    await the_world.settle()
    assert (await own.post("/ingest/v1/shutdowns", json=declaration(enterprise))).status_code == 202
    assert (await missing(the_world, enterprise))["level"] == "yellow"

    # Another's enterprise is not there, a shutdown is declared ahead, and it does not last for ever.
    stranger = await the_world.app(Role.ENTERPRISE, "other", enterprise="914403000000000000")
    assert (await stranger.post("/ingest/v1/shutdowns", json=declaration(enterprise))).status_code == 404
    late = await own.post("/ingest/v1/shutdowns", json=declaration(enterprise, start="2026-02-28T00:00:00+08:00"))
    assert (late.status_code, late.json()["type"]) == (422, "urn:tricolor:problem:shutdown-late")
    long = await own.post("/ingest/v1/shutdowns", json=declaration(enterprise, end="2026-05-01T00:00:00+08:00"))
    assert (long.status_code, long.json()["type"]) == (422, "urn:tricolor:problem:shutdown-long")
