"""The console shows what the other services know: board, lists, search, what waits; each station its own."""

import httpx

from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
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
    assert case["due_at"] == "2026-03-10T00:00:00+08:00"
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
