"""One trial: the whole system under load, while a test breaks what it stands on; then the account of it."""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from shared.contract.events import Topic
from shared.messaging.kafka import ensure_topics
from shared.settings import Settings
from tests.faults.ledger import Findings, Ledger
from tests.faults.load import Platforms
from tests.faults.people import People
from tests.faults.postgres import Postgres
from tests.faults.proxy import Proxy
from tests.faults.system import System, environment
from tests.faults.topics import Reader
from tests.kafka.broker import Broker

PER_SECOND = 8.0
SETTLE_SECONDS = 240.0
_CALM_SECONDS = 3.0


@dataclass
class Trial:
    """What a test breaks, and what it holds to account. The services reach both servers through the proxies."""

    settings: Settings
    choice: random.Random
    broker: Broker
    kafka: Proxy
    server: Postgres
    postgres: Proxy
    database_url: str
    system: System
    ledger: Ledger
    platforms: Platforms
    people: People
    reader: Reader

    @asynccontextmanager
    async def under_load(self, per_second: float = PER_SECOND) -> AsyncIterator[None]:
        """Platforms push and people act. At the end all that was begun is acknowledged, so the servers must be up."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self.platforms.push(stopping, per_second))
            group.create_task(self.people.act(stopping))
            try:
                yield
            finally:
                stopping.set()

    async def settled(self) -> dict[str, int]:
        """The counts, once nothing is amiss and nothing moves any more. Fails with all that stays amiss."""
        await self.system.ready()
        deadline = time.monotonic() + SETTLE_SECONDS
        before: Findings | None = None
        while True:
            told = await self.reader.read()
            now = self.system.clock.now()
            findings = await self.ledger.examine(self.database_url, told, now)
            if not findings.faults and before == findings:
                break
            if time.monotonic() > deadline:
                raise AssertionError("\n".join(["amiss after all had time to settle:", *findings.faults]))
            before = findings
            await asyncio.sleep(_CALM_SECONDS)
        assert self.system.fallen == [], "a service ended that nobody had killed"
        return findings.counts


@asynccontextmanager
async def trial(
    *,
    directory: Path,
    settings: Settings,
    seed: int,
    broker: Broker,
    kafka: Proxy,
    server: Postgres,
    database: str,
) -> AsyncIterator[Trial]:
    """A system of five processes on `database` of `server`, ready, and those who use it. All gone at the end."""
    topics = [settings.topic(name) for topic in Topic for name in (topic, topic.dead_letter)]
    await ensure_topics(settings.kafka_client(kafka.address), topics, settings.topic_partitions)
    choice, ledger = random.Random(seed), Ledger(settings)
    async with AsyncExitStack() as stack:
        postgres = await stack.enter_async_context(Proxy(server.address).opened())
        through = server.url(database, through=postgres.address)
        system = System(directory, environment(settings, database_url=through, kafka=kafka.address))
        reader = Reader(kafka.address, settings)
        await reader.start()
        stack.push_async_callback(reader.stop)
        await stack.enter_async_context(system.running())
        platforms = Platforms(
            system=system, kafka=kafka.address, ledger=ledger, choice=random.Random(seed + 1), clock=system.clock
        )
        await stack.enter_async_context(platforms)
        people = People(system=system, ledger=ledger, choice=random.Random(seed + 2), clock=system.clock)
        yield Trial(
            settings=settings,
            choice=choice,
            broker=broker,
            kafka=kafka,
            server=server,
            postgres=postgres,
            database_url=server.url(database),
            system=system,
            ledger=ledger,
            platforms=platforms,
            people=people,
            reader=reader,
        )
