"""The console shows what the other services know: board, lists, search, what waits; each station its own."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
from pydantic_core import to_json

from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import Enterprise
from shared.contract.events import Topic
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from tests.scenarios.conftest import STATION
from tests.world import Json, World

ELSEWHERE = "shajing"


async def read(app: httpx.AsyncClient, path: str, **asked: object) -> Json:
    answer = await app.get(f"/console/v1/{path}", params={name: str(value) for name, value in asked.items()})
    assert answer.is_success, answer.text
    found: Json = answer.json()
    return found


async def test_from_alert_to_outcome(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN, "root")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    leader = await the_world.app(Role.LEADER, "li")
    gas, water = enterprise.outlets

    await the_world.settle()
    clock = await read(leader, "clock")
    assert (clock["now"], clock["pace"]) == ("2026-03-02T08:30:00+08:00", 0)
    officer = await the_world.app(Role.OFFICER, "xinan-01", station=STATION)
    me = await read(officer, "me")
    assert (me["name"], me["station_name"]) == ("陈志强", "新安所")

    # A white alert reminds; a red one is a case with a team and a clock.
    await the_world.push(WHITE, enterprise, water)
    await the_world.push(RED, enterprise, gas)
    await the_world.settle()
    board = await read(leader, "board")
    assert board["counts"]["open"] == {"white": 0, "yellow": 0, "red": 1}
    assert {alert["level"] for alert in board["alerts"]} == {"white", "red"}
    (case,) = board["due_next"]
    assert (case["state"], case["awaits"], case["overdue"], case["station_name"]) == (
        "assigned", "answer", False, "新安所",
    )  # fmt: skip
    assert (case["due_at"], case["due_text"]["zh"]) == ("2026-03-10T00:00:00+08:00", "3月9日（周一）24:00")
    assert case["enterprise_name"] == enterprise.name
    assert case["reason"]["zh"]
    assert len(case["team"]) == 2
    (alert,) = [one for one in board["alerts"] if one["level"] == "red"]
    assert (alert["case_id"], alert["station"]) == (case["case_id"], STATION)
    stations = {one["station"]: one["open"] for one in board["counts"]["by_station"]}
    assert stations == {STATION: 1}

    # Nobody goes: it is overdue, and climbs.
    await the_world.at("2026-03-12T08:00")
    board = await read(leader, "board")
    assert board["counts"]["overdue"]["red"] == 1
    assert [one["case_id"] for one in board["overdue"]] == [case["case_id"]]
    (rung,) = [one for one in board["counts"]["by_rung"] if one["count"]]
    assert rung["rung"] == board["overdue"][0]["rung"] == "leader"

    # It is handled after all, late.
    await the_world.arrive_second(case["case_id"])
    team = {member["part"]: member["officer"] for member in case["team"]}
    lead = await the_world.app(Role.OFFICER, team["lead"], station=STATION)
    for step in ("accept", "depart", "arrive"):
        (own,) = (await lead.get("/dispatch/v1/assignments")).json()["items"]
        assert (await lead.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    report = {"findings": "治污设施未运行", "measures": "已整改", "outcome": "rectified"}
    assert (await lead.post(f"/dispatch/v1/cases/{case['case_id']}/feedback", json=report)).is_success
    await the_world.settle()
    work = await read(chief, "work")
    assert work["counts"]["review"] == 1
    (review,) = [one for one in work["items"] if one["kind"] == "review"]
    assert (review["subject"], review["link"]) == (enterprise.name, f"/cases/{case['case_id']}")
    assert review["title"]["zh"] == f"{enterprise.name}：反馈待审核"
    assert (await chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve")).is_success
    await the_world.settle()
    (closed,) = (await read(leader, "cases", open=False))["items"]
    assert (closed["outcome"], closed["handled"], closed["finished"], closed["on_time"]) == (
        "rectified", True, True, False,
    )  # fmt: skip
    board = await read(leader, "board")
    assert board["handled"] == {"share": 1.0, "total": 1, "handled": 1, "finished": 1, "on_time": 0, "late": 1}
    assert board["counts"]["overdue"]["red"] == 0
    assert (await read(chief, "work"))["counts"]["review"] == 0
    system = await read(admin, "system")
    assert system["lag_seconds"] == 0
    assert {one["topic"].removeprefix(the_world.settings.topic_prefix) for one in system["partitions"]} == {
        "alerts", "cases", "deadlines", "master-data",
    }  # fmt: skip


async def test_search_and_filters(the_world: World, enterprise: Enterprise) -> None:
    section = await the_world.app(Role.SECTION, "zhao")
    gas, water = enterprise.outlets
    await the_world.push(RED, enterprise, gas)
    await the_world.push(YELLOW, enterprise, water)
    await the_world.settle()
    both = (await read(section, "cases", q="某电子"))["items"]
    assert {one["kind"] for one in both} == {"on_site", "self_report"}
    assert [one["due_at"] for one in both] == sorted(one["due_at"] for one in both)
    (red,) = (await read(section, "cases", q="锅炉 某某"))["items"]
    assert red["level"] == "red"
    assert (await read(section, "cases", q="ａ44030600000１"))["items"] == [red]
    assert (await read(section, "cases", q="锅炉", level="yellow"))["items"] == []
    assert (await read(section, "cases", q="没有这个"))["items"] == []
    assert (await read(section, "cases", officer=red["team"][0]["officer"]))["items"] == [red]
    assert (await read(section, "cases", awaits="answer", overdue=False, open=True, kind="on_site"))["items"] == [red]
    first = await read(section, "cases", limit=1, sort="opened")
    rest = await read(section, "cases", limit=1, sort="opened", cursor=first["next"])
    assert {one["case_id"] for one in first["items"] + rest["items"]} == {one["case_id"] for one in both}
    assert rest["next"] is None
    alerts = (await read(section, "alerts", q="废水总排放口"))["items"]
    assert [one["level"] for one in alerts] == ["yellow"]
    assert (await read(section, "alerts", held=True))["items"] == []
    refused = await section.get("/console/v1/cases?awaits=nonsense")
    assert refused.status_code == 422


async def test_what_waits_is_listed_until_somebody_deals_with_it(the_world: World, enterprise: Enterprise) -> None:
    """Proposals for who may confirm them, old anomalies, notices nobody received, dead letters of any service."""
    section, leader = await the_world.app(Role.SECTION, "zhao"), await the_world.app(Role.LEADER, "li")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    await the_world.push(YELLOW, enterprise)
    spoiled = {"specversion": "1.0", "id": str(uuid4()), "source": "/test", "type": "cn.tricolor.case.opened.v1"}
    await the_world.push_bytes(to_json(spoiled | {"data": {}}), enterprise, Topic.CASES)
    await the_world.settle()
    (case,) = (await read(section, "cases"))["items"]
    (clock,) = the_world.heard("deadline.started")
    why = {"reason": "企业停电", "ground": "不可抗力", "hours": 2}
    asked = await section.post(f"/watch/v1/deadlines/{clock['deadline_id']}/extend", json=why)
    assert asked.status_code == 202, asked.text
    await the_world.after(hours=4, minutes=30)

    mine = await read(leader, "work")
    of_station = await read(chief, "work")
    (proposal,) = [one for one in of_station["items"] if one["kind"] == "proposal"]
    assert (proposal["service"], proposal["case_id"]) == ("deadline_watch", case["case_id"])
    assert proposal["title"]["zh"]
    assert proposal["id"] == asked.json()["proposal"]["proposal_id"]
    assert (await read(section, "work"))["counts"]["proposal"] == 0  # whoever proposed it does not confirm it
    assert mine["counts"]["undelivered"] >= 1  # the enterprise never looked
    assert {one["service"] for one in mine["items"] if one["kind"] == "dead_letter"} == {
        "alert_ingest", "deadline_watch", "console",
    }  # fmt: skip
    assert mine["counts"]["proposal"] == 0  # a matter of the station, of which the leader is not told
    assert of_station["counts"]["undelivered"] == mine["counts"]["undelivered"]
    assert "dead_letter" not in of_station["counts"]

    await the_world.confirmed("watch", asked, Role.STATION_CHIEF, "chief", station=STATION)
    for service, prefix in (("alert_ingest", "ingest"), ("deadline_watch", "watch"), ("console", "console")):
        (letter,) = [one for one in mine["items"] if one["kind"] == "dead_letter" and one["service"] == service]
        answer = await section.post(f"/{prefix}/v1/dead-letters/{letter['id']}/discard", json={"reason": "联调"})
        assert answer.is_success, answer.text
    await the_world.settle()
    after = await read(leader, "work")
    assert after["counts"]["dead_letter"] == (await read(chief, "work"))["counts"]["proposal"] == 0


async def test_a_page_that_stays_open_is_told(the_world: World, enterprise: Enterprise, data_directory: Path) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()

    async def told(station: str | None, after: str | None) -> list[str]:
        """What comes within three seconds, after which the token ends: one is little on a busy machine."""
        role = Role.STATION_CHIEF if station else Role.LEADER
        principal = Principal(role=role, subject="somebody", station=station)
        issuer, life = DevelopmentIssuer(data_directory), timedelta(seconds=3)
        token = issuer.token(principal, the_world.settings.oidc_audience, SystemClock().now(), life)
        app = await the_world.app(role, "somebody", station=station)
        headers = {"Authorization": f"Bearer {token}"} | ({} if after is None else {"Last-Event-ID": after})
        answer = await asyncio.wait_for(app.get("/console/v1/stream", headers=headers), 30)
        assert answer.headers["content-type"].startswith("text/event-stream")
        return [line for line in answer.text.splitlines() if line.startswith(("event: ", "id: "))]

    seen = await told(STATION, "0")
    assert "event: clock" in seen
    assert {"event: case", "event: alert"} <= {*seen}
    last = [line for line in seen if line.startswith("id: ")][-1].removeprefix("id: ")
    *nothing, reset = await asyncio.gather(
        told(STATION, last),
        told(None, None),  # from now on
        told(ELSEWHERE, "0"),
        told(None, "1000000"),
    )
    assert [{*one} for one in nothing] == [{"event: clock"}] * 3
    assert reset[:2] == ["event: reset", f"id: {last}"]


async def test_a_station_sees_only_its_own(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    await admin.put(f"/dispatch/v1/stations/{ELSEWHERE}", json={"name": "沙井所", "district": "440306", "streets": []})
    await the_world.push(RED, enterprise)
    await the_world.settle()
    own = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    other = await the_world.app(Role.STATION_CHIEF, "chief", station=ELSEWHERE)
    nowhere = await the_world.app(Role.OFFICER, "xinan-01")
    assert len((await read(own, "cases"))["items"]) == len((await read(own, "alerts"))["items"]) == 1
    for stranger in (other, nowhere):
        board = await read(stranger, "board")
        assert board["counts"]["open"]["red"] == 0
        assert board["due_next"] == board["alerts"] == []
        assert (await read(stranger, "cases"))["items"] == (await read(stranger, "alerts"))["items"] == []
    assert (await read(other, "cases", station=STATION))["items"] == []
    assert (await other.get(f"/console/v1/board?station={STATION}")).status_code == 404
    assert (await read(await the_world.app(Role.LEADER), "board", station=ELSEWHERE))["counts"]["open"]["red"] == 0
    for role in (Role.ENTERPRISE, Role.PLATFORM):
        stranger = await the_world.app(role, enterprise.code)
        for path in ("board", "cases", "alerts", "work", "stream", "system"):
            assert (await stranger.get(f"/console/v1/{path}")).status_code == 403
