"""Housekeeping: once a day old rows are moved to archives or deleted, and old archives dropped, without a pause.

A pass reads a table stretch by stretch as it lies on disk, and every stretch is a transaction of its own: it needs no
index on what it looks for, holds few locks and those briefly, and passes over what another transaction works on.
Replicas that pass at the same time do the same work once.
"""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import MetaData, Table, insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.storage.archive import ArchivedTable, ExpiringTable, Pages, pages_of
from shared.storage.database import Database
from shared.storage.retention import Archive, RetentionPolicy, bounds
from shared.telemetry import Telemetry
from shared.time.clock import Clock

logger = logging.getLogger(__name__)

BEAT_SECONDS = 60.0
_EVERY = timedelta(days=1)
_STRETCH = 128  # pages of 8 KiB
_ROWS = 500
_LOCK_NOT_AVAILABLE = "55P03"


class Housekeeping:
    """Moves, deletes and drops the old rows of one service as the policy says, and touches nothing else.

    Every service has an outbox, an inbox and idempotency keys; `moved` are archives of its own.
    """

    def __init__(
        self,
        *,
        metadata: MetaData,
        database: Database,
        clock: Clock,
        telemetry: Telemetry,
        policy: RetentionPolicy,
        moved: Sequence[tuple[ArchivedTable, Archive]] = (),
    ) -> None:
        self._database, self._clock, self._policy = database, clock, policy
        tables = {table.name: table for table in metadata.tables.values()}
        outbox = ArchivedTable(
            tables["outbox"], tables["outbox_archive"], "appended_at", ready="h.published_at is not null"
        )
        self._moved = [(outbox, policy.archives.outbox), *moved]
        self._forgotten = [(ExpiringTable(tables[name], "received_at"), memory) for name, memory in policy.memories]
        self._log = tables["retention_log"]
        self._rows = telemetry.gauge(
            "tricolor_retention_rows", "Rows as PostgreSQL estimates them, where written and archived", ["table"]
        )
        self._oldest = telemetry.gauge(
            "tricolor_retention_oldest_timestamp_seconds", "The oldest row that has not been moved", ["table"]
        )
        self._worked = telemetry.gauge(
            "tricolor_retention_last_pass_rows", "What the last pass moved, forgot and dropped", ["table", "action"]
        )
        self._at = telemetry.gauge(
            "tricolor_retention_completed_timestamp_seconds", "When the last pass was through", []
        )
        self._done_at: datetime | None = None

    async def beat(self) -> int:
        """Run a pass once a day. Answers 0, as no work is left."""
        now = self._clock.now()
        if self._done_at is None or now - self._done_at >= _EVERY:
            await self.run_once()
        return 0

    async def run_once(self) -> int:
        """One pass over everything; answer how many rows it moved, forgot and dropped.

        By a policy that is not in force yet nothing is done.
        """
        now, done = self._clock.now(), 0
        if now < self._policy.effective_from:
            return 0
        for moved, archive in self._moved:
            done += self._counted(moved.hot, "moved", await self._move(moved, archive.moves_before(now)))
            done += self._counted(moved.archive, "dropped", await self._drop(moved, archive.oldest_month(now), now))
        for forgotten, memory in self._forgotten:
            before = memory.forgets_before(now)
            if before is not None:
                done += self._counted(forgotten.table, "forgotten", await self._forget(forgotten, before, now))
        await self._estimate()
        self._at.set(now.timestamp())
        self._done_at = now
        return done

    def _counted(self, table: Table, action: str, rows: int) -> int:
        self._worked.labels(table.name, action).set(rows)
        if rows:
            logger.info("%s: %d rows %s, policy %s", table.fullname, rows, action, self._policy.version)
        return rows

    async def _move(self, moved: ArchivedTable, before: datetime) -> int:
        rows, oldest = 0, list[datetime]()
        for pages in await self._pages(moved.hot):
            async with self._database.autocommit() as connection:
                months, stays = await moved.look(connection, pages, before)
            oldest += [] if stays is None else [stays]
            done = _ROWS if months else 0
            while done == _ROWS:
                async with self._database.transaction() as connection:
                    done = await moved.move(connection, pages, before, months, _ROWS)
                rows += done
        self._oldest.labels(moved.hot.name).set(min(oldest).timestamp() if oldest else float("nan"))
        return rows

    async def _drop(self, moved: ArchivedTable, oldest: date | None, now: datetime) -> int:
        """Drop the months whose time is over. One that somebody is reading stays until the next pass."""
        if oldest is None:
            return 0
        async with self._database.autocommit() as connection:
            over = [month for month in await moved.months(connection) if month < oldest]
        rows = 0
        for month in over:
            try:
                async with self._database.transaction() as connection:
                    dropped = await moved.drop(connection, month, bounds(oldest)[0])
                    if dropped is not None:
                        await self._record(connection, moved.archive, "dropped", dropped, now, month)
                        rows += dropped
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                    raise
                logger.warning("%s of %s is being read; dropped by a later pass", moved.archive.fullname, month)
        return rows

    async def _forget(self, forgotten: ExpiringTable, before: datetime, now: datetime) -> int:
        rows = 0
        for pages in await self._pages(forgotten.table):
            async with self._database.transaction() as connection:
                gone = await forgotten.forget(connection, pages, before)
                if gone:
                    await self._record(connection, forgotten.table, "forgotten", gone, now)
            rows += gone
        return rows

    async def _pages(self, table: Table) -> list[Pages]:
        async with self._database.autocommit() as connection:
            return await pages_of(connection, table, _STRETCH)

    async def _record(
        self,
        connection: AsyncConnection,
        table: Table,
        action: str,
        rows: int,
        now: datetime,
        month: date | None = None,
    ) -> None:
        """Log a deletion, in the same transaction: what is gone is in the log, and nothing else is."""
        await connection.execute(
            insert(self._log).values(
                at=now,
                table_name=table.name,
                action=action,
                month=month,
                rows=rows,
                policy_version=self._policy.version,
            )
        )

    async def _estimate(self) -> None:
        tables = [one for moved, _ in self._moved for one in (moved.hot, moved.archive)]
        tables += [forgotten.table for forgotten, _ in self._forgotten]
        async with self._database.autocommit() as connection:
            rows = await connection.execute(
                text("""
                    select c.relname, greatest(c.reltuples, 0) + coalesce(
                               (select sum(greatest(p.reltuples, 0))
                                  from pg_inherits i join pg_class p on p.oid = i.inhrelid
                                 where i.inhparent = c.oid), 0) as estimated
                      from unnest(cast(:tables as text[])) as asked (name) join pg_class c on c.oid = to_regclass(name)
                """),
                {"tables": [one.fullname for one in tables]},
            )
            for row in rows:
                self._rows.labels(row.relname).set(row.estimated)
