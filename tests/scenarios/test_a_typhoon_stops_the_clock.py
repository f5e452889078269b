"""A typhoon shuts the district down: two people stop an enterprise's clock, and nobody loses a second of it."""

import httpx

from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.world import Json, World

ORDER = {"reason": "台风红色预警，全市停工", "legal_ground": "《突发事件应对法》第五十条"}


async def test_what_was_left_is_left_when_it_goes_on(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.at("2026-03-02T10:00:01")
    (clock,) = the_world.heard("deadline.started")
    assert clock["due_at"] == "2026-03-02T14:30:00+08:00"
    section = await the_world.app(Role.SECTION, "zhang")
    path = f"/watch/v1/deadlines/{clock['deadline_id']}"
    await confirmed(the_world, await section.post(f"{path}/pause", json=ORDER))

    # A day and a half of storm: nothing warns, nothing is missed, and both sides know where they stand.
    await the_world.at("2026-03-04T08:00")
    assert not the_world.heard("deadline.warned")
    assert not the_world.heard("deadline.missed")
    assert await subjects(the_world, enterprise, "中止计时")

    resumed = await confirmed(the_world, await section.post(f"{path}/resume", json={"reason": "台风预警解除"}))
    assert resumed["due_at"] == "2026-03-04T12:29:59+08:00"
    await the_world.settle()
    assert await subjects(the_world, enterprise, "恢复计时")
    case = (await section.get(f"/dispatch/v1/cases/{clock['case_id']}")).json()
    assert case["due_at"] == resumed["due_at"]

    # The reminders come as long before due as they would have, and the report is in time.
    await the_world.at("2026-03-04T12:00")
    assert [warned["step"] for warned in the_world.heard("deadline.warned")] == ["warned-3h", "warned-5h"]
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    report = {"cause": "风机停机", "measures": "已恢复运行", "finished_at": "2026-03-04T11:30:00+08:00"}
    answered = await app.post(f"/dispatch/v1/cases/{clock['case_id']}/self-report", json=report)
    assert answered.is_success, answered.text
    await the_world.at("2026-03-04T18:00")
    assert len(the_world.heard("deadline.met")) == 1
    assert not the_world.heard("deadline.missed")


async def test_years_later_it_says_who_stopped_it_and_why(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started")
    section = await the_world.app(Role.SECTION, "zhang")
    path = f"/watch/v1/deadlines/{clock['deadline_id']}"
    await confirmed(the_world, await section.post(f"{path}/pause", json=ORDER))
    await the_world.after(hours=30)
    await confirmed(the_world, await section.post(f"{path}/resume", json={"reason": "台风预警解除"}))
    await the_world.after(days=400)

    auditor = await the_world.app(Role.AUDITOR)
    kept = (await auditor.get(path)).json()
    assert [(one["cause"], one["requested_by"], one["approver"]) for one in kept["changes"]] == [
        ("pause", "zhang", "leader-li"),
        ("resume", "zhang", "leader-li"),
    ]
    assert kept["changes"][0]["explanation_before"]["text"]["zh"].splitlines()[-2].startswith("到期：2026-03-02 14:30")
    assert (
        "中止计时：台风红色预警，全市停工（《突发事件应对法》第五十条；zhang → leader-li）"
        in kept["explanation"]["text"]["zh"]
    )


async def confirmed(world: World, proposed: httpx.Response) -> Json:
    """What the leader's confirmation did to the clock."""
    result: Json = (await world.confirmed("watch", proposed, Role.LEADER, "leader-li"))["result"]
    return result


async def subjects(world: World, enterprise: Enterprise, word: str) -> list[str]:
    app = await world.app(Role.ENTERPRISE, enterprise.code)
    notices = (await app.get("/dispatch/v1/notices")).json()["items"]
    return [notice["subject"]["zh"] for notice in notices if word in notice["subject"]["zh"]]
