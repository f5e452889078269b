"""Real PostgreSQL and real Kafka protocol for every test that asks: a fresh database and fresh topics each.

The processes of a run share one server of either kind; whatever becomes of the run, none of them stays.
"""

import gc
import os
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from shared.contract.events import Topic
from shared.messaging.kafka import ensure_topics
from shared.runtime.embedded import EmbeddedBroker, EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from tests.run_directory import RunDirectory
from tests.servers import Server, migrated_template, new_database, server_of_the_run

_numbers = count(1)
# How long an example takes says more of the machine's load than of the code.
hypothesis.settings.register_profile("tricolor", deadline=None)
hypothesis.settings.load_profile("tricolor")
REAL_KAFKA = "TRICOLOR_KAFKA_BOOTSTRAP_SERVERS"
RUN, BROKER = pytest.StashKey[RunDirectory](), pytest.StashKey[EmbeddedBroker]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Take the directory of the run; where pytest-xdist runs several processes, all but the first are its workers."""
    worker = getattr(config, "workerinput", None)
    config.stash[RUN] = run = RunDirectory(worker and Path(worker["run"]))
    if config.option.basetemp is None:
        config.option.basetemp = str(run.path / "pytest")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of the run's directory, and of its broker, which lives in the process that outlives the workers."""
    stash: pytest.Stash = node.config.stash
    node.workerinput["run"] = str(stash[RUN].path)
    if not os.environ.get(REAL_KAFKA):
        if BROKER not in stash:
            stash[BROKER] = EmbeddedBroker()
        node.workerinput["broker"] = stash[BROKER].bootstrap_servers


def pytest_collection_finish() -> None:
    """Spare what is loaded now from garbage collection: it stays, and a look through all of it takes long."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[RUN].wanted = exitstatus != pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    run = config.stash[RUN]
    if run.wanted:
        terminalreporter.write_line(f"kept until the next run: {run.path}")


@pytest.fixture(scope="session")
def postgres(pytestconfig: pytest.Config) -> EmbeddedPostgres:
    """The server of this run."""
    return server_of_the_run(pytestconfig.stash[RUN])


@pytest.fixture(scope="session")
async def template(postgres: Server, pytestconfig: pytest.Config) -> str:
    """The name of a migrated, empty database that each test gets a copy of."""
    return await migrated_template(postgres, pytestconfig.stash[RUN])


@pytest.fixture
async def database_url(postgres: Server, template: str) -> AsyncIterator[str]:
    async with new_database(postgres, template) as url:
        yield url


@pytest.fixture
async def empty_database_url(postgres: Server) -> AsyncIterator[str]:
    """Of a database without any schema of ours."""
    async with new_database(postgres) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def embedded_broker(request: pytest.FixtureRequest) -> EmbeddedBroker | None:
    """The broker of this run; none where `make test-kafka` started a real one."""
    if os.environ.get(REAL_KAFKA):
        return None
    return EmbeddedBroker(getattr(request.config, "workerinput", {}).get("broker"))


@pytest.fixture(scope="session")
def broker(embedded_broker: EmbeddedBroker | None) -> str:
    """Bootstrap servers."""
    return embedded_broker.bootstrap_servers if embedded_broker else os.environ[REAL_KAFKA]


@pytest.fixture(scope="session")
def plain_settings() -> Settings:
    """No environment. Read once: what each of a hundred settings may be called takes long to look up."""
    return Settings(topic_partitions=2)


@pytest.fixture
def settings(plain_settings: Settings) -> Settings:
    """A fresh prefix keeps the topics of one test from another's."""
    return plain_settings.model_copy(update={"topic_prefix": f"t{os.getpid()}-{next(_numbers)}-"})


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
