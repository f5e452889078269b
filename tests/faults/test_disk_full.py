"""PostgreSQL's disk is full, and has room again later."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.infrastructure import prepare_database
from shared.settings import Settings
from tests.faults.conftest import Report
from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy
from tests.faults.small_filesystem import filled, small_filesystem
from tests.faults.trial import Trial, trial
from tests.kafka.broker import Broker

MEGABYTES = 320
_WORKING_SECONDS, _FULL_SECONDS = 6.0, 20.0


@pytest.fixture
async def cramped(
    tmp_path: Path, settings: Settings, seed: int, kafka_and_broker: tuple[Proxy, Broker]
) -> AsyncIterator[tuple[Trial, Path]]:
    """The system on a server whose data lie on a small filesystem, and where that is."""
    kafka, broker = kafka_and_broker
    with small_filesystem(tmp_path / "disk", MEGABYTES) as disk:
        server = Postgres(disk / "data", tmp_path / "log")
        await server.start()
        try:
            await prepare_database(server.url(), migrating=True)
            async with trial(
                directory=tmp_path / "system",
                settings=settings,
                seed=seed,
                broker=broker,
                kafka=kafka,
                server=server,
                database="postgres",
            ) as new:
                yield new, disk
        finally:
            await server.crash()


async def test_the_disk_is_full_for_a_while(cramped: tuple[Trial, Path], report: Report) -> None:
    trial, disk = cramped
    ended = 0
    async with trial.under_load():
        for _ in range(2):
            await asyncio.sleep(_WORKING_SECONDS)
            with filled(disk):
                await asyncio.sleep(_FULL_SECONDS)
            # Without room for its log PostgreSQL may have ended itself: it is started again, as in any installation.
            if not trial.server.running:
                ended += 1
                await trial.server.start()
        await asyncio.sleep(_WORKING_SECONDS)
    refused = trial.server.log.read_text(encoding="utf-8", errors="replace").count("No space left on device")
    assert refused, "PostgreSQL had room all the while"
    counts = await trial.settled()
    done = f"disk full twice for {_FULL_SECONDS:.0f} s, {refused} writes refused, PostgreSQL ended itself {ended} times"
    report(done, counts)
