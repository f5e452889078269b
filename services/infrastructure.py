"""PostgreSQL and Kafka as the settings name them, or embedded ones under the data directory."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table, text

from services.alert_ingest import tables as ingest
from services.console import tables as console
from services.deadline_watch import tables as watch
from services.dispatcher import tables as dispatch
from shared.contract.events import Topic
from shared.evidence.tables import EvidenceTables
from shared.messaging.kafka import describe_failure, ensure_topics, is_temporary
from shared.messaging.outbox import rewind
from shared.messaging.relay import Room, room_for
from shared.runtime.demonstrations import has_database, require_real
from shared.runtime.embedded import EmbeddedPostgres, SharedBroker
from shared.runtime.unsuitable_data import UnsuitableData
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.migrating import migrate, missing_migration

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS = 2.0

HISTORIES = (ingest.HISTORY, dispatch.HISTORY, watch.HISTORY, console.HISTORY)
# Who writes a topic, and who acts on it: the arrows of the architecture's one picture.
FLOWS: tuple[tuple[Table, Topic, Table], ...] = (
    (ingest.outbox, Topic.ALERTS, dispatch.inbox),
    (dispatch.outbox, Topic.CASES, ingest.inbox),
    (dispatch.outbox, Topic.MASTER_DATA, ingest.inbox),
    (dispatch.outbox, Topic.CASES, watch.inbox),
    (watch.outbox, Topic.DEADLINES, dispatch.inbox),
    (watch.outbox, Topic.DEADLINES, ingest.inbox),
    (console.outbox, Topic.CONSOLE, dispatch.inbox),
    (ingest.outbox, Topic.ALERTS, console.inbox),
    (dispatch.outbox, Topic.CASES, console.inbox),
    (dispatch.outbox, Topic.MASTER_DATA, console.inbox),
    (watch.outbox, Topic.DEADLINES, console.inbox),
)
OUTBOX_OF: Mapping[str, Table] = {
    "ingest": ingest.outbox,
    "dispatcher": dispatch.outbox,
    "watch": watch.outbox,
    "console": console.outbox,
}
"""By the name that `tricolor serve` knows the service under."""
SERVICE_OF: Mapping[str, str] = {
    "ingest": "alert_ingest",
    "dispatcher": "dispatcher",
    "watch": "deadline_watch",
    "console": "console",
}
"""By the same name, what the service calls itself in its events."""
EVIDENCE: Mapping[str, EvidenceTables] = {
    one.schema: one for one in (ingest.evidence, dispatch.evidence, watch.evidence, console.evidence)
}
"""By schema."""
OUTBOXES: tuple[Table, ...] = tuple(OUTBOX_OF.values())


@dataclass(frozen=True)
class Infrastructure:
    database_url: str
    bootstrap_servers: str
    broker_forgets: bool
    """Whether topics end with the process, so that what has arrived should be worked off before stopping."""
    was_written_to: Callable[[], bool] | None
    """Whether anybody wrote to the broker since this was asked last, where it runs in this process."""
    prepare: Callable[[], Awaitable[None]]
    """Waits until both answer, with every topic there and every schema as this code needs it."""


def room_in_step(settings: Settings, name: str) -> Room:
    """Whether the readers of a service have kept up, for a broker that would drop what lies too far back.

    The console is not waited for: what people look at never holds up what has to happen. What it missed is published
    again at the next start, and by reconciling.
    """
    outbox = OUTBOX_OF[name]
    readers = [flow for flow in FLOWS if flow[0] is outbox and flow[2] is not console.inbox]
    return room_for(outbox, [(settings.topic(topic), inbox) for _, topic, inbox in readers])


@asynccontextmanager
async def infrastructure(settings: Settings, data: Path, *, migrating: bool) -> AsyncIterator[Infrastructure]:
    """Where both are; embedded ones are started first.

    An embedded PostgreSQL stops when the last process that uses it ends, an embedded broker with this block.
    """
    postgres = None if settings.database_url else await asyncio.to_thread(EmbeddedPostgres, data / "postgres")
    shared = None if settings.kafka_bootstrap_servers else SharedBroker(data)
    database_url = settings.database_url or (postgres.url() if postgres else "")
    bootstrap_servers = settings.kafka_bootstrap_servers or (shared.bootstrap_servers if shared else "")
    names = [settings.topic(name) for topic in Topic for name in (topic, topic.dead_letter)]

    async def prepare_kafka() -> None:
        if shared is None:
            kafka = settings.kafka_client(bootstrap_servers)
            await patiently("Kafka", lambda: ensure_topics(kafka, names, settings.topic_partitions))
        elif shared.broker is not None:
            await shared.broker.ensure_topics(names)

    async def prepare() -> None:
        await asyncio.gather(prepare_kafka(), prepare_database(database_url, migrating=migrating))
        if shared is not None and shared.broker is not None:
            await republish_unread(settings, database_url)

    try:
        yield Infrastructure(
            database_url,
            bootstrap_servers,
            broker_forgets=shared is not None,
            was_written_to=shared.broker.was_written_to if shared is not None and shared.broker is not None else None,
            prepare=prepare,
        )
    finally:
        if shared is not None:
            shared.close()


async def prepare_database(url: str, *, migrating: bool) -> None:
    """Wait until the database answers and its schemas are at this code's revision, saying what is waited for."""
    database = Database(url)
    try:
        await patiently("PostgreSQL", database.ping)
        for history in HISTORIES:
            if migrating:
                await migrate(database.engine, history)
            while missing := await missing_migration(database.engine, history):
                logger.warning("waiting: %s", missing)
                await asyncio.sleep(_PATIENCE_SECONDS)
    finally:
        await database.close()


@asynccontextmanager
async def opened_database(data: Path, *, reading: bool = False) -> AsyncIterator[Database]:
    """For a command: the database of the settings, or the embedded one in `data`, its schemas up to date.

    Only the services, `migrate` and `restore` begin anew: raises UnsuitableData where there is nothing of Tricolor, and
    where a demonstration is, for a command that is not only `reading`.
    """
    if not reading:
        require_real(data)
    url = Settings().database_url
    if not url and not has_database(data):
        raise _nothing_in(data)
    embedded = None if url else await asyncio.to_thread(EmbeddedPostgres, data / "postgres")
    url = url or (embedded.url() if embedded else "")
    if not await _has_schemas(url):
        raise _nothing_in(data if embedded else "TRICOLOR_DATABASE_URL")
    await prepare_database(url, migrating=True)
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def _nothing_in(place: object) -> UnsuitableData:
    return UnsuitableData(
        f"{place} 中没有 Tricolor 的数据：请检查 --data 或 TRICOLOR_DATABASE_URL 是否写对。\n"
        f"There is nothing of Tricolor in {place}: see that --data or TRICOLOR_DATABASE_URL is what you mean."
    )


async def _has_schemas(url: str) -> bool:
    """Whether any service has ever stored anything there."""
    database = Database(url, pool_size=1)
    try:
        async with database.autocommit() as connection:
            found = await connection.scalars(
                text("select to_regclass(name || '.migration') from unnest(cast(:schemas as text[])) as name"),
                {"schemas": [history.schema for history in HISTORIES]},
            )
            return any(found)
    finally:
        await database.close()


async def patiently(name: str, attempt: Callable[[], Awaitable[None]]) -> None:
    """Repeat `attempt` until `name` is there. Any failure that waiting will not mend is raised."""
    while True:
        try:
            return await attempt()
        except Exception as error:
            if not is_temporary(error):
                raise
            logger.warning("waiting for %s: %s", name, describe_failure(error))
            await asyncio.sleep(_PATIENCE_SECONDS)


async def republish_unread(settings: Settings, url: str) -> int:
    """Have everything relayed again that its reader has not acted on, for a broker that knows nothing of it.

    Answers how many events that is.
    """
    database, total = Database(url), 0
    async with database.transaction() as connection:
        for outbox, topic, inbox in FLOWS:
            if again := await rewind(connection, outbox, settings.topic(topic), inbox):
                logger.info("%d events of %s are relayed again", again, topic)
                total += again
    await database.close()
    return total
