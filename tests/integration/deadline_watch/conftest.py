"""deadline_watch on a Monday at 08:30, Shanghai time."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.deadline_watch.office import Office, open_office, shanghai


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(shanghai("2026-03-02T08:30"))


@pytest.fixture
async def office(
    database: Database,
    database_url: str,
    clock: ManualClock,
    settings: Settings,
    broker: str,
    data_directory: Path,
) -> AsyncIterator[Office]:
    async with open_office(database, database_url, clock, settings, broker, data_directory) as office:
        yield office
