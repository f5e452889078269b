"""A false alarm is withdrawn by two people, and everybody who worked on it hears of it."""

from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import OFFICERS, STATION
from tests.world import World

FALSE = {"ground": "platform_fault", "reason": "平台推送了测试数据"}


async def dismiss(world: World, alert_id: str) -> None:
    officer = await world.app(Role.OFFICER, "xinan-01", station=STATION)
    proposal = (await officer.post(f"/ingest/v1/alerts/{alert_id}/dismiss", json=FALSE)).json()
    await world.settle()
    assert not world.heard("alert.dismissed")
    chief = await world.app(Role.STATION_CHIEF, "chief", station=STATION)
    confirmed = await chief.post(f"/ingest/v1/decisions/{proposal['decision_id']}/confirm")
    assert confirmed.is_success, confirmed.text
    await world.settle()


async def test_the_visit_is_called_off_and_its_clock_ends(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (opened,) = the_world.heard("case.opened")
    (assigned,) = the_world.heard("case.assigned")
    await dismiss(the_world, opened["alert_id"])

    (closed,) = the_world.heard("case.closed")
    assert (closed["state"], closed["outcome"]) == ("dismissed", "false_alarm")
    team = [member["officer"] for member in assigned["team"]]
    assert set(team) <= OFFICERS.keys()
    for officer in team:
        app = await the_world.app(Role.OFFICER, officer, station=STATION)
        assert (await app.get("/dispatch/v1/assignments")).json()["items"] == []
        (notice,) = (await app.get("/dispatch/v1/notices", params={"purpose": "case_ended"})).json()["items"]
        assert "误报" in notice["subject"]["zh"]
    own = await the_world.app(Role.ENTERPRISE, enterprise.code)
    # No officer ever stood at its door: it never knew of the alert, and is told nothing of its end.
    assert (await own.get("/dispatch/v1/notices")).json()["items"] == []
    assert (await own.get("/ingest/v1/alerts")).json()["items"] == []

    await the_world.after(days=20)
    assert not the_world.heard("deadline.missed")
    auditor = await the_world.app(Role.AUDITOR)
    (clock,) = (await auditor.get("/watch/v1/deadlines")).json()["items"]
    assert clock["state"] == "cancelled"
    (rate,) = (await auditor.get("/ingest/v1/false-alarms", params={"by": "platform"})).json()["items"]
    assert (rate["alerts"], rate["false_alarms"]) == (1, 1)


async def test_what_was_dismissed_counts_towards_nothing(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    (first,) = the_world.heard("alert.graded")
    await dismiss(the_world, first["alert_id"])
    for hours in (30, 30):
        await the_world.after(hours=hours)
        await the_world.push(YELLOW, enterprise)
        await the_world.settle()
    assert [alert["level"] for alert in the_world.heard("alert.graded")] == ["yellow"] * 3


async def test_a_reminder_can_be_dismissed_too(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(WHITE, enterprise)
    await the_world.settle()
    (white,) = the_world.heard("alert.graded")
    await dismiss(the_world, white["alert_id"])
    assert not the_world.heard("case.closed")


async def test_a_visit_that_finds_nothing_counts_as_a_false_alarm(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (assigned,) = the_world.heard("case.assigned")
    lead = await the_world.app(Role.OFFICER, assigned["team"][0]["officer"], station=STATION)
    (own,) = (await lead.get("/dispatch/v1/assignments")).json()["items"]
    path = f"/dispatch/v1/assignments/{own['assignment_id']}"
    for step in ("accept", "depart", "arrive"):
        assert (await lead.post(f"{path}/{step}")).is_success
    case_id = assigned["case_id"]
    await the_world.arrive_second(case_id)
    found = {"findings": "监测仪表漂移", "measures": "已校准", "outcome": "false_alarm"}
    assert (await lead.post(f"/dispatch/v1/cases/{case_id}/feedback", json=found)).is_success
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await chief.post(f"/dispatch/v1/cases/{case_id}/approve", json={})).is_success
    await the_world.settle()
    auditor = await the_world.app(Role.AUDITOR)
    (rate,) = (await auditor.get("/ingest/v1/false-alarms", params={"by": "category"})).json()["items"]
    assert rate["false_alarms"] == 1
