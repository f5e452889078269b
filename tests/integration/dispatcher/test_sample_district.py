"""The sample district: loaded once, in one transaction, whole."""

import asyncio

from sqlalchemy import func, select

from services.dispatcher import tables
from services.sample.district import district
from services.sample.loading import load
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.dispatcher.bureau import Bureau


async def test_it_is_loaded_once_and_in_one_transaction(
    database: Database, clock: ManualClock, settings: Settings
) -> None:
    outbox = Outbox(tables.outbox, clock)
    loaded = await asyncio.gather(*(load(database, outbox, clock, settings.topic_prefix) for _ in range(3)))
    sample = district()
    expected = {
        "stations": len(sample.stations),
        "officers": len(sample.officers),
        "staff": len(sample.staff),
        "enterprises": len(sample.enterprises),
        "outlets": sum(len(one.outlets) for one in sample.enterprises),
    }
    async with database.transaction() as connection:
        stored = {
            name: await connection.scalar(select(func.count()).select_from(tables.metadata.tables[f"dispatch.{name}"]))
            for name in expected
        }
        emitted = await connection.scalar(select(func.count()).select_from(tables.outbox))
        remembered = await connection.scalar(select(func.count()).select_from(tables.master_history))
    assert sorted(loaded) == [False, False, True]
    assert stored == expected
    # Others learn of each, and each says since when and by whom it is there; of a code at a gate only that it was set.
    assert emitted == sum(expected.values())
    assert remembered == emitted + sum(one.entry_code is not None for one in sample.enterprises)


async def test_it_says_whom_to_call(bureau: Bureau, settings: Settings) -> None:
    async with bureau.database.transaction() as connection:
        for table in (tables.stations, tables.officers, tables.enterprises):
            await connection.execute(table.delete())
    assert await load(bureau.database, Outbox(tables.outbox, bureau.clock), bureau.clock, settings.topic_prefix)
    async with bureau.api.app(Role.SECTION) as section:
        for path in ("enterprises", "officers", "staff", "stations"):
            records = (await section.get(f"/v1/{path}", params={"limit": 100})).json()["items"]
            assert all(one.get("phone", "-") and one.get("contacts", "-") for one in records)
        (first, *_) = (await section.get("/v1/enterprises")).json()["items"]
        outlets = (await section.get(f"/v1/enterprises/{first['code']}/outlets")).json()["items"]
    assert first["contacts"][0]["phone"].startswith("100")
    assert outlets
