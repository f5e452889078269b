"""A real Apache Kafka and a real PostgreSQL that tests stop and start; one trial a test; a report at the end.

Run by `make test-faults`; not part of `make test`. What is random follows TRICOLOR_FAULTS_SEED, which the report names.
"""

import asyncio
import os
import random
import signal
from collections.abc import AsyncIterator, Callable
from itertools import count
from pathlib import Path

import pytest

from shared.settings import Settings
from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy
from tests.faults.trial import Trial, trial
from tests.kafka.broker import CACHE, Broker, fetch

REPORT = Path(__file__).parents[2] / ".faults" / "report.txt"
SEED = int(os.environ.get("TRICOLOR_FAULTS_SEED") or random.randrange(10**6))
_numbers = count(1)
_reported: list[str] = []

Report = Callable[[str, dict[str, int]], None]


@pytest.fixture
def seed() -> int:
    return SEED


@pytest.fixture
def settings() -> Settings:
    return Settings(topic_prefix=f"f{os.getpid()}-{next(_numbers)}-")


@pytest.fixture(scope="session")
async def kafka_and_broker(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[Proxy, Broker]]:
    """A broker that keeps its data between stop and start, and the proxy that clients are told to come through."""
    await asyncio.to_thread(fetch)
    broker = Broker(tmp_path_factory.mktemp("kafka"), CACHE / "faults-broker.log")
    async with Proxy(broker.address).opened() as proxy:
        broker.advertised = proxy.address
        try:
            await asyncio.to_thread(broker.start)
            yield proxy, broker
        finally:
            await asyncio.to_thread(broker.kill)


@pytest.fixture(scope="session")
async def postgres(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Postgres]:
    """In place of the embedded server that other tests use: this one can be taken away."""
    directory = tmp_path_factory.mktemp("postgres")
    server = Postgres(directory / "data", directory / "log")
    await server.start()
    yield server
    await server.crash()


@pytest.fixture
async def under_trial(
    tmp_path: Path,
    settings: Settings,
    seed: int,
    kafka_and_broker: tuple[Proxy, Broker],
    postgres: Postgres,
    database_url: str,
) -> AsyncIterator[Trial]:
    """The system, running on a fresh database and fresh topics."""
    kafka, broker = kafka_and_broker
    async with trial(
        directory=tmp_path,
        settings=settings,
        seed=seed,
        broker=broker,
        kafka=kafka,
        server=postgres,
        database=database_url.rpartition("/")[2],
    ) as new:
        yield new


@pytest.fixture
def report(request: pytest.FixtureRequest) -> Report:
    """Takes what was done to the system and the counts of the account; shown at the end, and kept in a file."""

    def take(done: str, counts: dict[str, int]) -> None:
        said = ", ".join(f"{number} {name}" for name, number in counts.items())
        _reported.append(f"{request.node.name}: {done}\n    {said}")

    return take


def pytest_configure() -> None:
    """SIGTERM is Ctrl-C: the servers and services that tests started are ended, whoever ends the tests."""
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


def pytest_report_header() -> str:
    return f"faults: TRICOLOR_FAULTS_SEED={SEED} runs this again"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if _reported:
        terminalreporter.section(f"nothing lost, nothing twice (TRICOLOR_FAULTS_SEED={SEED})")
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text("\n".join([f"TRICOLOR_FAULTS_SEED={SEED}", *_reported, ""]), encoding="utf-8")
        for line in _reported:
            terminalreporter.write_line(line)
