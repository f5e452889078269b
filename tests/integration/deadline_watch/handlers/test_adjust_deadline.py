"""Pausing, resuming and extending a deadline: by two people, with a ground, and to the second."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from shared.contract.events import CaseEvent, CaseKind, CaseType
from shared.contract.roles import Role
from tests.integration.deadline_watch.office import Json, Office, shanghai

WHY: Json = {"reason": "台风红色预警停工", "legal_ground": "《突发事件应对法》第五十条", "approver": "分管领导 李"}


async def act(
    office: Office, case: CaseEvent, name: str, asked: Json, role: Role = Role.SECTION, subject: str = "zhang"
) -> httpx.Response:
    app = await office.app(role, subject)
    deadline_id = (await office.clock_of(case))["deadline_id"]
    return await app.post(f"/v1/deadlines/{deadline_id}/{name}", json=asked)


async def test_a_paused_clock_is_resumed_with_what_was_left_to_the_second(office: Office) -> None:
    case = await office.opened()  # due 14:30
    await office.at("2026-03-02T10:00:01")
    paused = await act(office, case, "pause", WHY)
    assert paused.status_code == 200, paused.text
    assert paused.json()["paused_at"] == "2026-03-02T10:00:01+08:00"
    await office.at("2026-03-03T09:00")  # long past the due time that was
    assert await office.names(case) == ["deadline.started", "deadline.paused"]

    resumed = (await act(office, case, "resume", {"reason": "预警解除"})).json()
    assert resumed["due_at"] == "2026-03-03T13:29:59+08:00"
    assert (resumed["paused_at"], resumed["version"], resumed["state"]) == (None, 3, "open")
    text = resumed["explanation"]["text"]["zh"]
    for words in ("中止计时", "《突发事件应对法》第五十条", "zhang → 分管领导 李", "2026-03-03 13:29:59"):
        assert words in text
    first, second = resumed["changes"]
    assert (first["cause"], first["version"], first["approver"]) == ("pause", 2, "分管领导 李")
    assert second["due_before"] == "2026-03-02T14:30:00+08:00"
    assert second["due_after"] == "2026-03-03T13:29:59+08:00"
    assert "中止" not in first["explanation_before"]["text"]["zh"]

    await office.at("2026-03-03T13:29:58")
    assert (await office.names(case))[-1] == "deadline.warned"
    await office.at("2026-03-03T13:29:59")
    assert (await office.names(case))[-2:] == ["deadline.missed", "case.escalated"]
    (event,) = await office.emitted("deadline.resumed", case)
    assert event["previous_due_at"] == "2026-03-02T14:30:00+08:00"
    assert event["recipients"] == [{"role": "enterprise", "station": None}]


async def test_while_it_is_paused_an_answer_is_in_time(office: Office) -> None:
    case = await office.opened()
    await act(office, case, "pause", WHY)
    await office.at("2026-03-02T20:00")
    await office.receive_step(CaseType.SELF_REPORTED, case)
    assert (await office.clock_of(case))["state"] == "met"
    await office.receive_step(CaseType.RETURNED, case)
    assert (await office.clock_of(case))["state"] == "open"
    await act(office, case, "resume", {"reason": "预警解除"})
    assert (await office.clock_of(case))["due_at"] == shanghai("2026-03-03T02:00")
    await office.at("2026-03-03T02:00")
    assert len(await office.emitted("deadline.missed", case)) == 1


async def test_an_extension_moves_due_and_warns_for_the_new_one(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)  # due 03-09 24:00
    await office.at("2026-03-09T10:00")
    warned = len(await office.emitted("deadline.warned", case))
    extended = await act(office, case, "extend", WHY | {"working_days": 2}, Role.LEADER)
    assert extended.status_code == 200, extended.text
    assert extended.json()["due_text"] == "2026-03-11 24:00 (+08:00)"
    (event,) = await office.emitted("deadline.moved", case)
    assert (event["version"], event["due_at"]) == (2, "2026-03-12T00:00:00+08:00")
    assert [one["role"] for one in event["recipients"]] == ["officer", "station_chief"]
    await office.at("2026-03-11T09:00")
    assert len(await office.emitted("deadline.warned", case)) > warned
    assert not await office.emitted("deadline.missed", case)
    await office.at("2026-03-12T00:00")
    assert len(await office.emitted("deadline.missed", case)) == 1


@pytest.mark.parametrize(
    ("asked", "status", "slug"),
    [
        (WHY | {"approver": "zhang"}, 422, "two-people"),
        ({"reason": "台风", "approver": "li"}, 422, "invalid-request"),
        (WHY | {"approver": " "}, 422, "invalid-request"),
        (WHY | {"hours": 2}, 422, "invalid-request"),
    ],
    ids=["one person", "no ground", "no approver", "a pause has no length"],
)
async def test_without_two_people_and_a_ground_nothing_is_done(
    office: Office, asked: Json, status: int, slug: str
) -> None:
    case = await office.opened()
    before = await office.clock_of(case)
    answer = await act(office, case, "pause", asked)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:tricolor:problem:{slug}")
    assert await office.clock_of(case) == before


@pytest.mark.parametrize("by", [{}, {"hours": 1, "working_days": 1}, {"hours": 0}, {"working_days": -1}])
async def test_an_extension_has_one_length(office: Office, by: Json) -> None:
    case = await office.opened()
    assert (await act(office, case, "extend", WHY | by)).status_code == 422


@pytest.mark.parametrize("role", [Role.OFFICER, Role.STATION_CHIEF, Role.ENTERPRISE, Role.AUDITOR, Role.PLATFORM])
async def test_only_the_section_and_above_touch_a_clock(office: Office, role: Role) -> None:
    case = await office.opened()
    assert (await act(office, case, "pause", WHY, role)).status_code == 403


async def test_what_does_not_fit_the_clock_is_refused(office: Office) -> None:
    case = await office.opened()
    assert (await act(office, case, "resume", {"reason": "解除"})).json()["type"].endswith("not-paused")
    assert (await act(office, case, "pause", WHY)).status_code == 200
    assert (await act(office, case, "pause", WHY)).json()["type"].endswith("already-paused")
    assert (await act(office, case, "resume", {"reason": "解除"})).status_code == 200
    office.clock.move_to((await office.clock_of(case))["due_at"])
    assert (await act(office, case, "extend", WHY | {"hours": 6})).json()["type"].endswith("already-due")
    await office.watch()
    refused = await act(office, case, "extend", WHY | {"hours": 6})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tricolor:problem:not-running")
    app = await office.app(Role.SECTION)
    assert (await app.post(f"/v1/deadlines/{uuid4()}/pause", json=WHY)).status_code == 404


async def test_sent_again_with_its_key_it_is_done_once(office: Office) -> None:
    case = await office.opened()
    app = await office.app(Role.SECTION, "zhang")
    deadline_id = (await office.clock_of(case))["deadline_id"]
    answers = [
        await app.post(
            f"/v1/deadlines/{deadline_id}/extend", json=WHY | {"hours": 6}, headers={"Idempotency-Key": "once"}
        )
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert (await office.clock_of(case))["due_at"] == shanghai("2026-03-02T20:30")


async def test_a_closed_case_ends_a_paused_clock(office: Office) -> None:
    case = await office.opened()
    await act(office, case, "pause", WHY)
    office.clock.advance(timedelta(days=2))
    await office.receive_step(CaseType.CLOSED, case, outcome="false_alarm")
    assert (await office.clock_of(case))["state"] == "cancelled"
    assert (await act(office, case, "resume", {"reason": "解除"})).json()["type"].endswith("closed")
    await office.at("2026-03-20T09:00")
    assert await office.names(case) == ["deadline.started", "deadline.paused"]
