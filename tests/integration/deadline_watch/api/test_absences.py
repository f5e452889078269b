"""Who is away is passed over: a rung reaches the next level up, and never nobody."""

import pytest

from shared.contract.events import CaseType
from shared.contract.roles import Role
from tests.integration.deadline_watch.office import STATION, Json, Office

AWAY: Json = {
    "role": "station_chief",
    "station": STATION,
    "since": "2026-03-02T00:00:00+08:00",
    "until": "2026-03-03T00:00:00+08:00",
    "reason": "培训",
}


async def record(office: Office, absence: Json, role: Role = Role.SECTION, station: str | None = None) -> Json:
    app = await office.app(role, "zhang", station=station)
    answer = await app.post("/v1/absences", json=absence)
    assert answer.status_code == 201, answer.text
    found: Json = answer.json()
    return found


async def test_while_the_chief_is_away_the_section_is_told_and_why(office: Office) -> None:
    await record(office, AWAY)
    case, elsewhere = await office.opened(), await office.opened(station="shajing")
    await office.at("2026-03-02T14:30")
    (event,) = await office.emitted("case.escalated", case)
    assert event["recipients"] == [{"role": "section", "station": None}]
    assert event["reason"]["zh"] == "所长不在岗，报上一级"
    assert await office.escalated_to(elsewhere) == ["station_chief"]


async def test_with_everybody_away_the_leader_is_told(office: Office) -> None:
    for changes in ({}, {"role": "section", "station": None}, {"role": "leader", "station": None}):
        await record(office, AWAY | changes)
    case = await office.opened()
    await office.at("2026-03-02T14:30")
    assert await office.escalated_to(case) == ["leader"]


async def test_back_early_the_chief_is_told_again(office: Office) -> None:
    absence = await record(office, AWAY, Role.STATION_CHIEF, STATION)
    app = await office.app(Role.STATION_CHIEF, station=STATION)
    assert [one["reason"] for one in (await (await office.app(Role.LEADER)).get("/v1/absences")).json()["items"]] == [
        "培训"
    ]
    assert (await app.post(f"/v1/absences/{absence['absence_id']}/end")).status_code == 200
    assert (await app.post(f"/v1/absences/{absence['absence_id']}/end")).status_code == 409
    case = await office.opened()
    await office.at("2026-03-02T14:30")
    assert await office.escalated_to(case) == ["station_chief"]


@pytest.mark.parametrize(
    "changes",
    [{"station": None}, {"role": "section"}, {"until": AWAY["since"]}, {"role": "officer"}, {"reason": " "}],
)
async def test_an_absence_that_makes_no_sense_is_refused(office: Office, changes: Json) -> None:
    app = await office.app(Role.SECTION)
    assert (await app.post("/v1/absences", json=AWAY | changes)).status_code == 422


async def test_a_chief_records_the_own_station_only(office: Office) -> None:
    app = await office.app(Role.STATION_CHIEF, station="shajing")
    assert (await app.post("/v1/absences", json=AWAY)).status_code == 403


async def test_the_section_is_left_out_where_officers_went_after_the_miss(office: Office) -> None:
    """Stopped the moment the case moves; the enterprise's silence itself stays marked."""
    case = await office.opened()
    await office.at("2026-03-02T14:30")
    await office.at("2026-03-02T15:30")
    await office.receive_step(CaseType.REASSIGNED, case)
    await office.at("2026-03-02T16:30")
    assert await office.escalated_to(case) == ["station_chief"]
    assert (await office.clock_of(case))["state"] == "overdue"
