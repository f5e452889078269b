"""Silence: every yellow alert becomes red when it stays unanswered for a day, whatever made it yellow."""

from dataclasses import replace

import pytest

from services.sample.anomalies import GAP, YELLOW
from services.sample.district import Enterprise, Outlet
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

REPORT = {"cause": "停电", "measures": "已恢复", "finished_at": "2026-03-02T08:30:00+08:00"}
WHY = {"reason": "台风红色预警", "legal_ground": "《突发事件应对法》第五十条"}


@pytest.fixture
def enterprise(enterprise: Enterprise) -> Enterprise:
    return replace(enterprise, outlets=(*enterprise.outlets, Outlet("A440306000003", "DA002", "喷漆废气", "gas")))


async def made_of_whites(world: World, enterprise: Enterprise) -> Json:
    """Three gaps in the data within three hours: the third is yellow, at 11:30."""
    for _ in range(3):
        await world.push(GAP, enterprise)
        await world.after(hours=1)
    (yellow,) = world.heard("alert.graded", level="yellow")
    assert yellow["grading"]["rule"] == "white_repeated"
    return yellow


async def test_a_yellow_made_of_whites_turns_red_at_24_hours(the_world: World, enterprise: Enterprise) -> None:
    yellow = await made_of_whites(the_world, enterprise)
    await the_world.at("2026-03-03T10:31:59")
    assert not the_world.heard("alert.regraded")
    await the_world.at("2026-03-03T10:32")
    (red,) = the_world.heard("alert.regraded")
    assert (red["alert_id"], red["level"], red["cause"]) == (yellow["alert_id"], "red", "unanswered")
    assert (red["grading"]["own_rule"], red["grading"]["upgraded_from"]) == ("short_data_gap", "white")
    for part in ("24小时内第 3 次同类预警", "小时未反馈"):
        assert part in red["grading"]["reason"]["zh"]
    (visit,) = the_world.heard("case.opened", kind="on_site")
    assert visit["alert_id"] == yellow["alert_id"]


async def test_a_matter_that_joined_another_case_turns_red_at_its_own(the_world: World, enterprise: Enterprise) -> None:
    for outlet in enterprise.outlets:
        await the_world.push(YELLOW, enterprise, outlet)
        await the_world.after(hours=2)
    red_at = [f"2026-03-03T{hour}:32:00+08:00" for hour in ("08", "10", "12")]
    for number, at in enumerate(red_at, start=1):
        await the_world.at(at[:16])
        assert [one["issued_at"] for one in the_world.heard("alert.regraded")] == red_at[:number]


async def test_what_was_returned_turns_red_a_day_after_the_return(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (case,) = (await app.get("/dispatch/v1/cases")).json()["items"]
    assert (await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)).is_success
    await the_world.at("2026-03-04T09:00")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    returned = await chief.post(f"/dispatch/v1/cases/{case['case_id']}/return", json={"reason": "未说明复测结果"})
    assert returned.is_success
    await the_world.at("2026-03-05T09:01:59")
    assert not the_world.heard("alert.regraded")
    await the_world.at("2026-03-05T09:02")
    assert [one["cause"] for one in the_world.heard("alert.regraded", level="red")] == ["unanswered"]


async def test_what_was_asked_for_anew_turns_red_like_the_first(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    section = await the_world.app(Role.SECTION, "wu")
    (case,) = (await app.get("/dispatch/v1/cases")).json()["items"]
    path = f"/dispatch/v1/cases/{case['case_id']}"
    assert (await app.post(f"{path}/self-report", json=REPORT)).is_success
    assert (await chief.post(f"{path}/approve")).is_success
    await the_world.at("2026-03-09T08:30")
    assert (await section.post(f"{path}/reopen", json={"reason": "复测仍然异常"})).is_success
    await the_world.at("2026-03-10T08:31:59")
    assert not the_world.heard("alert.regraded")
    await the_world.at("2026-03-10T08:32")
    assert the_world.heard("alert.regraded", cause="unanswered", level="red")


async def test_paused_it_turns_red_when_it_runs_again_and_nobody_answers(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T09:30")
    (clock,) = the_world.heard("deadline.started")
    wang = await the_world.app(Role.STATION_CHIEF, "wang", station=STATION)
    path = f"/watch/v1/deadlines/{clock['deadline_id']}"
    await the_world.confirmed("watch", await wang.post(f"{path}/pause", json=WHY), Role.SECTION, "wu")
    await the_world.after(days=5)
    assert not the_world.heard("alert.regraded")
    resume = await wang.post(f"{path}/resume", json={"reason": "恢复"})
    await the_world.confirmed("watch", resume, Role.SECTION, "wu")
    await the_world.after(hours=23)
    assert not the_world.heard("alert.regraded")
    await the_world.after(hours=0.04)
    (red,) = the_world.heard("alert.regraded", cause="unanswered")
    assert red["level"] == "red"


async def test_the_section_is_to_hear_of_it_again_every_day(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T16:30")
    (section,) = [one for one in the_world.heard("case.escalated") if one["recipients"][0]["role"] == "section"]
    auditor = await the_world.app(Role.AUDITOR)
    steps = (await auditor.get(f"/watch/v1/deadlines/{section['deadline_id']}")).json()["steps"]
    ahead = [one["at"] for one in steps if one["action"] == "escalate" and one["outcome"] is None]
    assert ahead == ["2026-03-03T16:30:00+08:00"]
