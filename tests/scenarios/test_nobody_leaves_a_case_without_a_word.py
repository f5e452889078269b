"""Joining and leaving: whoever may not go any more keeps no case without a word, today or on days ahead."""

from typing import Any

import httpx

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import OFFICERS, STATION
from tests.world import World


async def accepted(world: World, enterprise: Enterprise) -> tuple[str, str, str]:
    """A red case that its lead accepted: the case, the lead, and the second."""
    await world.push(RED, enterprise)
    await world.settle()
    assigned = world.heard("case.assigned")[-1]
    lead, second = (member["officer"] for member in assigned["team"])
    app = await world.app(Role.OFFICER, lead, station=STATION)
    (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
    assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/accept")).is_success
    await world.settle()
    return assigned["case_id"], lead, second


async def told(chief: httpx.AsyncClient) -> list[str]:
    """What the chief was told of teams that may not go."""
    notices = (await chief.get("/dispatch/v1/notices", params={"limit": 100})).json()["items"]
    return [one["body"]["zh"] for one in notices if one["purpose"] == "without_hands"]


def done(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()


async def test_an_officer_who_loses_the_certificate_is_named_with_the_case(
    the_world: World, enterprise: Enterprise
) -> None:
    case_id, lead, _ = await accepted(the_world, enterprise)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    written = done(await chief.patch(f"/dispatch/v1/officers/{lead}", json={"certified": False}))
    (kept,) = written["kept"]
    assert (kept["case_id"], kept["officer"], kept["reason"]["zh"]) == (case_id, lead, "无执法证")
    (text,) = await told(chief)
    assert f"{OFFICERS[lead]}：无执法证" in text
    assert f"{enterprise.name}（{enterprise.code}）" in text
    assert "办理时限：3月9日（周一）24:00" in text

    # The chief hands it over, and the team is whole again.
    (free,) = OFFICERS.keys() - {lead, *(member["officer"] for member in the_world.heard("case.assigned")[-1]["team"])}
    body = {"leaving": lead, "to": free, "reason": "原承办人执法证失效"}
    case = done(await chief.post(f"/dispatch/v1/cases/{case_id}/hand-over", json=body))
    assert lead not in {member["officer"] for member in case["team"]}


async def test_leave_from_tomorrow_names_today_what_is_planned_for_it(the_world: World, enterprise: Enterprise) -> None:
    case_id, lead, second = await accepted(the_world, enterprise)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    rota = {"days": {"2026-03-02": [lead, second], "2026-03-04": [lead, second]}}
    done(await chief.put(f"/dispatch/v1/stations/{STATION}/rota/2026-W10", json=rota))
    leave = {"officer": lead, "first_day": "2026-03-03", "last_day": "2026-03-05", "reason": "年休假"}
    written = done(await chief.post("/dispatch/v1/leaves", json=leave))
    (kept,) = written["kept"]
    assert (kept["case_id"], kept["from_day"]) == (case_id, "2026-03-03")
    assert written["on_duty"] == ["2026-03-04"]
    (text,) = await told(chief)
    assert "3月3日（周二）起" in text
    assert f"{OFFICERS[lead]}：请假至3月5日（周四）" in text


async def test_reassigning_to_somebody_on_leave_takes_an_express_call(the_world: World, enterprise: Enterprise) -> None:
    case_id, lead, second = await accepted(the_world, enterprise)
    (free,) = OFFICERS.keys() - {lead, second}
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    leave = {"officer": free, "first_day": "2026-03-02", "last_day": "2026-03-05", "reason": "年休假"}
    done(await chief.post("/dispatch/v1/leaves", json=leave))
    path, body = f"/dispatch/v1/cases/{case_id}", {"reason": "改派", "team": [second, free]}
    for command, asked in (
        ("reassign", body),
        ("hand-over", {"reason": "移交", "leaving": lead, "to": free}),
    ):
        refused = await chief.post(f"{path}/{command}", json=asked)
        assert refused.status_code == 422
        assert "请假至3月5日（周四）" in refused.json()["detail"]
    case = done(await chief.post(f"{path}/reassign", json=body | {"call_in": "台风值守，本人同意返岗"}))
    assert {member["officer"] for member in case["team"]} == {second, free}
    await the_world.settle()
    (again,) = the_world.heard("case.reassigned")
    assert again["detail"]["why"]["called_in"] == {"officers": [free], "reason": "台风值守，本人同意返岗"}


async def test_a_rota_day_set_to_nobody_means_nobody(the_world: World, enterprise: Enterprise) -> None:
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    rota = {"days": {"2026-03-02": [], "2026-03-03": sorted(OFFICERS)}}
    done(await chief.put(f"/dispatch/v1/stations/{STATION}/rota/2026-W10", json=rota))
    await the_world.push(RED, enterprise)
    await the_world.settle()
    assert the_world.heard("case.assigned") == []
    assert {one["purpose"] for one in (await chief.get("/dispatch/v1/notices")).json()["items"]} >= {"nobody_available"}
    await the_world.at("2026-03-03T08:30")
    assert len(the_world.heard("case.assigned")) == 1


async def test_what_waits_for_somebody_whose_leave_begins_goes_to_others(
    the_world: World, enterprise: Enterprise
) -> None:
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    away = ("xinan-01", "xinan-02")
    for officer in away:
        leave = {"officer": officer, "first_day": "2026-03-03", "last_day": "2026-03-05", "reason": "培训"}
        done(await chief.post("/dispatch/v1/leaves", json=leave))
    admin = await the_world.app(Role.ADMIN)
    await the_world.at("2026-03-02T17:50")
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (offered,) = the_world.heard("case.assigned")
    assert {member["officer"] for member in offered["team"]} & set(away)
    done(await admin.put("/dispatch/v1/officers/xinan-04", json={"name": "林海", "station": STATION}))

    # Nobody accepted in the evening: from midnight on two others have it.
    await the_world.at("2026-03-03T00:01")
    again = the_world.heard("case.assigned")[-1]
    assert {member["officer"] for member in again["team"]} == {"xinan-03", "xinan-04"}
