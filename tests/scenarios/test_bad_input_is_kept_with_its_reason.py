"""What cannot be used is refused with a reason and kept byte for byte; its neighbours are not held up."""

import random
from typing import Any

import pytest
from pydantic_core import from_json, to_json

from services.sample.anomalies import YELLOW, anomaly
from services.sample.district import Enterprise
from shared.contract.cloudevents import BATCH, STRUCTURED
from shared.contract.roles import Role
from tests.world import World

BAD: dict[str, tuple[bytes | dict[str, Any], str]] = {
    "not JSON": (b'{"specversion": "1.0", ', "not-json"),
    "not UTF-8": (b'{"specversion": "\xff"}', "not-json"),
    "a NaN": (b'{"specversion": "1.0", "data": {"observed": NaN}}', "not-json"),
    "not a CloudEvent": (b'{"hello": "world"}', "not-cloudevents"),
    "another type": ({"type": "com.example.other"}, "unknown-type"),
    "an unknown category": ({"data.category": "noise"}, "unknown-category"),
    "a number as text": ({"data.observed": "61.2"}, "invalid-event"),
    "a naive time": ({"data.window": {"start": "2026-03-02T00:00:00"}}, "invalid-event"),
    "no outlet": ({"data.outlet": {}}, "invalid-event"),
    "a time far ahead": ({"time": "2027-01-01T00:00:00+08:00"}, "time-in-future"),
    "too many bytes": ({"data.note": "长" * 100_000}, "too-large"),
}


def spoiled(good: bytes, change: bytes | dict[str, Any]) -> bytes:
    """`good` with the fields of `change`, or `change` itself."""
    if isinstance(change, bytes):
        return change
    event = from_json(good)
    for path, value in change.items():
        *parents, last = path.split(".")
        target = event
        for parent in parents:
            target = target[parent]
        target[last] = value
    return to_json(event)


@pytest.fixture
def good(the_world: World, enterprise: Enterprise) -> bytes:
    return anomaly(YELLOW, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))


async def test_over_kafka_each_becomes_a_dead_letter(the_world: World, enterprise: Enterprise, good: bytes) -> None:
    sent = {spoiled(good, change): code for change, code in BAD.values()}
    for body in sent:
        await the_world.push_bytes(body, enterprise)
    await the_world.push_bytes(good, enterprise)
    await the_world.settle()

    letters = the_world.dead_letters("anomaly-events")
    assert {letter.value: letter.headers["error-code"].decode() for letter in letters} == sent
    for letter in letters:
        assert letter.headers["error-detail"]
        assert letter.headers["origin"].decode().startswith(the_world.settings.topic("anomaly-events") + "/")
    assert len(the_world.heard("alert.graded")) == 1


async def test_over_http_the_sender_is_told(the_world: World, good: bytes) -> None:
    platform = await the_world.app(Role.PLATFORM, "sample")
    for change, code in BAD.values():
        answer = await platform.post(
            "/ingest/v1/events", content=spoiled(good, change), headers={"content-type": STRUCTURED}
        )
        assert answer.status_code == (413 if code == "too-large" else 422)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == f"urn:tricolor:problem:{code}"
        assert answer.json()["detail"]


async def test_one_bad_event_among_999_good_ones(the_world: World, enterprise: Enterprise, good: bytes) -> None:
    the_world.proved_at_the_end = False  # the promise ends at the intake; 1,998 cases and clocks would take minutes
    events = []
    for number in range(1000):
        event = from_json(good)
        event["id"] = f"event-{number}"
        event["data"]["outlet"]["mn"] = f"A{number:012}"
        events.append(event)
    events[500]["data"]["category"] = "noise"
    platform = await the_world.app(Role.PLATFORM, "sample")

    answer = await platform.post("/ingest/v1/events", content=to_json(events), headers={"content-type": BATCH})
    statuses = [result["status"] for result in answer.json()["results"]]
    assert answer.status_code == 202
    assert statuses[500] == "refused"
    assert statuses.count("accepted") == 999
    await the_world.relay("ingest")  # read in two halves: the embedded broker keeps some 5 MB

    for event in events:
        event["id"] = "kafka-" + event["id"]
        event["data"]["outlet"]["mn"] = "K" + event["data"]["outlet"]["mn"]
        await the_world.push_bytes(to_json(event), enterprise)
    await the_world.services["ingest"].consumers[0].run_once(wait_seconds=2)
    while await the_world.services["ingest"].consumers[0].lag():
        await the_world.services["ingest"].consumers[0].run_once(wait_seconds=1)
    await the_world.relay("ingest")
    assert len(the_world.dead_letters("anomaly-events")) == 1
    assert len(the_world.heard("alert.graded")) == 1998
