"""What was refused over Kafka waits for a person, says so when it waits too long, and comes back once it is mended."""

import random
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from pydantic_core import from_json, to_json

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK
from services.sample.anomalies import YELLOW, anomaly
from services.sample.district import Enterprise
from shared.contract.events import Topic
from shared.contract.roles import Role
from tests.world import World


@pytest.fixture
def noise(the_world: World, enterprise: Enterprise) -> bytes:
    """An anomaly of a category that the rule book does not have."""
    event = from_json(anomaly(YELLOW, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1)))
    event["data"]["category"] = "noise_at_night"
    return to_json(event)


def a_book_with_noise() -> str:
    """The shipped book, in which noise is answered like any other yellow anomaly."""
    book = yaml.safe_load(RULE_BOOK.read_text(encoding="utf-8"))
    pattern = next(rule for rule in book["rules"] if rule["level"] == "yellow")
    book["rules"].append(
        pattern
        | {
            "code": "noise_at_night",
            "name": {"zh": "夜间噪声超标", "en": "Noise at night above the limit"},
            "families": ["noise"],
            "media": ["gas"],
            "requires": [],
            "when": 'category == "noise_at_night"',
            "stated": False,
        }
    )
    return yaml.safe_dump(book | {"version": "with-noise-2"}, allow_unicode=True)


async def waiting(app: httpx.AsyncClient, service: str = "ingest") -> list[dict[str, Any]]:
    answer = await app.get(f"/{service}/v1/dead-letters", params={"state": "waiting"})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_from_the_refusal_to_the_case(the_world: World, enterprise: Enterprise, noise: bytes) -> None:
    section, auditor = await the_world.app(Role.SECTION, "zhao"), await the_world.app(Role.AUDITOR)
    await the_world.push_bytes(noise, enterprise)
    await the_world.settle()

    (letter,) = await waiting(section)
    assert (letter["code"], letter["attempt"], letter["age_seconds"]) == ("unknown-category", 1, 0)
    path = f"/ingest/v1/dead-letters/{letter['letter_id']}"
    whole = (await auditor.get(path)).json()
    assert whole["body"] == {"encoding": "utf-8", "content": noise.decode()}
    assert (await auditor.post(f"{path}/retry")).status_code == 403

    # Nobody looks for longer than the policy allows: the section is told, and the metric shows it.
    await the_world.after(hours=4)
    (told,) = the_world.heard("dead_letter.waiting", service="alert_ingest")
    assert (told["letter_id"], told["code"]) == (letter["letter_id"], "unknown-category")
    (notice,) = (await section.get("/dispatch/v1/notices", params={"purpose": "dead_letter_waiting"})).json()["items"]
    assert "unknown-category" in notice["body"]["zh"]
    metrics = (await section.get("/ingest/metrics")).text
    assert 'tricolor_dead_letters_waiting{code="unknown-category"} 1.0' in metrics
    assert "tricolor_dead_letters_oldest_seconds 14400.0" in metrics
    counts = (await auditor.get("/ingest/v1/dead-letters/counts")).json()
    assert (counts["waiting"], counts["overdue"], counts["items"][0]["oldest_seconds"]) == (1, 1, 14400)

    # Retried before anything was mended it is refused again: another letter, which knows the first.
    assert (await section.post(f"{path}/retry")).json()["state"] == "retried"
    await the_world.settle()
    (second,) = await waiting(section)
    assert second["attempt"] == 2
    history = (await section.get(f"/ingest/v1/dead-letters/{second['letter_id']}")).json()["history"]
    assert [one["letter_id"] for one in history] == [letter["letter_id"], second["letter_id"]]
    assert the_world.heard("alert.graded") == []

    # The section proposes a book that knows the category, the leader confirms it, and everything of that reason is
    # sent again.
    proposed = await section.post("/ingest/v1/rule-book", json={"book": a_book_with_noise(), "reason": "新增噪声"})
    await the_world.confirmed("ingest", proposed, Role.LEADER, "qian")
    await the_world.after(minutes=1)
    section.headers["Idempotency-Key"] = "after-the-book"
    for _ in range(2):
        answer = await section.post("/ingest/v1/dead-letters/retry", json={"code": "unknown-category"})
        assert answer.json() == {"retried": 1}
    await the_world.settle()
    assert await waiting(section) == []
    (alert,) = the_world.heard("alert.graded", category="noise_at_night")
    (case,) = the_world.heard("case.opened")
    assert case["alert_id"] == alert["alert_id"]
    assert len(the_world.heard("dead_letter.waiting")) == 1


async def test_given_up_for_a_reason_by_one_person(the_world: World, enterprise: Enterprise) -> None:
    section, admin = await the_world.app(Role.SECTION, "zhao"), await the_world.app(Role.ADMIN, "root")
    await the_world.push_bytes(b"a test of the line\xff", enterprise)
    await the_world.settle()
    (letter,) = await waiting(section)
    path = f"/ingest/v1/dead-letters/{letter['letter_id']}"

    assert (await section.post(f"{path}/discard", json={"reason": "  "})).status_code == 422
    for _ in range(2):
        answer = await section.post(f"{path}/discard", json={"reason": "平台联调"})
        assert (answer.status_code, answer.json()["state"], answer.json()["decided_by"]) == (
            200,
            "discarded",
            "section:zhao",
        )
    refused = await admin.post(f"{path}/retry")
    assert (refused.status_code, refused.json()["state"]) == (409, "discarded")
    whole = (await admin.get(path)).json()
    assert (whole["body"]["encoding"], whole["reason"]) == ("base64", "平台联调")
    await the_world.after(days=1)
    assert the_world.heard("dead_letter.waiting") == []


async def test_each_service_has_a_list_of_what_it_refused(the_world: World, enterprise: Enterprise) -> None:
    """An event of our own that does not fit the contract: its readers refuse it, each on its own list."""

    def spoiled(type_: str) -> bytes:
        envelope = {"specversion": "1.0", "id": str(uuid4()), "source": "/test", "type": f"cn.tricolor.{type_}.v1"}
        return to_json(envelope | {"data": {}})

    admin, section = await the_world.app(Role.ADMIN), await the_world.app(Role.SECTION)
    await the_world.push_bytes(spoiled("alert.graded"), enterprise, Topic.ALERTS)
    await the_world.push_bytes(spoiled("case.opened"), enterprise, Topic.CASES)
    await the_world.push_bytes(spoiled("deadline.missed"), enterprise, Topic.DEADLINES)
    await the_world.settle()

    lists = {service: await waiting(admin, service) for service in ("ingest", "dispatch", "watch", "console")}
    seen = {
        service: sorted(letter["topic"].removeprefix(the_world.settings.topic_prefix) for letter in letters)
        for service, letters in lists.items()
    }
    assert seen == {
        "ingest": ["cases"],
        "dispatch": ["alerts", "deadlines"],
        "watch": ["cases"],
        "console": ["alerts", "cases", "deadlines"],
    }
    for service, letters in lists.items():
        for letter in letters:
            answer = await admin.post(f"/{service}/v1/dead-letters/{letter['letter_id']}/retry")
            assert answer.status_code == 200, answer.text
    await the_world.settle()
    attempts = {service: [one["attempt"] for one in await waiting(admin, service)] for service in lists}
    # What one reader of a topic retries its other readers meet too, and refuse once more: of the three of cases, each
    # has three letters, and of the two of alerts and of deadlines each has two.
    assert sorted(attempts["dispatch"]) == [1, 1, 2, 2]
    assert (sorted(attempts["ingest"]), sorted(attempts["watch"])) == ([1, 1, 2], [1, 1, 2])
    assert sorted(attempts["console"]) == [1, 1, 1, 1, 2, 2, 2]

    await the_world.after(hours=4)
    told = {letter["service"] for letter in the_world.heard("dead_letter.waiting")}
    assert told == {"alert_ingest", "dispatcher", "deadline_watch", "console"}
    notices = (await section.get("/dispatch/v1/notices", params={"purpose": "dead_letter_waiting"})).json()["items"]
    assert len(notices) == 7  # one for each reason on each topic of each service, however many letters there are
