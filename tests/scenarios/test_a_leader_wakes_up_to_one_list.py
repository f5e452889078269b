"""35 red cases stayed unanswered over the week: the leader finds one list of 35 cases, each linked, not 35 notices."""

from dataclasses import replace

import httpx

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

CASES = 35


async def test_a_leader_wakes_up_to_one_list(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    for number in range(CASES):
        outlets = tuple(replace(one, mn=f"{one.mn}-{number}") for one in enterprise.outlets)
        late = replace(enterprise, code=f"91440306MB50000{number:02}X", name=f"第{number}厂", outlets=outlets)
        registered = {"name": late.name, "district": "440306", "street": "新安", "station": STATION}
        assert (await admin.put(f"/dispatch/v1/enterprises/{late.code}", json=registered)).is_success
        await the_world.push(RED, late)
    await the_world.settle()

    # Missed on Tuesday at 00:00: of each the chief hears at once, and alone.
    await the_world.at("2026-03-10T00:01")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    missed = await notices(chief, purpose="deadline_escalated")
    assert len({one["case_id"] for one in missed}) == len(missed) == CASES

    # On Wednesday at 09:00 they come to the leader, all in one pass.
    await the_world.at("2026-03-11T09:00")
    await the_world.at("2026-03-11T09:01")
    leader = await the_world.app(Role.LEADER)
    (listed,) = await notices(leader)
    cases = {one["case_id"] for one in missed}
    assert {one["case_id"] for one in listed["matters"]} == cases
    assert len(listed["matters"]) == CASES
    assert f"{CASES}起案件" in listed["subject"]["zh"]
    assert (listed["sent_at"], listed["state"]) == ("2026-03-11T09:01:00+08:00", "seen")
    for matter in listed["matters"]:
        assert matter["case_id"] in listed["body"]["zh"]
        page = await leader.get(httpx.URL("http://tricolor/dispatch/v1/notices").join(matter["href"]))
        assert page.json()["case_id"] == matter["case_id"]

    # The next morning there is the next list.
    await the_world.at("2026-03-12T09:02")
    assert [len(one["matters"]) for one in await notices(leader)] == [CASES, CASES]


async def notices(app: httpx.AsyncClient, **asked: str) -> list[Json]:
    answer = await app.get("/dispatch/v1/notices", params={"limit": "200", **asked})
    items: list[Json] = answer.json()["items"]
    return items
