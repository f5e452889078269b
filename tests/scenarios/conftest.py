"""The world that every scenario plays in: it begins on Monday 2026-03-02, 08:30, in the sample's Xin'an."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.reconcile.findings import Link
from services.sample.district import Enterprise, Outlet
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from tests.world import World, world

STATION = "xinan"
OFFICERS = {"xinan-01": "陈志强", "xinan-02": "李晓敏", "xinan-03": "黄伟"}


@pytest.fixture
def enterprise() -> Enterprise:
    outlets = (
        Outlet("A440306000001", "DA001", "锅炉废气排放口", "gas"),
        Outlet("A440306000002", "DW001", "废水总排放口", "water"),
    )
    return Enterprise("91440306MA5000001W", "深圳某某电子有限公司", "新安", STATION, ["key_unit"], outlets)


@pytest.fixture
async def empty_world(
    settings: Settings,
    database_url: str,
    broker: str,
    embedded_broker: EmbeddedBroker | None,
    data_directory: Path,
) -> AsyncIterator[World]:
    """Services without any station, officer or enterprise.

    However a scenario ends, the chain is whole then, unless it says that this is not to be proved. Dead letters that
    still wait are no gap.
    """
    async with world(
        settings=settings,
        database_url=database_url,
        broker=broker,
        embedded=embedded_broker,
        data=data_directory,
        start="2026-03-02T08:30",
    ) as new:
        yield new
        if not new.proved_at_the_end:
            return
        await new.settle()
        report = await new.reconcile(repair=False)
        assert [one for one in report.findings if one.link is not Link.LETTERS] == []


@pytest.fixture
async def the_world(empty_world: World, enterprise: Enterprise) -> World:
    """One station with three officers on duty, one enterprise with a gas and a water outlet."""
    admin = await empty_world.app(Role.ADMIN)
    await admin.put(
        f"/dispatch/v1/stations/{STATION}", json={"name": "新安所", "district": "440306", "streets": ["新安"]}
    )
    for code, name in OFFICERS.items():
        await admin.put(f"/dispatch/v1/officers/{code}", json={"name": name, "station": STATION})
    await admin.put(
        f"/dispatch/v1/enterprises/{enterprise.code}",
        json={"name": enterprise.name, "district": "440306", "street": "新安", "station": STATION},
    )
    return empty_world
