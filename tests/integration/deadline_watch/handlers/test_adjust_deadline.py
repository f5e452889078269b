"""Pausing, resuming and extending a deadline: by two people, with a ground, and to the second."""

from datetime import timedelta
from uuid import uuid4

import httpx
import pytest

from shared.contract.events import CaseEvent, CaseKind, CaseType
from shared.contract.roles import Role
from tests.integration.deadline_watch.office import STATION, Json, Office, shanghai

WHY: Json = {"reason": "台风红色预警停工", "legal_ground": "《突发事件应对法》第五十条"}
CHIEF = (Role.STATION_CHIEF, "wang", STATION)


async def proposed(
    office: Office,
    case: CaseEvent,
    name: str,
    asked: Json,
    role: Role = Role.SECTION,
    subject: str = "zhang",
    station: str | None = None,
) -> httpx.Response:
    app = await office.app(role, subject, station=station)
    deadline_id = (await office.clock_of(case))["deadline_id"]
    return await app.post(f"/v1/deadlines/{deadline_id}/{name}", json=asked)


async def act(office: Office, case: CaseEvent, name: str, asked: Json) -> Json:
    """One person proposes it, another confirms it; the deadline as it is then."""
    await office.confirmed(await proposed(office, case, name, asked))
    app = await office.app(Role.AUDITOR)
    found: Json = (await app.get(f"/v1/deadlines/{(await office.clock_of(case))['deadline_id']}")).json()
    return found


async def test_a_paused_clock_is_resumed_with_what_was_left_to_the_second(office: Office) -> None:
    case = await office.opened()  # due 14:30
    await office.at("2026-03-02T10:00:01")
    paused = await act(office, case, "pause", WHY)
    assert paused["paused_at"] == "2026-03-02T10:00:01+08:00"
    await office.at("2026-03-03T09:00")  # long past the due time that was
    assert await office.names(case) == ["deadline.started", "deadline.paused"]

    resumed = await act(office, case, "resume", {"reason": "预警解除"})
    assert resumed["due_at"] == "2026-03-03T13:29:59+08:00"
    assert (resumed["paused_at"], resumed["version"], resumed["state"]) == (None, 3, "open")
    text = resumed["explanation"]["text"]["zh"]
    for words in ("中止计时", "《突发事件应对法》第五十条", "zhang → li", "2026-03-03 13:29:59"):
        assert words in text
    first, second = resumed["changes"]
    assert (first["cause"], first["version"], first["approver"]) == ("pause", 2, "li")
    assert (second["cause"], second["requested_by"], second["approver"]) == ("resume", "zhang", "li")
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
    extended = await act(office, case, "extend", WHY | {"working_days": 2})
    assert extended["due_text"] == "2026-03-11 24:00 (+08:00)"
    (event,) = await office.emitted("deadline.moved", case)
    assert (event["version"], event["due_at"]) == (2, "2026-03-12T00:00:00+08:00")
    assert [one["role"] for one in event["recipients"]] == ["officer", "station_chief"]
    await office.at("2026-03-11T09:00")
    assert len(await office.emitted("deadline.warned", case)) > warned
    assert not await office.emitted("deadline.missed", case)
    await office.at("2026-03-12T00:00")
    assert len(await office.emitted("deadline.missed", case)) == 1


async def test_a_proposal_changes_nothing_and_shows_what_it_would(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    before = await office.clock_of(case)
    answer = await proposed(office, case, "extend", WHY | {"working_days": 2}, *CHIEF)
    assert answer.status_code == 202, answer.text
    proposal = answer.json()["proposal"]
    assert (proposal["kind"], proposal["state"], proposal["station"]) == ("extend", "open", STATION)
    assert (proposal["before"]["due_text"], proposal["after"]["due_text"]) == (
        "2026-03-09 24:00 (+08:00)",
        "2026-03-11 24:00 (+08:00)",
    )
    assert "延长 2 个工作日" in proposal["summary"]["zh"]
    assert await office.clock_of(case) == before
    (event,) = await office.emitted("proposal.opened", case)
    assert event["recipients"] == [
        {"role": "station_chief", "station": STATION},
        {"role": "section", "station": None},
    ]


async def test_an_approver_typed_in_is_refused_and_says_how_it_is_approved(office: Office) -> None:
    case = await office.opened()
    before = await office.clock_of(case)
    for name, more in (("pause", {}), ("extend", {"working_days": 5}), ("resume", {})):
        answer = await proposed(office, case, name, WHY | more | {"approver": "米老鼠"})
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:tricolor:problem:invalid-request")
        assert "/v1/proposals/{proposal_id}/confirm" in answer.json()["detail"]
    assert await office.clock_of(case) == before


@pytest.mark.parametrize(
    "asked",
    [{"reason": "台风"}, WHY | {"legal_ground": " "}, WHY | {"hours": 2}],
    ids=["no ground", "an empty ground", "a pause has no length"],
)
async def test_without_a_ground_nothing_is_proposed(office: Office, asked: Json) -> None:
    case = await office.opened()
    answer = await proposed(office, case, "pause", asked)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:tricolor:problem:invalid-request")


@pytest.mark.parametrize("by", [{}, {"hours": 1, "working_days": 1}, {"hours": 0}, {"working_days": -1}])
async def test_an_extension_has_one_length(office: Office, by: Json) -> None:
    case = await office.opened()
    assert (await proposed(office, case, "extend", WHY | by)).status_code == 422


@pytest.mark.parametrize("role", [Role.OFFICER, Role.ENTERPRISE, Role.AUDITOR, Role.PLATFORM])
async def test_only_the_office_touches_a_clock(office: Office, role: Role) -> None:
    case = await office.opened()
    assert (await proposed(office, case, "pause", WHY, role)).status_code == 403


async def test_a_chief_of_another_station_finds_nothing(office: Office) -> None:
    case = await office.opened()
    strange = await proposed(office, case, "pause", WHY, Role.STATION_CHIEF, "song", "shajing")
    assert (strange.status_code, strange.json()["type"]) == (404, "urn:tricolor:problem:not-found")
    # What does not fit the clock tells a stranger no more.
    assert (await proposed(office, case, "resume", WHY, Role.STATION_CHIEF, "song", "shajing")).status_code == 404
    own = (await proposed(office, case, "pause", WHY, *CHIEF)).json()["proposal"]
    app = await office.app(Role.STATION_CHIEF, "song", station="shajing")
    assert (await app.post(f"/v1/proposals/{own['proposal_id']}/confirm")).status_code == 404


async def test_what_does_not_fit_the_clock_is_refused(office: Office) -> None:
    case = await office.opened()
    assert (await proposed(office, case, "resume", {"reason": "解除"})).json()["type"].endswith("not-paused")
    await act(office, case, "pause", WHY)
    assert (await proposed(office, case, "pause", WHY)).json()["type"].endswith("already-paused")
    await act(office, case, "resume", {"reason": "解除"})
    office.clock.move_to((await office.clock_of(case))["due_at"])
    assert (await proposed(office, case, "extend", WHY | {"hours": 6})).json()["type"].endswith("already-due")
    await office.watch()
    refused = await proposed(office, case, "extend", WHY | {"hours": 6})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:tricolor:problem:not-running")
    app = await office.app(Role.SECTION)
    assert (await app.post(f"/v1/deadlines/{uuid4()}/pause", json=WHY)).status_code == 404


async def test_confirmed_too_late_it_has_failed_and_says_why(office: Office) -> None:
    case = await office.opened()
    answer = await proposed(office, case, "extend", WHY | {"hours": 6})
    await office.at("2026-03-02T14:30")
    path = f"/v1/proposals/{answer.json()['proposal']['proposal_id']}"
    app = await office.app(Role.LEADER, "li")
    late = await app.post(f"{path}/confirm")
    assert (late.status_code, late.json()["type"]) == (409, "urn:tricolor:problem:not-running")
    kept = (await app.get(path)).json()
    assert (kept["state"], kept["decided_by"]) == ("failed", "li")
    assert "only one that runs can be changed" in kept["explanation"]
    assert not await office.emitted("deadline.moved", case)


async def test_sent_again_with_its_key_it_is_done_once(office: Office) -> None:
    case = await office.opened()
    app = await office.app(Role.SECTION, "zhang")
    deadline_id = (await office.clock_of(case))["deadline_id"]
    key = {"Idempotency-Key": "once"}
    answers = [
        await app.post(f"/v1/deadlines/{deadline_id}/extend", json=WHY | {"hours": 6}, headers=key) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    await office.confirmed(answers[0])
    assert (await office.clock_of(case))["due_at"] == shanghai("2026-03-02T20:30")
    assert len(await office.emitted("proposal.opened", case)) == 1


async def test_a_closed_case_ends_a_paused_clock(office: Office) -> None:
    case = await office.opened()
    await act(office, case, "pause", WHY)
    office.clock.advance(timedelta(days=2))
    await office.receive_step(CaseType.CLOSED, case, outcome="false_alarm")
    assert (await office.clock_of(case))["state"] == "cancelled"
    assert (await proposed(office, case, "resume", {"reason": "解除"})).json()["type"].endswith("closed")
    await office.at("2026-03-20T09:00")
    assert await office.names(case) == ["deadline.started", "deadline.paused"]
