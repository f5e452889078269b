"""Real PostgreSQL and real Kafka protocol for every test that asks: a fresh database and fresh topics each."""

import os
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from services.infrastructure import HISTORIES
from shared.contract.events import Topic
from shared.messaging.kafka import ensure_topics
from shared.runtime.embedded import EmbeddedBroker, EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database, asyncpg_url
from shared.storage.migrating import migrate

_numbers = count(1)
# How long an example takes says more of the machine's load than of the code.
hypothesis.settings.register_profile("tricolor", deadline=None)
hypothesis.settings.load_profile("tricolor")
TEMPLATE = "tricolor_template"
REAL_KAFKA = "TRICOLOR_KAFKA_BOOTSTRAP_SERVERS"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedPostgres:
    """A server for this run; it stops when the run's process ends."""
    return EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))


@pytest.fixture(scope="session")
async def template(postgres: EmbeddedPostgres) -> str:
    """The name of a migrated, empty database that each test gets a copy of."""
    await create_database(postgres, TEMPLATE)
    engine = create_async_engine(asyncpg_url(postgres.url(TEMPLATE)))
    for history in HISTORIES:
        await migrate(engine, history)
    await engine.dispose()
    return TEMPLATE


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres, template: str) -> str:
    name = f"test_{next(_numbers)}"
    await create_database(postgres, name, template)
    return postgres.url(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def embedded_broker() -> EmbeddedBroker | None:
    """The broker of this run, which lives as long as its object; none where `make test-kafka` started a real one."""
    return None if os.environ.get(REAL_KAFKA) else EmbeddedBroker()


@pytest.fixture(scope="session")
def broker(embedded_broker: EmbeddedBroker | None) -> str:
    """Bootstrap servers."""
    return embedded_broker.bootstrap_servers if embedded_broker else os.environ[REAL_KAFKA]


@pytest.fixture
def settings() -> Settings:
    """No environment: a fresh prefix keeps the topics of one test from another's."""
    return Settings(topic_prefix=f"t{os.getpid()}-{next(_numbers)}-", topic_partitions=2)


@pytest.fixture
async def topics(settings: Settings, broker: str, embedded_broker: EmbeddedBroker | None) -> list[str]:
    """The names of this test's topics, dead letters too; all are there."""
    names = [settings.topic(name) for topic in Topic for name in (topic, topic.dead_letter)]
    if embedded_broker is not None:
        await embedded_broker.ensure_topics(names)
    else:
        await ensure_topics(settings.kafka_client(broker), names, settings.topic_partitions)
    return names


@pytest.fixture
def data_directory(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def create_database(postgres: EmbeddedPostgres, name: str, template: str = "template1") -> None:
    engine = create_async_engine(asyncpg_url(postgres.url()), isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(text(f'create database "{name}" template "{template}"'))
    await engine.dispose()
