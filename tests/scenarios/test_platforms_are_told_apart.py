"""A platform pushes and reads what its credential lists, and nobody else's events under another's name."""

import random

import pytest
from pydantic import SecretStr

from services.sample.anomalies import WHITE, YELLOW, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.settings import PlatformKey, Settings
from tests.world import World

ANOTHER = "/platforms/another"
NAMED = {"another": PlatformKey(key=SecretStr("its-key"), sources=(ANOTHER,))}
STRUCTURED = {"content-type": "application/cloudevents+json"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation that tells platforms apart by their API keys."""
    return settings.model_copy(update={"platform_api_keys": NAMED})


async def test_what_is_not_listed_is_neither_pushed_nor_read(the_world: World, enterprise: Enterprise) -> None:
    event = anomaly(YELLOW, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))
    source = source_of(event)
    listed = await the_world.app(Role.PLATFORM, "sample", sources=(source,))
    another = await the_world.app(Role.PLATFORM, "another", sources=(ANOTHER,))

    refused = await another.post("/ingest/v1/events", content=event, headers=STRUCTURED)
    (result,) = refused.json()["results"]
    assert (refused.status_code, result["error"]["code"], result["status"]) == (403, "foreign-source", "refused")
    assert result["id"]
    assert (await listed.post("/ingest/v1/events", content=event, headers=STRUCTURED)).status_code == 202
    # Another's event is not even recognised as known: the refusal says nothing of it.
    again = await another.post("/ingest/v1/events", content=event, headers=STRUCTURED)
    assert again.json()["results"] == refused.json()["results"]

    (alert,) = (await listed.get("/ingest/v1/alerts")).json()["items"]
    assert (await another.get("/ingest/v1/alerts")).json()["items"] == []
    assert (await another.get(f"/ingest/v1/alerts/{alert['alert_id']}")).status_code == 404

    # In a batch the neighbours go on.
    mine = anomaly(WHITE, enterprise, enterprise.outlets[1], the_world.clock.now(), random.Random(2))
    theirs = mine.replace(source.encode(), ANOTHER.encode())
    batch = await listed.post(
        "/ingest/v1/events",
        content=b"[" + mine + b"," + theirs + b"]",
        headers={"content-type": "application/cloudevents-batch+json"},
    )
    assert batch.status_code == 202
    assert [result["status"] for result in batch.json()["results"]] == ["accepted", "refused"]


async def test_a_development_token_without_a_list_speaks_for_all(the_world: World, enterprise: Enterprise) -> None:
    event = anomaly(YELLOW, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))
    app = await the_world.app(Role.PLATFORM, "development")
    assert (await app.post("/ingest/v1/events", content=event, headers=STRUCTURED)).status_code == 202
    assert len((await app.get("/ingest/v1/alerts")).json()["items"]) == 1


async def test_an_api_key_lists_sources_too(the_world: World, enterprise: Enterprise) -> None:
    event = anomaly(YELLOW, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))
    app = await the_world.app(Role.PLATFORM)
    app.headers.pop("Authorization")
    app.headers["X-API-Key"] = "its-key"
    assert (await app.post("/ingest/v1/events", content=event, headers=STRUCTURED)).status_code == 403
    own = event.replace(source_of(event).encode(), ANOTHER.encode())
    assert (await app.post("/ingest/v1/events", content=own, headers=STRUCTURED)).status_code == 202


async def test_over_a_broker_that_asks_nobody_who_writes_a_source_is_a_doubt(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    (alert,) = the_world.heard("alert.graded")
    assert "source-unproven" in {doubt["code"] for doubt in alert["doubts"]}
    # It is graded all the same, and what it shows later stays as doubtful.
    assert alert["level"] == "yellow"


def source_of(event: bytes) -> str:
    return event.split(b'"source":"')[1].split(b'"')[0].decode()
