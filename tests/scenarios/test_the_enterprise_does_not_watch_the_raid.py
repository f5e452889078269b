"""Enforcement is unannounced: of a visit an enterprise learns at its door, and then no more than concerns it."""

from typing import Any

import httpx

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import OFFICERS, STATION
from tests.world import World

TIP_OFF = "群众举报：夜间偷排，线人在三车间"
PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(1_000)
FEEDBACK = {"findings": "治污设施未正常运行", "measures": "责令立即改正", "outcome": "rectified"}
PLACE = {"longitude": 113.912345, "latitude": 22.554321}


async def test_nothing_is_known_of_a_red_case_before_the_officers_stand_at_the_door(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (opened,) = the_world.heard("case.opened")
    case_id, alert_id = opened["case_id"], opened["alert_id"]
    (clock,) = the_world.heard("deadline.started")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    reassigned = {"reason": TIP_OFF, "team": ["xinan-02", "xinan-03"]}
    assert (await chief.post(f"/dispatch/v1/cases/{case_id}/reassign", json=reassigned)).is_success
    lead, second = [await the_world.app(Role.OFFICER, code, station=STATION) for code in ("xinan-02", "xinan-03")]
    own = await the_world.app(Role.ENTERPRISE, enterprise.code)

    for step in ("accept", "depart"):
        for officer in (lead, second):
            await take(officer, step)
        await the_world.settle()
        everything = await all_that_is_shown(own, case_id, alert_id, clock["deadline_id"])
        assert everything.pop("there") == set()
        assert not any(secret in str(everything) for secret in (case_id, alert_id, "red", TIP_OFF, *OFFICERS))
        for what in ("self-report", "approve"):
            answer = await own.post(f"/dispatch/v1/cases/{case_id}/{what}", json={})
            assert answer.status_code in (403, 404, 422)

    # From the moment they arrive: that there is a visit, its matters, and who they are.
    for officer in (lead, second):
        await take(officer, "arrive", position=PLACE)
    photo = await lead.post(f"/dispatch/v1/cases/{case_id}/attachments", files={"file": ("现场.png", PHOTO)})
    await the_world.settle()
    visit = (await own.get(f"/dispatch/v1/cases/{case_id}")).json()
    assert (visit["state"], visit["level"], visit["alert_ids"]) == ("on_site", "red", [alert_id])
    assert {member["name"] for member in visit["team"]} == {OFFICERS["xinan-02"], OFFICERS["xinan-03"]}
    assert (visit["revision"], visit["raised_by"], visit["outcome"], visit["allowed"]) == (0, None, None, [])
    entries = (await own.get(f"/dispatch/v1/cases/{case_id}/timeline")).json()["items"]
    assert {entry["type"] for entry in entries} == {"cn.tricolor.case.arrived.v1"}
    assert [entry["detail"] for entry in entries] == [{}] * len(entries)
    assert (await own.get(f"/ingest/v1/alerts/{alert_id}")).json()["level"] == "red"
    assert (await own.get(f"/watch/v1/deadlines/{clock['deadline_id']}")).json()["steps"] == []

    # What officers found, and their photographs, are theirs until the case is closed.
    attachment = f"/dispatch/v1/attachments/{photo.json()['attachment_id']}"
    assert (await own.get(f"/dispatch/v1/cases/{case_id}/attachments")).json()["items"] == []
    assert (await own.get(attachment)).status_code == 404
    assert (await lead.post(f"/dispatch/v1/cases/{case_id}/feedback", json=FEEDBACK)).is_success
    assert (await own.get(f"/dispatch/v1/cases/{case_id}")).json()["state"] == "on_site"
    assert (await own.get("/dispatch/v1/cases", params={"status": "reported"})).json()["items"] == []
    assert (await chief.post(f"/dispatch/v1/cases/{case_id}/approve")).is_success
    await the_world.settle()
    ended = (await own.get(f"/dispatch/v1/cases/{case_id}")).json()
    assert (ended["state"], ended["outcome"]) == ("approved", "rectified")
    assert (await own.get(attachment)).content == PHOTO
    told = str([(await own.get(f"/dispatch/v1/cases/{case_id}/{part}")).json() for part in ("timeline", "attachments")])
    assert not any(secret in told for secret in (TIP_OFF, "113.912345", "departed", "candidates"))


async def test_a_yellow_that_turned_red_says_nothing_of_it(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    for hours in (7, 18):
        await the_world.after(hours=hours)
    (red,) = the_world.heard("case.opened", level="red")
    (verification,) = the_world.heard("case.opened", kind="verification")
    alert_id = red["alert_id"]
    own = await the_world.app(Role.ENTERPRISE, enterprise.code)

    (case,) = (await own.get("/dispatch/v1/cases")).json()["items"]
    assert (case["kind"], case["level"], case["state"]) == ("self_report", "yellow", "superseded")
    assert (case["outcome"], case["raised_by"]) == (None, None)
    timeline = (await own.get(f"/dispatch/v1/cases/{case['case_id']}/timeline")).json()["items"]
    shown = [entry["type"].split(".")[-2] for entry in timeline]
    assert not {"escalated", "unanswered", "truth_check"} & set(shown)
    assert [entry["reason"] for entry in timeline if entry["reason"]] == []

    # The alert stands at the grade last disclosed, answered by the case that the enterprise knows.
    assert (await own.get("/ingest/v1/alerts", params={"level": "red"})).json()["items"] == []
    (listed,) = (await own.get("/ingest/v1/alerts", params={"level": "yellow"})).json()["items"]
    alert = (await own.get(f"/ingest/v1/alerts/{alert_id}")).json()
    for one in (listed, alert):
        assert (one["level"], one["revision"], one["case_id"]) == ("yellow", 1, case["case_id"])
    assert alert["former"] == []
    deadlines = (await own.get("/watch/v1/deadlines")).json()["items"]
    assert [one["kind"] for one in deadlines] == ["self_report"]
    notices = (await own.get("/dispatch/v1/notices")).json()["items"]
    everything = str([case, timeline, listed, alert, deadlines, notices])
    hidden = (red["case_id"], verification["case_id"], "预警已升级", "红色", *OFFICERS)
    assert not [secret for secret in hidden if secret in everything]

    # The bureau sees all of it.
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await chief.get(f"/ingest/v1/alerts/{alert_id}")).json()["level"] == "red"
    assert len((await chief.get("/dispatch/v1/cases")).json()["items"]) == 3


async def test_one_person_answers_for_several_enterprises(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    both = await the_world.app(Role.ENTERPRISE, "张三", enterprises=("91440300MA5EXAMPLE", enterprise.code))
    other = await the_world.app(Role.ENTERPRISE, "李四", enterprises=("91440300MA5EXAMPLE",))
    (case,) = (await both.get("/dispatch/v1/cases")).json()["items"]
    assert (await both.get(f"/dispatch/v1/enterprises/{enterprise.code}")).is_success
    for path in ("/dispatch/v1/cases", "/ingest/v1/alerts", "/watch/v1/deadlines", "/dispatch/v1/notices"):
        assert len((await both.get(path)).json()["items"]) == 1
        assert (await other.get(path)).json()["items"] == []
    report = {"cause": "停电", "measures": "已恢复", "finished_at": "2026-03-02T08:20:00+08:00"}
    path = f"/dispatch/v1/cases/{case['case_id']}/self-report"
    assert (await other.post(path, json=report)).status_code == 404
    assert (await both.post(path, json=report)).is_success


async def test_a_station_sees_the_alerts_of_its_own_enterprises(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    body = {"name": "沙井所", "district": "440306", "streets": ["沙井"]}
    assert (await admin.put("/dispatch/v1/stations/shajing", json=body)).is_success
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    (alert,) = the_world.heard("alert.graded")
    for station, seen in ((STATION, 1), ("shajing", 0)):
        chief = await the_world.app(Role.STATION_CHIEF, "chief", station=station)
        for path in ("/ingest/v1/alerts", "/watch/v1/deadlines", "/dispatch/v1/cases"):
            assert len((await chief.get(path)).json()["items"]) == seen, path
        assert len((await chief.get("/ingest/v1/false-alarms", params={"by": "category"})).json()["items"]) == seen
        one = await chief.get(f"/ingest/v1/alerts/{alert['alert_id']}")
        assert one.status_code == (200 if seen else 404)


async def take(officer: httpx.AsyncClient, step: str, **body: Any) -> None:
    (own,) = (await officer.get("/dispatch/v1/assignments")).json()["items"]
    answer = await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}", json=body)
    assert answer.is_success, answer.text


async def all_that_is_shown(app: httpx.AsyncClient, case_id: str, alert_id: str, deadline_id: str) -> dict[str, Any]:
    """The lists, and which single things are `there`."""
    case = f"/dispatch/v1/cases/{case_id}"
    single = (
        *(case, f"{case}/timeline", f"{case}/attachments"),
        *(f"/ingest/v1/alerts/{alert_id}", f"/watch/v1/deadlines/{deadline_id}"),
    )
    lists = (
        *("/dispatch/v1/cases", "/dispatch/v1/cases?level=red", "/dispatch/v1/cases?status=en_route"),
        *("/ingest/v1/alerts", "/ingest/v1/alerts?level=red", "/watch/v1/deadlines", "/dispatch/v1/notices"),
    )
    shown: dict[str, Any] = {"there": {path for path in single if (await app.get(path)).status_code != 404}}
    for path in lists:
        shown[path.replace("red", "…")] = (await app.get(path)).json()
    return shown
