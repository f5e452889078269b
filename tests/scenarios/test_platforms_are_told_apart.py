"""A platform pushes and reads what its credential lists, and nobody else's events under another's name."""

import random

from services.sample.anomalies import WHITE, YELLOW, anomaly
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.world import World

OWN, ANOTHER = "/tricolor/sample", "/platforms/another"
STRUCTURED = {"content-type": "application/cloudevents+json"}


async def test_what_is_not_listed_is_neither_pushed_nor_read(the_world: World, enterprise: Enterprise) -> None:
    event = anomaly(YELLOW, enterprise, enterprise.outlets[0], the_world.clock.now(), random.Random(1))
    source = source_of(event)
    listed = await the_world.app(Role.PLATFORM, "sample", sources=(source,))
    another = await the_world.app(Role.PLATFORM, "another", sources=(ANOTHER,))

    refused = await another.post("/ingest/v1/events", content=event, headers=STRUCTURED)
    assert (refused.status_code, refused.json()["results"][0]["error"]["code"]) == (403, "foreign-source")
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


def source_of(event: bytes) -> str:
    return event.split(b'"source":"')[1].split(b'"')[0].decode()
