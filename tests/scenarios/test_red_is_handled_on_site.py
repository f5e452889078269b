"""Red: two officers of the station in charge go on site, handle, and report within five working days."""

from typing import Any

import httpx

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

FEEDBACK = {"findings": "治污设施未正常运行", "measures": "责令立即改正", "outcome": "rectified"}


async def test_from_the_alert_to_the_approved_report(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (assigned,) = the_world.heard("case.assigned")
    lead, second = (member["officer"] for member in assigned["team"])
    assert lead != second
    lead_app = await the_world.app(Role.OFFICER, lead, station=STATION)
    second_app = await the_world.app(Role.OFFICER, second, station=STATION)

    # 5 working days, the day of issue not counted, until 24:00 of the fifth.
    mine = await assignment(lead_app)
    assert mine["part"] == "lead"
    assert mine["due_at"] == "2026-03-10T00:00:00+08:00"
    assert mine["due_text"].startswith("2026-03-09 24:00")

    for hour, step in ((9, "accept"), (10, "depart"), (11, "arrive")):
        await the_world.at(f"2026-03-02T{hour:02}:00")
        for app in (lead_app, second_app):
            own = await assignment(app)
            answer = await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")
            assert answer.is_success, answer.text
    case_id = mine["case_id"]
    await the_world.at("2026-03-02T15:00")
    reported = await lead_app.post(f"/dispatch/v1/cases/{case_id}/feedback", json=FEEDBACK)
    assert reported.json()["state"] == "reported"
    await the_world.settle()
    assert the_world.heard("deadline.met", case_id=case_id)

    # Who went does not review.
    assert (await lead_app.post(f"/dispatch/v1/cases/{case_id}/approve")).status_code == 403
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    closed = (await chief.post(f"/dispatch/v1/cases/{case_id}/approve")).json()
    assert closed["outcome"] == "rectified"
    assert (await lead_app.get("/dispatch/v1/assignments")).json()["items"] == []

    await the_world.settle()
    timeline = (await chief.get(f"/dispatch/v1/cases/{case_id}/timeline")).json()["items"]
    kinds = [entry["type"].removeprefix("cn.tricolor.case.").removesuffix(".v1") for entry in timeline]
    steps = ["opened", "assigned", "accepted", "departed", "arrived", "feedback_submitted", "approved", "closed"]
    assert [kind for kind in dict.fromkeys(kinds) if kind in steps] == steps
    alerts = (await chief.get("/ingest/v1/alerts", params={"level": "red"})).json()["items"]
    assert [alert["case_id"] for alert in alerts] == [case_id]


async def test_a_step_out_of_turn_is_refused_with_what_is_possible(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    lead = the_world.heard("case.assigned")[0]["team"][0]["officer"]
    app = await the_world.app(Role.OFFICER, lead, station=STATION)
    own = await assignment(app)

    refused = await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/arrive")

    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert set(refused.json()["allowed"]) >= {"accept", "decline"}


async def assignment(app: httpx.AsyncClient) -> dict[str, Any]:
    """The one open assignment of the officer."""
    answer = await app.get("/dispatch/v1/assignments")
    (own,) = answer.json()["items"]
    return dict(own)
