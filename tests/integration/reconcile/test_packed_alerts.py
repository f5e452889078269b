"""Alerts whose events are stored packed: they are published, proved and published again like any others."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic_core import from_json, to_json
from sqlalchemy import text

from services.reconcile.findings import Link
from services.sample.anomalies import RED, YELLOW
from services.sample.district import district
from shared.messaging.stored_events import unnamed
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from shared.storage.packing import Packer, is_packed, unpacked
from tests.world import World, world

ENTERPRISES = district().enterprises


@pytest.fixture
async def packing_world(
    settings: Settings, database_url: str, broker: str, embedded_broker: EmbeddedBroker | None, data_directory: Path
) -> AsyncIterator[World]:
    async with world(
        settings=settings.model_copy(update={"packed_alerts": True}),
        database_url=database_url,
        broker=broker,
        embedded=embedded_broker,
        data=data_directory,
        start="2026-03-02T08:30",
    ) as new:
        yield new


async def stored(world: World) -> list[bytes]:
    async with world.services["ingest"].database.autocommit() as connection:
        value = unnamed("ingest", "o.value")
        return list(await connection.scalars(text(f"select {value} from ingest.outbox o order by o.position")))


async def test_they_reach_teams_and_are_published_again_where_a_reader_forgot(packing_world: World) -> None:
    forgotten = ENTERPRISES[0]
    for enterprise in ENTERPRISES[:22]:  # more than fit into one insert
        await packing_world.push(RED, enterprise)
    await packing_world.settle()
    await packing_world.after(minutes=10)
    events = [from_json(unpacked(value)) for value in await stored(packing_world) if is_packed(value)]
    assert [event["type"].split(".")[-2] for event in events].count("graded") == 22
    assert (await packing_world.reconcile()).clean
    async with packing_world.services["dispatcher"].database.transaction() as connection:
        await connection.execute(
            text("delete from dispatch.inbox where event_id in (select event_id from ingest.outbox where key = :key)"),
            {"key": forgotten.code.encode()},
        )
    found = {(one.enterprise_code, one.link, one.repaired) for one in (await packing_world.reconcile()).findings}
    assert found == {(forgotten.code, Link.EVENT_READ, True)}
    await packing_world.settle()
    await packing_world.after(minutes=10)
    assert (await packing_world.reconcile()).clean


async def test_one_that_is_refused_explains_its_gap(packing_world: World) -> None:
    await packing_world.push(YELLOW, ENTERPRISES[0])
    ingest = packing_world.services["ingest"]
    while not await ingest.consumers[0].run_once(wait_seconds=0.5):
        pass
    (value,) = await stored(packing_world)
    event = from_json(unpacked(value))
    event["data"]["category_name"] = 7
    async with ingest.database.transaction() as connection:
        changed = {"value": Packer().pack([to_json(event)])[0]}
        await connection.execute(text("update ingest.outbox set value = :value"), changed)
    await packing_world.settle()
    await packing_world.after(minutes=10)
    report = await packing_world.reconcile()
    assert (report.clean, report.explained) == (True, 1)
