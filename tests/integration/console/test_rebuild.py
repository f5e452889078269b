"""Made anew from the outboxes the read model is what it was, with what happened meanwhile."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.commands.console import Outboxes
from services.console.handlers.rebuild import Emitted, Rebuild
from services.console.store.unit_of_work import units_of_work
from services.console.store.wakeups import Wakeups
from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import district
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from tests.world import World, world

ENTERPRISES = district().enterprises
READ = ("cases", "deadlines", "alerts", "open_counts", "day_counts", "matters", "enterprises", "stations", "proposals")


@pytest.fixture
async def bureau(
    settings: Settings,
    database_url: str,
    broker: str,
    embedded_broker: EmbeddedBroker | None,
    data_directory: Path,
) -> AsyncIterator[World]:
    async with world(
        settings=settings,
        database_url=database_url,
        broker=broker,
        embedded=embedded_broker,
        data=data_directory,
        start="2026-03-02T08:30",
    ) as new:
        admin = await new.app(Role.ADMIN)
        station = {"name": "新安所", "district": "440306", "streets": ["新安"]}
        assert (await admin.put("/dispatch/v1/stations/xinan", json=station)).is_success
        for enterprise in ENTERPRISES[:4]:
            registered = {"name": enterprise.name, "district": "440306", "station": "xinan"}
            assert (await admin.put(f"/dispatch/v1/enterprises/{enterprise.code}", json=registered)).is_success
        for enterprise, pattern in zip(ENTERPRISES, (RED, YELLOW, WHITE, RED), strict=False):
            await new.push(pattern, enterprise)
        await new.settle()
        yield new


async def contents(bureau: World) -> dict[str, list[Any]]:
    """Every row of the read model, but for numbers that are given anew and counts of nothing."""
    found = {}
    async with bureau.services["console"].database.autocommit() as connection:
        for name in READ:
            rows = await connection.execute(text(f"select * from console.{name}"))
            told = [{k: v for k, v in row._asdict().items() if k != "matter_id"} for row in rows]
            found[name] = sorted((row for row in told if row.get("cases") != 0 and row.get("total") != 0), key=str)
    return found


class Meanwhile(Outboxes):
    """After everything was read, something more happens before the first row is put in its place."""

    def __init__(self, bureau: World) -> None:
        super().__init__(bureau.services["console"].database, bureau.settings)
        self._bureau = bureau

    async def all(self) -> AsyncIterator[Sequence[Emitted]]:
        async for some in super().all():
            yield some
        await self._bureau.push(RED, ENTERPRISES[1])
        await self._bureau.at("2026-03-02T15:00")


async def rebuild(bureau: World, source: Outboxes) -> list[tuple[str, int, int]]:
    told: list[tuple[str, int, int]] = []
    database = bureau.services["console"].database
    units = units_of_work(database, bureau.clock, bureau.settings.topic_prefix, Wakeups())
    made = await Rebuild(units, source, lambda *step: told.append(step)).run()
    assert (made.refused, made.enterprises) == (0, 4)
    return told


async def test_whatever_befell_it_it_is_what_it_was(bureau: World) -> None:
    before = await contents(bureau)
    assert len(before["cases"]) == 3
    database = bureau.services["console"].database
    async with database.transaction() as connection:
        for statement in (
            "update console.cases set state = 'approved', closed_at = now(), station = 'nowhere', revision = 99",
            "delete from console.deadlines",
            "delete from console.alerts where level = 'white'",
            "update console.open_counts set cases = 12",
            "update console.day_counts set total = 12",
        ):
            await connection.execute(text(statement))
    assert await contents(bureau) != before
    told = await rebuild(bureau, Outboxes(database, bureau.settings))
    assert await contents(bureau) == before
    assert {step for step, _, _ in told} == {"reading", "replacing", "done"}
    system = (await (await bureau.app(Role.ADMIN)).get("/console/v1/system")).json()
    assert (system["rebuild"]["step"], system["rebuild"]["finished_at"]) == ("done", "2026-03-02T08:30:00+08:00")


async def test_what_happens_meanwhile_is_in_it(bureau: World) -> None:
    database = bureau.services["console"].database
    await rebuild(bureau, Meanwhile(bureau))
    after = await contents(bureau)
    assert len(after["cases"]) > 4  # with the verification of the yellow one that nobody answered
    await rebuild(bureau, Outboxes(database, bureau.settings))
    assert await contents(bureau) == after


async def test_what_the_outboxes_do_not_have_any_more_stays(bureau: World) -> None:
    before = await contents(bureau)
    database = bureau.services["console"].database
    async with database.transaction() as connection:
        await connection.execute(
            text("delete from dispatch.outbox where topic like '%cases' and key = :key"),
            {"key": ENTERPRISES[0].code.encode()},
        )
    bureau.proved_at_the_end = False
    await rebuild(bureau, Outboxes(database, bureau.settings))
    assert await contents(bureau) == before
