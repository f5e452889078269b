"""alert_ingest alone, on a real database and the real protocol, with nothing relayed or consumed but by the test."""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.alert_ingest.build import build
from shared.runtime.service import Service
from shared.settings import Settings
from shared.time.clock import ManualClock
from shared.web.identity import Identity

EVENTS = int(os.environ.get("FUZZ_EVENTS", "2000"))
"""How many events at each entrance; `make test-fuzz` takes 100,000."""
UNLIMITED = {"person_rate": "", "platform_rate": "", "address_rate": ""}
NOW = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)


@pytest.fixture
async def service(
    settings: Settings, topics: list[str], database_url: str, broker: str, data_directory: Path
) -> AsyncIterator[Service]:
    del topics
    # Most of what is sent is meant to be refused, and all of it comes from one caller.
    settings = settings.model_copy(update={"refusal_brake": False} | UNLIMITED)
    service = build(
        settings,
        ManualClock(NOW),
        database_url=database_url,
        kafka=settings.kafka_client(broker),
        identity=Identity.from_settings(settings, data_directory),
    )
    await service.start()
    yield service
    await service.stop()
