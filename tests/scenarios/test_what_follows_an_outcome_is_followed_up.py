"""An outcome is not the end: what was ordered is looked at again on its date, and only then the case is finished."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

FOUND = {"findings": "治污设施未正常运行", "measures": "现场固定证据"}


async def visited(world: World, case_id: str, report: Json) -> None:
    """The team of a case goes, and its lead reports."""
    assigned = world.heard("case.assigned", case_id=case_id)[-1]
    (lead,) = (member["officer"] for member in assigned["team"] if member["part"] == "lead")
    officer = await world.app(Role.OFFICER, lead, station=STATION)
    mine = (await officer.get("/dispatch/v1/assignments")).json()["items"]
    (own,) = (one for one in mine if one["case_id"] == case_id)
    for step in ("accept", "depart", "arrive"):
        assert (await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await world.arrive_second(case_id)
    answer = await officer.post(f"/dispatch/v1/cases/{case_id}/feedback", json=report)
    assert answer.is_success, answer.text


async def test_an_order_is_checked_on_its_date(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (red,) = the_world.heard("case.opened", kind="on_site")
    case, chief = f"/dispatch/v1/cases/{red['case_id']}", await the_world.app(Role.STATION_CHIEF, "c", station=STATION)
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)

    # An order without the date by which to correct is none, nor is one whose date is over.
    await visited(the_world, red["case_id"], FOUND | {"outcome": "order_to_correct", "correct_by": "2026-03-20"})
    assert (await chief.post(f"{case}/return", json={"reason": "再核"})).is_success
    (lead, _) = (member["officer"] for member in the_world.heard("case.assigned")[-1]["team"])
    officer = await the_world.app(Role.OFFICER, lead, station=STATION)
    for wrong in ({}, {"correct_by": "2026-03-01"}, {"correct_by": "20260320"}, {"observe_until": "2026-03-20"}):
        refused = await officer.post(f"{case}/feedback", json=FOUND | {"outcome": "order_to_correct"} | wrong)
        assert refused.status_code == 422, wrong
    order = FOUND | {"outcome": "order_to_correct", "correct_by": "2026-03-20"}
    assert (await officer.post(f"{case}/feedback", json=order)).is_success

    # Approved, the case is handled and not finished: a check waits for the day, with a clock of its own.
    closed = (await chief.post(f"{case}/approve", json={})).json()
    assert (closed["correct_by"], closed["handled"], closed["finished"]) == ("2026-03-20", True, False)
    await the_world.settle()
    (check,) = the_world.heard("case.opened", kind="follow_up")
    assert (check["raised_by"], check["state"], [check["case_id"]]) == (
        red["case_id"],
        "scheduled",
        closed["follow_ups"],
    )
    (clock,) = the_world.heard("deadline.started", kind="follow_up")
    assert clock["due_at"] == "2026-03-28T00:00:00+08:00"  # five working days after the 20th, a Friday
    # The enterprise knows its order and its date, and of no visit.
    seen = (await app.get(case)).json()
    assert (seen["correct_by"], seen["follow_ups"]) == ("2026-03-20", [])
    assert (await app.get(f"/dispatch/v1/cases/{check['case_id']}")).status_code == 404
    figures = (await chief.get("/dispatch/v1/figures", params={"kind": "on_site"})).json()
    assert (figures["opened"], figures["handled"], figures["finished"]) == (1, 1, 0)
    unfinished = (await chief.get("/dispatch/v1/cases", params={"status": "unfinished"})).json()["items"]
    assert [one["case_id"] for one in unfinished] == [red["case_id"]]

    # Nobody is sent before the day is over; then a team is.
    await the_world.at("2026-03-20T23:59")
    assert not the_world.heard("case.assigned", kind="follow_up")
    await the_world.at("2026-03-21T00:01")
    assert the_world.heard("case.due_for_check", case_id=check["case_id"])
    assert the_world.heard("case.assigned", case_id=check["case_id"])
    await the_world.at("2026-03-23T09:00")
    await visited(the_world, check["case_id"], FOUND | {"findings": "已改正", "outcome": "rectified"})
    assert (await chief.post(f"/dispatch/v1/cases/{check['case_id']}/approve", json={})).is_success
    assert (await chief.get(case)).json()["finished"]
    figures = (await chief.get("/dispatch/v1/figures", params={"kind": "on_site"})).json()
    assert (figures["handled"], figures["finished"]) == (1, 1)
    assert (await app.get("/dispatch/v1/figures")).status_code == 403


async def test_a_check_joins_a_visit_that_is_open(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (red,) = the_world.heard("case.opened", kind="on_site")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    watched = FOUND | {"outcome": "observation_period", "observe_until": "2026-03-06"}
    await visited(the_world, red["case_id"], watched)
    assert (await chief.post(f"/dispatch/v1/cases/{red['case_id']}/approve", json={})).is_success
    await the_world.at("2026-03-06T17:00")
    await the_world.push(RED, enterprise, enterprise.outlets[1])
    await the_world.settle()
    visit = the_world.heard("case.opened", kind="on_site")[-1]["case_id"]
    assert visit != red["case_id"]
    await the_world.at("2026-03-07T00:01")
    (merged,) = the_world.heard("case.merged", kind="follow_up")
    assert merged["detail"]["merged_into"] == visit


async def test_a_penalty_file_has_a_number_now_or_later_and_an_exemption_its_ground(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (red,) = the_world.heard("case.opened", kind="on_site")
    case = f"/dispatch/v1/cases/{red['case_id']}"
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    await visited(the_world, red["case_id"], FOUND | {"outcome": "exempt", "legal_basis": "《清单》第 3 项"})
    # The review sees it otherwise: what belonged to the reported outcome goes with it.
    assert (await chief.post(f"{case}/approve", json={"outcome": "order_to_correct"})).status_code == 422
    closed = (await chief.post(f"{case}/approve", json={"outcome": "case_filed_for_penalty"})).json()
    assert (closed["outcome"], closed["legal_basis"], closed["finished"]) == ("case_filed_for_penalty", None, False)

    waiting = await chief.get("/dispatch/v1/cases", params={"status": "awaiting_file_number"})
    assert [one["case_id"] for one in waiting.json()["items"]] == [red["case_id"]]
    numbered = (await chief.post(f"{case}/file-number", json={"file_number": "深环宝立〔2026〕12号"})).json()
    assert (numbered["file_number"], numbered["finished"]) == ("深环宝立〔2026〕12号", True)
    assert (await chief.post(f"{case}/file-number", json={"file_number": "深环宝立〔2026〕13号"})).status_code == 422
    corrected = {"file_number": "深环宝立〔2026〕13号", "reason": "笔误"}
    assert (await chief.post(f"{case}/file-number", json=corrected)).is_success
    waiting = await chief.get("/dispatch/v1/cases", params={"status": "awaiting_file_number"})
    assert waiting.json()["items"] == []
