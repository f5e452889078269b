"""When nothing that a platform sends can be used, the fault may be ours: reading stops until a person has looked."""

import random
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic_core import from_json, to_json

from services.sample.anomalies import RED, YELLOW, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from tests.scenarios.test_a_dead_letter_is_a_piece_of_work import a_book_with_noise
from tests.world import World, world

_BAD, _AT_ONCE = 230, 20


@pytest.fixture
async def small_polls(
    settings: Settings,
    database_url: str,
    broker: str,
    embedded_broker: EmbeddedBroker | None,
    data_directory: Path,
) -> AsyncIterator[World]:
    """A world that handles few records at a time, as a service that has a million of them before it."""
    async with world(
        settings=settings.model_copy(update={"poll_records": _AT_ONCE}),
        database_url=database_url,
        broker=broker,
        embedded=embedded_broker,
        data=data_directory,
        start="2026-11-23T09:00",
    ) as the_world:
        yield the_world


async def ready(app: httpx.AsyncClient) -> tuple[int, str]:
    answer = await app.get("/ingest/readyz")
    return answer.status_code, answer.text


async def test_reading_stops_says_so_and_goes_on_without_loss(small_polls: World, enterprise: Enterprise) -> None:
    the_world = small_polls
    section, auditor = await the_world.app(Role.SECTION, "zhao"), await the_world.app(Role.AUDITOR)
    now, outlet = the_world.clock.now(), enterprise.outlets[0]
    for number in range(_BAD):
        event = from_json(anomaly(YELLOW, enterprise, outlet, now, random.Random(number)))
        event["data"]["category"] = "noise_at_night"
        await the_world.push_bytes(to_json(event), enterprise)
    await the_world.push_bytes(anomaly(RED, enterprise, outlet, now, random.Random(1)), enterprise)
    await the_world.settle()

    # The red alert behind them waits: nobody can say yet what would become of it.
    assert the_world.heard("alert.graded") == []
    code, said = await ready(section)
    assert code == 503
    assert "200 of the last 200 records were refused, most often for unknown-category" in said
    metrics = (await section.get("/ingest/metrics")).text
    assert 'tricolor_consumer_braked{partition="' in metrics
    (braked,) = the_world.heard("consumer.braked", service="alert_ingest")
    assert (braked["cause"], braked["code"], braked["refused"], braked["of_last"]) == (
        "refusals",
        "unknown-category",
        200,
        200,
    )
    notices = (await section.get("/dispatch/v1/notices", params={"purpose": "consumer_braked"})).json()["items"]
    assert [notice["recipient"] for notice in notices] == ["section"]
    assert "人工解除" in notices[0]["subject"]["zh"]
    (brake,) = (await auditor.get("/ingest/v1/brakes", params={"in_force": True})).json()["items"]
    assert brake["text"].startswith("stopped at offset ")

    # The rule book did not know the category. Once it does, a person has reading go on.
    proposed = await section.post("/ingest/v1/rule-book", json={"book": a_book_with_noise(), "reason": "新增噪声"})
    await the_world.confirmed("ingest", proposed, Role.LEADER, "qian")
    await the_world.after(minutes=1)
    path = f"/ingest/v1/brakes/{brake['topic']}/{brake['partition']}/release"
    assert (await auditor.post(path, json={"reason": "let me"})).status_code == 403
    assert (await section.post(path, json={"reason": " "})).status_code == 422
    assert (await section.post(path, json={"reason": "所有", "pass_over": True})).status_code == 422
    released = await section.post(path, json={"reason": "规则库已补充该类别"})
    assert (released.status_code, released.json()["released_by"]) == (200, "section:zhao")
    assert (await section.post(path, json={"reason": "again"})).status_code == 409
    await the_world.settle()
    assert (await ready(section))[0] == 200
    assert len(the_world.heard("alert.graded", level="red")) == 1
    refused = (await auditor.get("/ingest/v1/dead-letters/counts")).json()["waiting"]
    assert 200 <= refused < 200 + _AT_ONCE  # what was handled together with the last of them
    retried = await section.post("/ingest/v1/dead-letters/retry", json={"code": "unknown-category"})
    assert retried.json() == {"retried": refused}
    await the_world.settle()
    assert len(the_world.heard("alert.graded", category="noise_at_night")) == 1  # all of one window: repeats
    assert (await auditor.get("/ingest/v1/brakes", params={"in_force": True})).json()["items"] == []
    assert len((await auditor.get("/ingest/v1/brakes")).json()["items"]) == 1
