"""Two people of the office decide on one case at the same moment: one is heard, the other sees what became of it."""

import asyncio

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_the_second_looks_again_before_deciding(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    section = await the_world.app(Role.SECTION, "he")
    (case,) = (await chief.get("/dispatch/v1/cases")).json()["items"]
    path, seen = f"/dispatch/v1/cases/{case['case_id']}", {"If-Match": f'"{case["revision"]}"'}

    # The chief names a team; in the same second the section names another.
    answers = await asyncio.gather(
        chief.post(
            f"{path}/reassign", json={"reason": "需熟悉在线监测", "team": ["xinan-03", "xinan-01"]}, headers=seen
        ),
        section.post(f"{path}/reassign", json={"reason": "需熟悉废水", "team": ["xinan-02", "xinan-03"]}, headers=seen),
    )
    heard, late = sorted(answers, key=lambda answer: answer.status_code)
    assert (heard.status_code, late.status_code) == (200, 412)
    # Who came second is told who has it now, and by which revision to decide on that.
    assert late.json()["team"] == [member["officer"] for member in heard.json()["team"]]
    assert late.json()["revision"] == heard.json()["revision"]

    # One decision, one team, one entry: nothing of the other was done.
    await the_world.settle()
    assert len(the_world.heard("case.reassigned")) == 1
    entries = (await section.get(f"{path}/timeline")).json()["items"]
    assert [entry["type"] for entry in entries].count("cn.tricolor.case.reassigned.v1") == 1

    # Having looked, the section may still decide otherwise.
    looked = {"If-Match": f'"{late.json()["revision"]}"'}
    assert (await section.post(f"{path}/suspend", json={"reason": "现场封闭"}, headers=looked)).is_success
