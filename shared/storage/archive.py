"""Archives: tables partitioned by month, to which the old rows of a table that is written to are moved.

The hot table keeps its unique keys, which a partitioned one could not have, and nothing that takes events in ever
reads or locks an archive. `docs/decisions/0010` says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Identity, MetaData, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.storage.retention import bounds

_LOCK_TIMEOUT = "2s"
"""No change of partitions waits longer for its locks: whoever reads the archive would queue behind it."""


def archive_table(hot: Table, key: str, instant: str) -> Table:
    """Return the table `…_archive`: the columns of `hot`, by `key`, partitioned by the month of `instant`."""
    columns = [
        Column(one.name, one.type, primary_key=one.name in {key, instant}, nullable=one.nullable, autoincrement=False)
        for one in hot.columns
    ]
    return Table(f"{hot.name}_archive", hot.metadata, *columns, postgresql_partition_by=f"RANGE ({instant})")


def retention_log_table(metadata: MetaData) -> Table:
    """Return the append-only table of what was deleted, when, and by which policy."""
    return Table(
        "retention_log",
        metadata,
        Column("entry_id", BigInteger, Identity(always=True), primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("table_name", Text, nullable=False),
        Column("action", Text, nullable=False),
        Column("month", Date),
        Column("rows", BigInteger, nullable=False),
        Column("policy_version", Text, nullable=False),
        CheckConstraint("action in ('dropped', 'forgotten')", name="action"),
        CheckConstraint("(action = 'dropped') = (month is not null)", name="month"),
    )


@dataclass(frozen=True)
class Pages:
    """A range of a table's pages on disk, in which old rows are found without an index."""

    first: int
    after: int

    @property
    def rows(self) -> str:
        return f"h.ctid >= '({self.first},0)'::tid and h.ctid < '({self.after},0)'::tid"


@dataclass(frozen=True)
class ArchivedTable:
    """A table whose rows are moved from `hot` to `archive` when their `instant` is old enough.

    The conditions are SQL. `ready` and `present` are about the row `h` of the hot table: whether it may go, and
    whether it has gone already. `held` is about the row `m` of a month: whether it keeps the month from being dropped;
    `:since` in it is the first instant that is kept. Where `emptied` names a column, only that goes: the row, and with
    it its key, stays.
    """

    hot: Table
    archive: Table
    instant: str
    ready: str = "true"
    present: str = "true"
    held: str = "false"
    emptied: str | None = None

    @property
    def _month(self) -> str:
        return f"date_trunc('month', h.{self.instant} at time zone 'Asia/Shanghai')::date"

    async def look(
        self, connection: AsyncConnection, pages: Pages, before: datetime
    ) -> tuple[list[date], datetime | None]:
        """Find the months that rows in `pages` are to be moved to, and the oldest instant that stays."""
        row = (
            await connection.execute(
                text(f"""
                    select array_agg(distinct month) filter (where old) as months,
                           min(instant) filter (where not old) as oldest
                      from (select {self._month} as month, h.{self.instant} as instant,
                                   h.{self.instant} < :before and ({self.ready}) as old
                              from {self.hot.fullname} h
                             where {pages.rows} and {self.present}) seen
                """),
                {"before": before},
            )
        ).one()
        return sorted(row.months or ()), row.oldest

    async def move(
        self, connection: AsyncConnection, pages: Pages, before: datetime, months: Sequence[date], limit: int
    ) -> int:
        """Move at most `limit` rows of `pages` that belong to `months`; answer how many.

        The months are made where they are missing. What another transaction holds is passed over.
        """
        await _alone(connection, self.archive)
        for month in months:
            await self._make(connection, month)
        columns = ", ".join(column.name for column in self.archive.columns)
        hot, these = self.hot.fullname, "ctid = any(array(select ctid from old))"
        copy = f"insert into {self.archive.fullname} ({columns}) select {columns} from"
        if self.emptied is None:
            steps = f"gone as (delete from {hot} where {these} returning {columns}) {copy} gone"
        else:
            steps = f"copied as ({copy} {hot} where {these}) update {hot} set {self.emptied} = null where {these}"
        moved = await connection.execute(
            text(f"""
                with old as materialized (
                    select h.ctid from {hot} h
                     where {pages.rows} and {self.present} and h.{self.instant} < :before and ({self.ready})
                       and {self._month} = any(cast(:months as date[]))
                     limit :limit for update of h skip locked),
                {steps}
            """),
            {"before": before, "months": list(months), "limit": limit},
        )
        return moved.rowcount

    async def months(self, connection: AsyncConnection) -> list[date]:
        """Return the months that the archive has, the oldest first."""
        names = await connection.scalars(
            text("""
                select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
                 where i.inhparent = cast(:archive as regclass) order by c.relname
            """),
            {"archive": self.archive.fullname},
        )
        return [datetime.strptime(name[-7:], "%Y_%m").date() for name in names]  # noqa: DTZ007  a date

    async def drop(self, connection: AsyncConnection, month: date, since: datetime) -> int | None:
        """Drop `month` whole; answer how many rows it held, or None when it is held back or not there any more."""
        await _alone(connection, self.archive)
        name = self._partition(month)
        if await connection.scalar(text("select to_regclass(:name)"), {"name": name}) is None:
            return None
        if await connection.scalar(
            text(f"select exists (select 1 from {name} m where {self.held})"),
            {"since": since} if ":since" in self.held else {},
        ):
            return None
        rows: int | None = await connection.scalar(text(f"select count(*) from {name}"))
        # The archive first, as its readers do: the other way round one of us and them would be a deadlock's victim.
        await connection.execute(text(f"lock table only {self.archive.fullname} in access exclusive mode"))
        await connection.execute(text(f"drop table {name}"))
        return rows

    async def _make(self, connection: AsyncConnection, month: date) -> None:
        """Create the partition of a month and attach it when it is complete, so that nobody waits for it."""
        name = self._partition(month)
        if await connection.scalar(text("select to_regclass(:name)"), {"name": name}) is not None:
            return
        first, after = bounds(month)
        await connection.execute(text(f"create table {name} (like {self.archive.fullname} including all)"))
        await connection.execute(
            text(
                f"alter table {self.archive.fullname} attach partition {name}"
                f" for values from ('{first.isoformat()}') to ('{after.isoformat()}')"
            )
        )

    def _partition(self, month: date) -> str:
        return f"{self.archive.fullname}_{month:%Y_%m}"


@dataclass(frozen=True)
class ExpiringTable:
    """A table whose rows are deleted when their `instant` is old enough."""

    table: Table
    instant: str

    async def forget(self, connection: AsyncConnection, pages: Pages, before: datetime) -> int:
        """Delete what is old in `pages`, passing over what another transaction holds; answer how many."""
        gone = await connection.execute(
            text(f"""
                with old as materialized (
                    select h.ctid from {self.table.fullname} h
                     where {pages.rows} and h.{self.instant} < :before for update skip locked)
                delete from {self.table.fullname} where ctid = any(array(select ctid from old))
            """),
            {"before": before},
        )
        return gone.rowcount


async def pages_of(connection: AsyncConnection, table: Table, stretch: int) -> list[Pages]:
    """Divide the table, as it is now, into ranges of pages."""
    size: int = (
        await connection.scalar(
            text("select pg_relation_size(cast(:table as regclass)) / cast(current_setting('block_size') as integer)"),
            {"table": table.fullname},
        )
        or 0
    )
    return [Pages(first, min(first + stretch, size)) for first in range(0, size, stretch)]


async def _alone(connection: AsyncConnection, archive: Table) -> None:
    """Lock the partitions of `archive` against other changes of them, without waiting long for anybody."""
    await connection.execute(text(f"set local lock_timeout = '{_LOCK_TIMEOUT}'"))
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtext(:archive))"), {"archive": f"months:{archive.fullname}"}
    )
