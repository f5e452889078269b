"""The three services with nobody but enterprises of the sample: chains to damage, one an enterprise."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.runtime.embedded import EmbeddedBroker
from shared.settings import Settings
from tests.world import World, world


@pytest.fixture
async def bare_world(
    settings: Settings, database_url: str, broker: str, embedded_broker: EmbeddedBroker | None, data_directory: Path
) -> AsyncIterator[World]:
    async with world(
        settings=settings,
        database_url=database_url,
        broker=broker,
        embedded=embedded_broker,
        data=data_directory,
        start="2026-03-02T08:30",
    ) as new:
        yield new
