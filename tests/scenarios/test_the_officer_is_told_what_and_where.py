"""The officer is told what and where: assignment, notice and events of the case say enough to act without a call."""

from typing import Any

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

WHERE = {"longitude": 113.881, "latitude": 22.571, "of": "outlet"}
WHOM = {"name": "王工", "phone": "13800000000", "role": "环保负责人"}


async def register(world: World, enterprise: Enterprise) -> None:
    """The enterprise has an address and somebody to phone, and its boiler's outlet a place on the map."""
    admin = await world.app(Role.ADMIN)
    path, fields = f"/dispatch/v1/enterprises/{enterprise.code}", {"address": "新安街道创业路8号", "contacts": [WHOM]}
    assert (await admin.patch(path, json=fields)).is_success
    outlet = enterprise.outlets[0]
    known = {"name": outlet.name, "medium": "gas", "mn": outlet.mn, "longitude": 113.881, "latitude": 22.571}
    assert (await admin.put(f"{path}/outlets/{outlet.code}", json=known)).is_success


async def test_assignment_notice_and_events_say_what_where_and_by_when(
    the_world: World, enterprise: Enterprise
) -> None:
    await register(the_world, enterprise)
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (assigned,) = the_world.heard("case.assigned")
    lead = assigned["team"][0]["officer"]
    officer = await the_world.app(Role.OFFICER, lead, station=STATION)
    (own,) = (await officer.get("/dispatch/v1/assignments")).json()["items"]

    # What was found, where it is, whom to phone, by when, and whether that may still move.
    assert own["category"]["code"] == "gas_daily_mean_exceedance"
    assert own["category"]["zh"] and own["category"]["en"]  # noqa: PT018  the book's words, whatever they are
    assert own["outlet"] == {"mn": "A440306000001", "code": "DA001", "name": "锅炉废气排放口", "medium": "gas"}
    assert own["pollutant"] == {"code": "a21026", "name": "二氧化硫"}
    assert own["observed"] > own["limit"] == 50.0
    assert (own["unit"], own["provisional"]) == ("mg/m3", False)
    assert set(own["reason"]) == {"zh", "en"}
    assert (own["position"], own["contact"]) == (WHERE, WHOM)
    assert own["alert_ids"] == assigned["alert_ids"]
    assert own["due_at"] == "2026-03-10T00:00:00+08:00"

    # The notice says the same in words.
    told = (await officer.get("/dispatch/v1/notices")).json()["items"]
    (notice,) = [one for one in told if one["purpose"] == "case_offered"]
    text = notice["subject"]["zh"] + notice["body"]["zh"]
    for words in (
        f"{enterprise.name}（{enterprise.code}）",
        "新安街道创业路8号",
        "王工 环保负责人 13800000000",
        "锅炉废气排放口（DA001，MN A440306000001）",
        f"限值：{own['limit']:g} mg/m3",
        own["category"]["zh"],
        own["reason"]["zh"],
    ):
        assert words in text

    # Every event of the case carries it, and says by which policy Tricolor decided.
    opened = the_world.heard("case.opened")[0]
    for event in (opened, assigned):
        same_as_the_assignment(event, own)
        assert event["address"] == "新安街道创业路8号"
        assert event["policy_version"]
    await the_world.at("2026-03-02T09:00")
    assert (await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/accept")).is_success
    await the_world.settle()
    (accepted,) = the_world.heard("case.accepted")
    same_as_the_assignment(accepted, own)
    assert (accepted["due_at"], accepted["provisional"]) == ("2026-03-10T00:00:00+08:00", False)


def same_as_the_assignment(event: dict[str, Any], own: dict[str, Any]) -> None:
    shared = ("category", "outlet", "pollutant", "observed", "limit", "unit", "position")
    assert {name: event[name] for name in shared} == {name: own[name] for name in shared}
    assert event["alert_reason"] == own["reason"]


async def test_warnings_name_the_enterprise_and_the_last_day(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    await the_world.at("2026-03-09T09:30")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    notices = (await chief.get("/dispatch/v1/notices", params={"limit": 100})).json()["items"]
    told = "".join(one["subject"]["zh"] + one["body"]["zh"] for one in notices)
    assert f"{enterprise.name}（{enterprise.code}）" in told
    assert "3月9日（周一）24:00" in told
    assert "2026-03-" not in told


async def test_what_joins_the_visit_is_told_as_fully_and_the_closed_case_keeps_its_team(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (first,) = the_world.heard("case.opened")
    await the_world.push(RED, enterprise, enterprise.outlets[1])
    await the_world.settle()
    lead = the_world.heard("case.assigned")[-1]["team"][0]["officer"]
    officer = await the_world.app(Role.OFFICER, lead, station=STATION)
    (own,) = (await officer.get("/dispatch/v1/assignments")).json()["items"]
    (matter,) = own["matters"]
    assert (matter["category"]["code"], matter["outlet"]["name"]) == ("water_daily_mean_exceedance", "废水总排放口")
    assert matter["pollutant"]["name"] == "化学需氧量"
    assert matter["due_at"] == "2026-03-10T00:00:00+08:00"

    for step in ("accept", "depart", "arrive"):
        assert (await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await the_world.settle()
    await the_world.arrive_second(first["case_id"])
    body = {"findings": "超标属实", "measures": "责令改正", "outcome": "case_filed_for_penalty"}
    reported = await officer.post(f"/dispatch/v1/cases/{first['case_id']}/feedback", json=body)
    assert reported.is_success, reported.text
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await chief.post(f"/dispatch/v1/cases/{first['case_id']}/approve", json={})).is_success
    await the_world.settle()
    team = {member["officer"] for member in the_world.heard("case.assigned")[-1]["team"]}
    closed = the_world.heard("case.closed")
    assert {event["case_id"] for event in closed} == {first["case_id"], matter["case_id"]}
    for event in closed:
        assert {member["officer"] for member in event["team"]} == team
        case = (await chief.get(f"/dispatch/v1/cases/{event['case_id']}")).json()
        assert {member["officer"] for member in case["team"]} == team
