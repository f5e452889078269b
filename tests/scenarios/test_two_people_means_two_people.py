"""What needs approval is proposed by one signed-in person and done when another, whose it is to decide, confirms it."""

from typing import Any

import httpx

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World

WHY: Json = {"reason": "检测报告尚未出具", "legal_ground": "《行政处罚法》第五十五条"}


async def chief(world: World, subject: str, station: str = STATION) -> httpx.AsyncClient:
    return await world.app(Role.STATION_CHIEF, subject, station=station)


async def extended(world: World, enterprise: Enterprise, by: httpx.AsyncClient) -> tuple[Json, Json]:
    """A red clock that runs, and the proposal to give it five working days more."""
    await world.push(RED, enterprise)
    await world.settle()
    (clock,) = world.heard("deadline.started")
    path = f"/watch/v1/deadlines/{clock['deadline_id']}/extend"
    answer = await by.post(path, json=WHY | {"working_days": 5})
    assert answer.status_code == 202, answer.text
    await world.settle()
    proposal: Json = answer.json()["proposal"]
    return clock, proposal


async def decide(app: httpx.AsyncClient, proposal: Json, verdict: str, **body: Any) -> httpx.Response:
    return await app.post(f"/watch/v1/proposals/{proposal['proposal_id']}/{verdict}", json=body)


async def notices(app: httpx.AsyncClient, purpose: str) -> list[str]:
    found = (await app.get("/dispatch/v1/notices", params={"purpose": purpose})).json()["items"]
    return [notice["subject"]["zh"] for notice in found]


async def test_one_chief_proposes_and_another_confirms(the_world: World, enterprise: Enterprise) -> None:
    wang, li, section = await chief(the_world, "wang"), await chief(the_world, "li"), await the_world.app(Role.SECTION)
    clock, proposal = await extended(the_world, enterprise, wang)
    assert not the_world.heard("deadline.moved")
    assert proposal["before"]["due_text"] == clock["due_text"]

    # Those who may confirm it are told, and find it on their work list.
    for app in (li, section):
        (subject,) = await notices(app, "proposal_opened")
        assert "【待审批】延长时限：" in subject
        assert "延长 5 个工作日" in subject
    (waiting,) = (await li.get("/watch/v1/proposals", params={"state": "open"})).json()["items"]
    assert waiting["proposal_id"] == proposal["proposal_id"]

    confirmed = await decide(li, proposal, "confirm", reason="情况属实")
    assert confirmed.is_success, confirmed.text
    await the_world.settle()
    (moved,) = the_world.heard("deadline.moved")
    assert (moved["previous_due_at"], moved["due_text"]) == (clock["due_at"], proposal["after"]["due_text"])
    auditor = await the_world.app(Role.AUDITOR)
    (change,) = (await auditor.get(f"/watch/v1/deadlines/{clock['deadline_id']}")).json()["changes"]
    assert (change["requested_by"], change["approver"], change["ground"]) == ("wang", "li", WHY["legal_ground"])
    (told,) = await notices(wang, "proposal_decided")
    assert "已批准并生效" in told
    assert "，原到期：" in told  # it is due later now
    kept = (await auditor.get(f"/watch/v1/proposals/{proposal['proposal_id']}")).json()
    assert (kept["state"], kept["decided_by"], kept["decided_role"], kept["decided_station"], kept["explanation"]) == (
        "confirmed",
        "li",
        "station_chief",
        STATION,
        "情况属实",
    )


async def test_a_name_typed_in_is_no_approval(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started")
    wang = await chief(the_world, "wang")
    typed = {"working_days": 5, "approver": "米老鼠"}
    answer = await wang.post(f"/watch/v1/deadlines/{clock['deadline_id']}/extend", json=WHY | typed)
    assert answer.status_code == 422
    assert "another signed-in person confirms" in answer.json()["detail"]
    await the_world.settle()
    assert not the_world.heard("deadline.moved")


async def test_nobody_is_both_people(the_world: World, enterprise: Enterprise) -> None:
    wang = await chief(the_world, "wang")
    clock, proposal = await extended(the_world, enterprise, wang)
    for app in (wang, await the_world.app(Role.SECTION, "wang"), await the_world.app(Role.LEADER, "wang")):
        refused = await decide(app, proposal, "confirm")
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:tricolor:problem:two-people")
    officer = await the_world.app(Role.OFFICER, "xinan-01", station=STATION)
    assert (await decide(officer, proposal, "confirm")).status_code == 403
    await the_world.settle()
    assert not the_world.heard("deadline.moved", deadline_id=clock["deadline_id"])


async def test_what_is_another_stations_is_not_there(the_world: World, enterprise: Enterprise) -> None:
    stranger = await chief(the_world, "song", "shajing")
    clock, proposal = await extended(the_world, enterprise, await chief(the_world, "wang"))
    for verdict in ("confirm", "reject", "withdraw"):
        answer = await decide(stranger, proposal, verdict)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:tricolor:problem:not-found")
    assert (await stranger.get("/watch/v1/proposals")).json()["items"] == []
    answer = await stranger.post(f"/watch/v1/deadlines/{clock['deadline_id']}/pause", json=WHY)
    assert answer.status_code == 404
    assert await notices(stranger, "proposal_opened") == []


async def test_a_red_alert_is_dismissed_by_the_own_station_only(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (alert,) = the_world.heard("alert.graded")
    false = {"ground": "platform_fault", "reason": "平台推送了测试数据"}
    officer = await the_world.app(Role.OFFICER, "xinan-01", station=STATION)
    decision = (await officer.post(f"/ingest/v1/alerts/{alert['alert_id']}/dismiss", json=false)).json()
    await the_world.settle()
    stranger, own = await chief(the_world, "song", "shajing"), await chief(the_world, "wang")
    confirm = f"/ingest/v1/decisions/{decision['decision_id']}/confirm"
    assert (await stranger.post(confirm)).status_code == 404
    assert "误报撤销" in (await notices(own, "proposal_opened"))[0]
    assert (await own.post(confirm)).is_success
    await the_world.settle()
    (dismissed,) = the_world.heard("alert.dismissed")
    assert (dismissed["proposed_by"], dismissed["confirmed_by"]) == ("xinan-01", "wang")
    assert "已批准并生效" in (await notices(officer, "proposal_decided"))[0]


async def test_what_nobody_confirms_expires(the_world: World, enterprise: Enterprise) -> None:
    wang, li = await chief(the_world, "wang"), await chief(the_world, "li")
    _, proposal = await extended(the_world, enterprise, wang)
    await the_world.after(hours=71, minutes=59)
    assert not the_world.heard("proposal.decided")
    await the_world.after(minutes=1)
    (decided,) = the_world.heard("proposal.decided")
    assert (decided["state"], decided["proposal_id"]) == ("expired", proposal["proposal_id"])
    late = await decide(li, proposal, "confirm")
    assert (late.status_code, late.json()["state"]) == (409, "expired")
    assert "逾期无人审批" in (await notices(wang, "proposal_decided"))[0]
    assert not the_world.heard("deadline.moved")


async def test_whoever_proposed_it_takes_it_back(the_world: World, enterprise: Enterprise) -> None:
    wang, li = await chief(the_world, "wang"), await chief(the_world, "li")
    _, proposal = await extended(the_world, enterprise, wang)
    assert (await decide(li, proposal, "withdraw")).status_code == 403
    taken_back = await decide(wang, proposal, "withdraw", reason="报告已出")
    assert (taken_back.status_code, taken_back.json()["state"]) == (200, "withdrawn")
    assert (await decide(li, proposal, "confirm")).status_code == 409
    await the_world.settle()
    assert not the_world.heard("deadline.moved")


async def test_what_no_longer_fits_is_kept_as_failed(the_world: World, enterprise: Enterprise) -> None:
    """The clock runs out between the two of them."""
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started")
    wang, li = await chief(the_world, "wang"), await chief(the_world, "li")
    answer = await wang.post(f"/watch/v1/deadlines/{clock['deadline_id']}/extend", json=WHY | {"hours": 2})
    proposal = answer.json()["proposal"]
    await the_world.after(hours=7)
    assert the_world.heard("deadline.missed")
    late = await decide(li, proposal, "confirm")
    assert (late.status_code, late.json()["type"]) == (409, "urn:tricolor:problem:not-running")
    kept = (await wang.get(f"/watch/v1/proposals/{proposal['proposal_id']}")).json()
    assert (kept["state"], "only one that runs can be changed" in kept["explanation"]) == ("failed", True)
    await the_world.settle()
    assert "未能执行" in (await notices(wang, "proposal_decided"))[0]
