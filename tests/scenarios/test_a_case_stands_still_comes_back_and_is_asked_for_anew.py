"""The rest of a case's life: suspended, returned, reviewed by others, closed by an outcome, and asked for anew."""

import httpx

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

REPORT = {"findings": "轻微超标，首次", "measures": "当场改正", "outcome": "exempt"}


async def test_every_turn_has_its_reason_and_no_turn_moves_the_deadline(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    team = [member["officer"] for member in the_world.heard("case.assigned")[0]["team"]]
    lead, second = [await the_world.app(Role.OFFICER, code, station=STATION) for code in team]
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    section = await the_world.app(Role.SECTION, "he")
    (own,) = (await lead.get("/dispatch/v1/assignments")).json()["items"]
    path, steps = f"/dispatch/v1/cases/{own['case_id']}", f"/dispatch/v1/assignments/{own['assignment_id']}"
    for step in ("accept", "depart"):
        assert (await lead.post(f"{steps}/{step}")).is_success

    # A fire: nobody may go in. The case stands still; its clock does not, and the officers are told both.
    await post(chief, f"{path}/suspend", reason="企业发生火灾，现场封闭")
    assert (await lead.post(f"{steps}/arrive")).status_code == 409
    await the_world.at("2026-03-03T09:00")
    await post(chief, f"{path}/resume", reason="现场解封")
    assert (await lead.post(f"{steps}/arrive")).is_success
    await the_world.arrive_second(own["case_id"])

    # Exempt under the no-penalty list, with the item it rests on. Neither officer reviews it; the chief wants more.
    report = {**REPORT, "legal_basis": "《轻微违法行为不予处罚清单》第 3 项"}
    assert (await lead.post(f"{path}/feedback", json=report)).is_success
    assert (await second.post(f"{path}/approve", json={})).status_code == 403
    await post(chief, f"{path}/return", reason="请补充首次违法的查询记录")
    observed = {**REPORT, "outcome": "observation_period", "observe_until": "2026-05-31", "measures": "给予观察期"}
    assert (await lead.post(f"{path}/feedback", json=observed)).is_success
    closed = await post(chief, f"{path}/approve", comment="同意")
    assert (closed["state"], closed["outcome"]) == ("approved", "observation_period")
    assert closed["due_at"] == "2026-03-10T00:00:00+08:00"
    # A closed case takes nothing more.
    assert (await chief.post(f"{path}/return", json={"reason": "再看看"})).status_code == 409
    await the_world.settle()

    # Before the observation is over the section asks anew: another case with its own clock. The old one is evidence.
    await the_world.at("2026-04-02T09:00")
    assert (await chief.post(f"{path}/reopen", json={"reason": "再次投诉"})).status_code == 403
    again = await post(section, f"{path}/reopen", reason="观察期内再次投诉，提前复查")
    await the_world.settle()
    assert (again["state"], again["raised_by"]) == ("assigned", own["case_id"])
    assert (await section.get(path)).json()["outcome"] == "observation_period"
    (clock,) = the_world.heard("deadline.started", case_id=again["case_id"])
    assert clock["started_at"] == "2026-04-02T09:00:00+08:00"

    entries = (await section.get(f"{path}/timeline")).json()["items"]
    reasons = {entry["type"].split(".")[3]: entry["reason"] for entry in entries if entry["reason"]}
    assert reasons["suspended"] == "企业发生火灾，现场封闭"
    assert reasons["resumed"] == "现场解封"
    assert reasons["returned"] == "请补充首次违法的查询记录"
    assert reasons["reopened"] == "观察期内再次投诉，提前复查"


async def post(app: httpx.AsyncClient, path: str, **body: str) -> dict[str, str]:
    answer = await app.post(path, json=body)
    assert answer.is_success, answer.text
    return dict(answer.json())
