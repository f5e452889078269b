"""Housekeeping on a schema of its own: rows move to their months, months go, and nobody waits for it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import yaml
from sqlalchemy import insert, select, text

from shared.contract.cloudevents import Outgoing
from shared.messaging.outbox import Outbox, rewind
from shared.storage import retention
from shared.storage.database import Database
from shared.storage.housekeeping import Housekeeping
from shared.storage.retention import RetentionPolicy
from shared.telemetry import Telemetry
from shared.time.clock import ManualClock
from tests.integration.shared.conftest import idempotency, inbox, metadata, outbox, outbox_archive, retention_log

POLICY = RetentionPolicy.model_validate(
    yaml.safe_load(retention.DATA.read_text(encoding="utf-8")) | {"version": "of this test"}
)
YEAR_BEFORE = datetime(2025, 3, 1, tzinfo=UTC)


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("sample")


@pytest.fixture
def keeping(store: Database, clock: ManualClock, telemetry: Telemetry) -> Housekeeping:
    return Housekeeping(metadata=metadata, database=store, clock=clock, telemetry=telemetry, policy=POLICY)


async def tell(
    store: Database, at: datetime, number: int = 1, *, published: bool = True, topic: str = "told"
) -> list[UUID]:
    """Events appended, and mostly published, at an instant."""
    events = [Outgoing(uuid4(), topic, b"key", f"{at}/{one}".encode(), (("a", b"1"),)) for one in range(number)]
    async with store.transaction() as connection:
        await Outbox(outbox, ManualClock(at)).append(connection, events)
        if published:
            await connection.execute(text("update sample.outbox set published_at = appended_at"))
    return [event.event_id for event in events]


async def rows(store: Database, table: Any) -> list[Any]:
    async with store.autocommit() as connection:
        return list((await connection.execute(select(table))).all())


async def months(store: Database) -> list[str]:
    async with store.autocommit() as connection:
        return list(
            await connection.scalars(
                text(
                    "select inhrelid::regclass::text from pg_inherits"
                    " where inhparent = 'sample.outbox_archive'::regclass order by 1"
                )
            )
        )


def metric(telemetry: Telemetry, name: str, **labels: str) -> float | None:
    return telemetry.registry.get_sample_value(f"tricolor_retention_{name}", labels)


async def test_what_is_old_moves_to_its_month_whole(
    store: Database, keeping: Housekeeping, clock: ManualClock, telemetry: Telemetry
) -> None:
    # 2025-02-28 16:00 UTC is March in Shanghai.
    february, march = datetime(2025, 2, 28, 15, 59, tzinfo=UTC), datetime(2025, 2, 28, 16, tzinfo=UTC)
    for at in (february, march):
        await tell(store, at, 1200)
    waiting = await tell(store, february, published=False)
    recent = await tell(store, clock.now() - timedelta(days=29), published=False)
    before = sorted(tuple(row) for row in await rows(store, outbox) if row.published_at is not None)

    assert await keeping.run_once() == 2400

    assert await months(store) == ["sample.outbox_archive_2025_02", "sample.outbox_archive_2025_03"]
    assert sorted(tuple(row) for row in await rows(store, outbox_archive)) == before
    assert [row.event_id for row in await rows(store, outbox)] == waiting + recent
    assert await rows(store, retention_log) == []
    assert metric(telemetry, "last_pass_rows", table="outbox", action="moved") == 2400
    assert metric(telemetry, "oldest_timestamp_seconds", table="outbox") == february.timestamp()
    assert metric(telemetry, "completed_timestamp_seconds") == clock.now().timestamp()
    assert await keeping.run_once() == 0


async def test_months_past_their_time_go_and_the_log_says_so(
    store: Database, keeping: Housekeeping, clock: ManualClock
) -> None:
    await tell(store, YEAR_BEFORE, 3)
    await keeping.run_once()
    clock.move_to(datetime(2028, 3, 31, 15, 59, tzinfo=UTC))
    assert await keeping.run_once() == 0
    clock.move_to(datetime(2028, 3, 31, 16, tzinfo=UTC))

    assert await keeping.run_once() == 3

    assert await months(store) == []
    (entry,) = await rows(store, retention_log)
    assert (entry.table_name, entry.action, str(entry.month), entry.rows, entry.policy_version, entry.at) == (
        "outbox_archive",
        "dropped",
        "2025-03-01",
        3,
        "of this test",
        clock.now(),
    )


async def test_a_month_that_is_read_is_dropped_by_a_later_pass(
    store: Database, keeping: Housekeeping, clock: ManualClock
) -> None:
    await tell(store, YEAR_BEFORE, 3)
    await keeping.run_once()
    clock.move_to(datetime(2028, 4, 1, tzinfo=UTC))
    async with store.transaction() as reader:
        assert await reader.scalar(text("select count(*) from sample.outbox_archive")) == 3
        assert await keeping.run_once() == 0
        assert await reader.scalar(text("select count(*) from sample.outbox_archive")) == 3
    assert await keeping.run_once() == 3


async def test_rows_and_months_are_made_while_the_archive_is_read(store: Database, keeping: Housekeeping) -> None:
    async with store.transaction() as reader:
        assert await reader.scalar(text("select count(*) from sample.outbox_archive")) == 0
        await tell(store, YEAR_BEFORE, 3)
        assert await keeping.run_once() == 3


async def test_what_another_transaction_holds_is_passed_over(store: Database, keeping: Housekeeping) -> None:
    held, free = await tell(store, YEAR_BEFORE, 2)
    async with store.transaction() as other:
        await other.execute(select(outbox).where(outbox.c.event_id == held).with_for_update())
        assert await keeping.run_once() == 1
        assert [row.event_id for row in await rows(store, outbox_archive)] == [free]
    assert await keeping.run_once() == 1


async def test_two_replicas_move_each_row_once(store: Database, clock: ManualClock, telemetry: Telemetry) -> None:
    await tell(store, YEAR_BEFORE, 2000)
    replicas = [
        Housekeeping(metadata=metadata, database=store, clock=clock, telemetry=Telemetry(str(one)), policy=POLICY)
        for one in range(3)
    ]
    assert sum(await asyncio.gather(*(replica.run_once() for replica in replicas))) == 2000
    assert len({row.event_id for row in await rows(store, outbox_archive)}) == 2000
    assert await rows(store, outbox) == []


async def test_keys_are_forgotten_when_nothing_can_come_again(
    store: Database, keeping: Housekeeping, clock: ManualClock
) -> None:
    now = clock.now()
    spans = POLICY.memories
    assert spans.inbox.kept_days is not None
    assert spans.idempotency.kept_days is not None
    async with store.transaction() as connection:
        for age in (spans.inbox.kept_days - 1, spans.inbox.kept_days + 1):
            await connection.execute(
                insert(inbox).values(event_id=uuid4(), type=str(age), received_at=now - timedelta(days=age))
            )
        for age in (spans.idempotency.kept_days - 1, spans.idempotency.kept_days + 1):
            await connection.execute(
                insert(idempotency).values(
                    subject="s", key=str(age), fingerprint=b"", received_at=now - timedelta(days=age)
                )
            )

    assert await keeping.run_once() == 2

    assert [row.type for row in await rows(store, inbox)] == [str(spans.inbox.kept_days - 1)]
    assert [row.key for row in await rows(store, idempotency)] == [str(spans.idempotency.kept_days - 1)]
    assert [(row.table_name, row.action, row.rows) for row in await rows(store, retention_log)] == [
        ("inbox", "forgotten", 1),
        ("idempotency", "forgotten", 1),
    ]


async def test_rewinding_brings_back_what_was_archived_unread(
    store: Database, keeping: Housekeeping, clock: ManualClock
) -> None:
    read, unread = await tell(store, YEAR_BEFORE, 2)
    elsewhere = await tell(store, YEAR_BEFORE, topic="other")
    positions = {row.event_id: row.position for row in await rows(store, outbox)}
    async with store.transaction() as connection:
        await connection.execute(insert(inbox).values(event_id=read, type="t", received_at=clock.now()))
    assert await keeping.run_once() == 3
    async with store.transaction() as connection:
        assert await rewind(connection, outbox, "told", inbox) == 1
    assert [(row.event_id, row.position, row.published_at) for row in await rows(store, outbox)] == [
        (unread, positions[unread], None)
    ]
    assert {row.event_id for row in await rows(store, outbox_archive)} == {read, *elsewhere}


async def test_a_policy_is_not_applied_before_it_is_in_force(
    store: Database, clock: ManualClock, telemetry: Telemetry
) -> None:
    later = POLICY.model_copy(update={"effective_from": clock.now() + timedelta(days=1)})
    keeping = Housekeeping(metadata=metadata, database=store, clock=clock, telemetry=telemetry, policy=later)
    await tell(store, YEAR_BEFORE)
    assert await keeping.run_once() == 0
    clock.advance(timedelta(days=1))
    assert await keeping.run_once() == 1


async def test_a_pass_a_day(store: Database, keeping: Housekeeping, clock: ManualClock) -> None:
    assert await keeping.beat() == 0
    await tell(store, YEAR_BEFORE)
    clock.advance(timedelta(hours=23))
    await keeping.beat()
    assert len(await rows(store, outbox)) == 1
    clock.advance(timedelta(hours=1))
    await keeping.beat()
    assert len(await rows(store, outbox)) == 0
