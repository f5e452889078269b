"""The shared parts on a schema of their own, without any service."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from shared.contract.messages import Publisher
from shared.evidence.tables import evidence_tables
from shared.messaging.brakes.store import brakes_table
from shared.messaging.dead_letters.store import dead_letters_table
from shared.messaging.inbox import inbox_table
from shared.messaging.outbox import Outbox, outbox_table
from shared.messaging.proposals.store import proposals_table
from shared.messaging.relayed import lowering
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.storage.archive import archive_table, retention_log_table
from shared.storage.database import Database, schema_metadata
from shared.storage.idempotency import idempotency_table
from shared.time.clock import ManualClock

metadata = schema_metadata("sample")
inbox = inbox_table(metadata)
outbox = outbox_table(metadata)
outbox_archive = archive_table(outbox, "event_id", "appended_at")
idempotency = idempotency_table(metadata)
dead_letters = dead_letters_table(metadata)
brakes = brakes_table(metadata)
proposals = proposals_table(metadata)
retention_log = retention_log_table(metadata)
evidence = evidence_tables(metadata)


@pytest.fixture
async def store(empty_database_url: str) -> AsyncIterator[Database]:
    """A database with an inbox, an outbox, work lists of dead letters and proposals, and an idempotency table."""
    database = Database(empty_database_url)
    async with database.transaction() as connection:
        await connection.execute(text("create schema sample"))
        await connection.run_sync(metadata.create_all)
        for statement in lowering("sample"):
            await connection.execute(text(statement))
        await connection.execute(text("insert into sample.outbox_relayed (until) values (0)"))
    yield database
    await database.close()


@pytest.fixture
def units(store: Database, clock: ManualClock) -> UnitsOfWork[UnitOfWork]:
    """Units of work that write the topics of alert_ingest, through the outbox of the sample schema."""
    return UnitsOfWork(
        database=store,
        outbox=Outbox(outbox, clock),
        clock=clock,
        publisher=Publisher("alert_ingest", ""),
        make=UnitOfWork,
    )


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 2, 0, 30, tzinfo=UTC))
