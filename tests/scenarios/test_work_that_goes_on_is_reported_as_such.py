"""A self-report is true when it is received: work that goes on is reported as such, and its end has a clock."""

from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

REPORT = {"cause": "活性炭吸附塔破损", "measures": "已停产检修"}
INTERIM = REPORT | {"interim": True, "planned_end": "2026-03-05T18:00:00+08:00"}
FINAL = REPORT | {"measures": "已更换吸附塔并复测达标", "finished_at": "2026-03-05T16:00:00+08:00"}


async def asked(world: World, enterprise: Enterprise) -> str:
    await world.push(YELLOW, enterprise)
    await world.settle()
    case_id: str = world.heard("case.opened", kind="self_report")[-1]["case_id"]
    return f"/dispatch/v1/cases/{case_id}"


async def test_what_is_not_finished_yet_cannot_be_reported_as_finished(
    the_world: World, enterprise: Enterprise
) -> None:
    case = await asked(the_world, enterprise)
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    for finished_at, problem in (
        ("2026-04-02T09:00:00+08:00", "finished-in-the-future"),  # a month ahead
        ("20261128", "invalid-request"),  # digits alone are no time
        ("2026-03-02T08:20:00", "invalid-request"),  # nor is a time without an offset
    ):
        refused = await app.post(f"{case}/self-report", json=REPORT | {"finished_at": finished_at})
        assert (refused.status_code, refused.json()["type"]) == (422, f"urn:tricolor:problem:{problem}"), refused.text
    # An interim report says when the work will end, and that end lies ahead.
    for wrong in ({"planned_end": None}, {"planned_end": "2026-03-02T08:00:00+08:00"}, {"finished_at": FINAL}):
        assert (await app.post(f"{case}/self-report", json=INTERIM | wrong)).status_code == 422
    await the_world.at("2026-03-02T14:30")
    assert the_world.heard("deadline.missed", kind="self_report")


async def test_from_the_interim_report_to_the_final_one(the_world: World, enterprise: Enterprise) -> None:
    case = await asked(the_world, enterprise)
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    await the_world.at("2026-03-02T13:00")
    told = (await app.post(f"{case}/self-report", json=INTERIM)).json()
    assert told["state"] == "interim_reported"
    await the_world.settle()

    # Truthful and in time, it answers the six hours. Accepted, it keeps the case open until the end that it names.
    assert the_world.heard("deadline.met", kind="self_report")
    accepted = (await chief.post(f"{case}/approve", json={"comment": "同意"})).json()
    assert (accepted["state"], accepted["closed_at"]) == ("rectifying", None)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started", kind="final_report")
    assert clock["due_at"] == "2026-03-05T18:00:00+08:00"
    seen = (await app.get(case)).json()
    assert (seen["planned_end"], seen["due_at"], seen["handled"]) == (clock["due_at"], clock["due_at"], False)
    (notice,) = (await app.get("/dispatch/v1/notices", params={"purpose": "interim_accepted"})).json()["items"]
    assert "3月5日（周四）18:00" in notice["body"]["zh"]
    # Its end is set: another report does not move it, two people do.
    again = await app.post(f"{case}/self-report", json=INTERIM | {"planned_end": "2026-03-20T18:00:00+08:00"})
    assert again.status_code == 409

    # No silence follows, and the last morning brings a reminder.
    await the_world.at("2026-03-05T09:00")
    assert not the_world.heard("deadline.unanswered")
    assert the_world.heard("deadline.warned", kind="final_report")

    # The final report is returned once: its own clock runs on, the six hours stay answered.
    await the_world.at("2026-03-05T16:30")
    assert (await app.post(f"{case}/self-report", json=FINAL)).json()["state"] == "self_reported"
    assert (await chief.post(f"{case}/return", json={"reason": "请附复测报告"})).is_success
    await the_world.settle()
    assert not the_world.heard("deadline.missed")
    assert (await app.post(f"{case}/self-report", json=FINAL)).is_success
    closed = (await chief.post(f"{case}/approve", json={})).json()
    assert (closed["state"], closed["handled"]) == ("accepted_report", True)
    await the_world.after(days=10)
    assert the_world.heard("deadline.met", kind="final_report")
    assert not the_world.heard("deadline.missed", kind="self_report")
    assert not the_world.heard("deadline.missed", kind="final_report")


async def test_a_final_report_that_never_comes_is_heard_and_seen_on_site(
    the_world: World, enterprise: Enterprise
) -> None:
    case = await asked(the_world, enterprise)
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await app.post(f"{case}/self-report", json=INTERIM)).is_success
    assert (await chief.post(f"{case}/approve", json={})).is_success
    await the_world.at("2026-03-05T18:00")
    assert the_world.heard("deadline.missed", kind="final_report")
    assert the_world.heard("case.escalated", kind="final_report")[0]["recipients"][0]["role"] == "station_chief"
    (verification,) = the_world.heard("case.opened", kind="verification")
    assert verification["reason"] == "整改期满未提交最终反馈"
    assert (await chief.get(case)).json()["overdue"]
    # The section hears of it, every day until somebody acts.
    await the_world.at("2026-03-05T20:30")
    await the_world.at("2026-03-07T21:00")
    escalated = the_world.heard("case.escalated", kind="final_report")
    assert len([one for one in escalated if one["recipients"][0]["role"] == "section"]) >= 2
    # A late final report is taken all the same.
    assert (await app.post(f"{case}/self-report", json=FINAL)).json()["state"] == "self_reported"


async def test_two_people_give_more_time_and_no_report_does(the_world: World, enterprise: Enterprise) -> None:
    case = await asked(the_world, enterprise)
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await app.post(f"{case}/self-report", json=INTERIM)).is_success
    assert (await chief.post(f"{case}/approve", json={})).is_success
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started", kind="final_report")
    more = {"hours": 24, "reason": "备件未到货", "legal_ground": "《行政处罚法》第五十五条"}
    proposed = await chief.post(f"/watch/v1/deadlines/{clock['deadline_id']}/extend", json=more)
    await the_world.confirmed("watch", proposed, Role.SECTION, "he")
    await the_world.settle()
    assert (await app.get(case)).json()["due_at"] == "2026-03-06T18:00:00+08:00"
    await the_world.at("2026-03-06T17:59")
    assert not the_world.heard("deadline.missed", kind="final_report")
    await the_world.at("2026-03-06T18:00")
    assert the_world.heard("deadline.missed", kind="final_report")
