"""One door, one team: several alerts of one enterprise are one case, one answer, one verification, and clocks apart."""

from dataclasses import replace

import pytest

from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise, Outlet
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T08:30:00+08:00"}


@pytest.fixture
def enterprise(enterprise: Enterprise) -> Enterprise:
    """With a third outlet: three yellow alerts at one would be a red one."""
    third = Outlet("A440306000003", "DA002", "喷漆废气排放口", "gas")
    return replace(enterprise, outlets=(*enterprise.outlets, third))


async def three_yellows(world: World, enterprise: Enterprise) -> list[Json]:
    """One at each outlet, half an hour apart; the cases as the enterprise sees them, the first first."""
    for outlet in enterprise.outlets:
        await world.push(YELLOW, enterprise, outlet)
        await world.after(hours=0.5)
    app = await world.app(Role.ENTERPRISE, enterprise.code)
    items: list[Json] = (await app.get("/dispatch/v1/cases")).json()["items"]
    return items[::-1]


async def test_three_yellows_of_one_enterprise_are_one_case_one_answer_and_one_verification(
    the_world: World, enterprise: Enterprise
) -> None:
    lead, *matters = await three_yellows(the_world, enterprise)
    assert [lead["state"], *(one["state"] for one in matters)] == ["open", "merged", "merged"]
    assert {one["merged_into"] for one in matters} == {lead["case_id"]}
    assert {one["case_id"] for one in lead["matters"]} == {one["case_id"] for one in matters}
    # A clock each, from its own alert.
    dues = [one["due_at"] for one in the_world.heard("deadline.started", kind="self_report")]
    assert dues == [f"2026-03-02T{time}:00+08:00" for time in ("14:30", "15:00", "15:30")]

    # At twelve past half past two the first is missed, and one report meets the two others.
    await the_world.at("2026-03-02T14:42")
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    assert (await app.post(f"/dispatch/v1/cases/{lead['case_id']}/self-report", json=REPORT)).is_success
    await the_world.settle()
    assert [one["case_id"] for one in the_world.heard("deadline.missed")] == [lead["case_id"]]
    assert {one["case_id"] for one in the_world.heard("deadline.met")} == {one["case_id"] for one in matters}

    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await chief.post(f"/dispatch/v1/cases/{lead['case_id']}/approve")).is_success
    await the_world.settle()
    found = (await app.get("/dispatch/v1/cases", params={"status": "closed"})).json()["items"]
    assert [one["outcome"] for one in found] == ["accepted_report"] * 3
    # The third case of the enterprise in a quarter is always verified: one visit, one team, for all three.
    verifications = the_world.heard("case.opened", kind="verification")
    assert {one["raised_by"] for one in verifications} == {one["case_id"] for one in (lead, *matters)}
    assert len(the_world.heard("case.assigned")) == 1
    assert len(the_world.heard("case.merged", kind="verification")) == 2


async def test_unanswered_they_are_seen_in_one_visit_and_turn_red_in_the_same(
    the_world: World, enterprise: Enterprise
) -> None:
    lead, *matters = await three_yellows(the_world, enterprise)
    await the_world.at("2026-03-02T15:31")
    assert len(the_world.heard("deadline.missed")) == 3
    (assigned,) = the_world.heard("case.assigned")
    assert len(the_world.heard("case.opened", kind="verification")) == 3

    # Each turns red at its own 24 hours, and takes its verification along.
    for time, number in (("08:32", 1), ("09:02", 2), ("09:32", 3)):
        await the_world.at(f"2026-03-03T{time}")
        assert len(the_world.heard("alert.regraded", cause="unanswered")) == number
    reds = the_world.heard("case.opened", kind="on_site")
    assert [one["raised_by"] for one in reds] == [one["case_id"] for one in (lead, *matters)]
    assert len(the_world.heard("case.assigned")) == 1
    team = assigned["team"]
    officer = await the_world.app(Role.OFFICER, team[0]["officer"], station=STATION)
    (visit,) = (await officer.get("/dispatch/v1/assignments")).json()["items"]
    assert len(visit["matters"]) == 5
    assert {one["case_id"] for one in reds} <= {one["case_id"] for one in visit["matters"]}


async def test_what_is_issued_after_the_answer_waits_for_another(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (first,) = (await app.get("/dispatch/v1/cases")).json()["items"]
    assert (await app.post(f"/dispatch/v1/cases/{first['case_id']}/self-report", json=REPORT)).is_success
    await the_world.after(hours=0.5)
    await the_world.push(YELLOW, enterprise, enterprise.outlets[1])
    await the_world.settle()

    later, answered = (await app.get("/dispatch/v1/cases")).json()["items"]
    assert (answered["state"], later["state"], later["merged_into"]) == ("self_reported", "open", None)
    await the_world.at("2026-03-02T15:00")
    assert [one["case_id"] for one in the_world.heard("deadline.missed")] == [later["case_id"]]
