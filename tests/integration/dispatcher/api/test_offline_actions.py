"""What an officer did without a network: applied in order, once, with the device's time; conflicts show what is."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import httpx

from services.dispatcher.cases.wakeups import Wakeups
from tests.integration.dispatcher.bureau import Bureau

REPORT = {"findings": "活性炭未及时更换", "measures": "已更换", "outcome": "rectified"}


def act(action: str, minute: int, *, body: dict[str, Any] | None = None, **of: UUID | str) -> dict[str, Any]:
    named = {name: str(value) for name, value in of.items()}
    time = f"2026-03-02T09:{minute:02}:00+08:00"
    return {"key": f"phone-1-{action}-{minute}", "action": action, "time": time, "body": body or {}} | named


async def send(app: httpx.AsyncClient, *actions: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await app.post("/v1/offline-actions", json={"actions": actions})
    assert answer.is_success, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


async def test_a_whole_visit_without_a_network_is_applied_in_order(bureau: Bureau) -> None:
    case_id = await bureau.red()
    own = (await bureau.team(case_id))["chen"]
    visit = [
        act("accept", 1, assignment_id=own),
        act("depart", 2, assignment_id=own),
        act("arrive", 3, assignment_id=own, body={"position": {"lng": 113.88, "lat": 22.55}}),
        act("feedback", 4, case_id=case_id, body=REPORT),
    ]
    async with bureau.officer("chen") as chen:
        first = await send(chen, *visit)
        again = await send(chen, *visit)  # the answer was lost on the way
    assert [one["status"] for one in first] == ["done"] * 4
    assert again == first
    assert first[-1]["answer"]["state"] == "reported"
    told = await bureau.told()
    assert [(one["state"], one["claimed_at"]) for one in told[2:]] == [
        ("accepted", "2026-03-02T09:01:00+08:00"),
        ("en_route", "2026-03-02T09:02:00+08:00"),
        ("on_site", "2026-03-02T09:03:00+08:00"),
        ("reported", "2026-03-02T09:04:00+08:00"),
    ]
    assert {one["at"] for one in told[2:]} == {"2026-03-02T08:30:00+08:00"}  # the server's receipt decides


async def test_what_meanwhile_became_impossible_is_answered_with_what_is(bureau: Bureau) -> None:
    case_id = await bureau.red()
    own = (await bureau.team(case_id))["chen"]
    async with bureau.chief() as chief:
        body = {"reason": "改派", "team": ["li", "zhao"]}
        assert (await chief.post(f"/v1/cases/{case_id}/reassign", json=body)).is_success
    async with bureau.officer("chen") as chen:
        accepted, unknown, malformed, reported = await send(
            chen,
            act("accept", 1, assignment_id=own),
            act("accept", 2, assignment_id=uuid4()),
            act("decline", 3, assignment_id=own),
            act("feedback", 4, case_id=case_id, body=REPORT),
        )
    assert (accepted["status"], accepted["problem"]["status"]) == ("conflict", 409)
    assert accepted["present"]["ended_at"] is not None
    assert accepted["present"]["case_state"] == "assigned"
    assert (unknown["status"], unknown["problem"]["status"]) == ("refused", 404)
    assert (malformed["status"], malformed["problem"]["detail"]) == ("refused", "reason: Field required")
    assert (reported["status"], reported["problem"]["status"]) == ("conflict", 404)
    assert reported["present"]["ended_at"] is not None


async def test_one_key_for_two_different_acts_is_refused(bureau: Bureau) -> None:
    case_id = await bureau.red()
    own = (await bureau.team(case_id))["chen"]
    one = act("accept", 1, assignment_id=own)
    async with bureau.officer("chen") as chen:
        results = await send(chen, one, one | {"action": "depart"})
    assert [result["status"] for result in results] == ["done", "refused"]
    assert results[1]["problem"]["type"] == "urn:tricolor:problem:idempotency-key-reused"


async def test_an_action_without_its_subject_says_what_it_needs(bureau: Bureau) -> None:
    async with bureau.officer("chen") as chen:
        results = await send(chen, act("accept", 1), act("feedback", 2, body=REPORT))
    assert [result["problem"]["detail"] for result in results] == [
        "assignment_id: this action needs it.",
        "case_id: this action needs it.",
    ]


# --- the stream ---


async def test_the_stream_sends_the_list_at_once_and_after_every_change(bureau: Bureau) -> None:
    async with asyncio.timeout(30):
        first = await asyncio.gather(streamed(bureau, None), released(bureau.wakeups))
    event, identifier, items = first[0]
    assert (event, items) == ("assignments", 0)
    bureau.wakeups.released = False
    case_id = await bureau.red()
    async with asyncio.timeout(30):
        second = await asyncio.gather(streamed(bureau, identifier), released(bureau.wakeups))
    assert second[0][2] == 1
    assert second[0][1] != identifier
    assert await bureau.team(case_id)


async def streamed(bureau: Bureau, last: str | None) -> tuple[str, str, int]:
    """The event of a stream that ends when the server lets go."""
    headers = {} if last is None else {"Last-Event-ID": last}
    async with bureau.officer("chen") as chen:
        answer = await chen.get("/v1/assignments/stream", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines() if ": " in line and not line.startswith(":"))
    items = httpx.Response(200, text=fields["data"]).json()["items"]
    return fields["event"], fields["id"], len(items)


async def released(wakeups: Wakeups) -> None:
    """The server stops once the stream sleeps on what it has sent."""
    while not wakeups.officers.known():  # noqa: ASYNC110  the server tells nobody that it sleeps
        await asyncio.sleep(0.01)
    wakeups.release_all()
