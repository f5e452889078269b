"""The dispatcher on a Monday at 08:30, Shanghai time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import ManualClock
from tests.integration.dispatcher.bureau import Bureau, open_bureau


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))


@pytest.fixture
async def bureau(database: Database, clock: ManualClock, settings: Settings, data_directory: Path) -> Bureau:
    return await open_bureau(database, clock, settings, data_directory)
