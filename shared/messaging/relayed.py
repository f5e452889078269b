"""How far an outbox is relayed: the position up to which nothing waits, so that nobody looks for what waits below it.

It stands in a table beside the outbox, in place of an index of what is not published: that one had every event entered
into all indexes anew as soon as it was marked as published. The position is raised by who relays, some time later.
It is lowered by triggers, in the transaction that has something wait again, whoever that is: a replay, a start with a
broker that forgot, a process of the release before, a person at psql. Such a transaction keeps its row locked until it
ends, and who raises it locks it too before looking: so nothing that waits again unseen is passed over.
"""

from collections.abc import Sequence

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, MetaData, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.storage.direct import fetch, fetch_value, fetch_value_locked

_RAISED_AFTER = 1_000
"""Events: so many that are published are looked at in vain at most, which takes PostgreSQL some 0.2 ms."""


def relayed_table(metadata: MetaData) -> Table:
    return Table(
        "outbox_relayed",
        metadata,
        Column("is_only", Boolean, primary_key=True, server_default=text("true")),
        Column("until", BigInteger, nullable=False),
        CheckConstraint("is_only", name="is_only"),
    )


def creation(schema: str) -> list[str]:
    """The statements of a migration: the table, what lowers it, and the index that it is in place of taken away."""
    return [
        f"""
        create table {schema}.outbox_relayed (
            is_only boolean not null default true,
            until bigint not null,
            constraint outbox_relayed_pkey primary key (is_only),
            constraint outbox_relayed_is_only_check check (is_only)
        )
        """,
        *lowering(schema),
        # Making the triggers waited for everybody who had written to the outbox: all that is in it is seen.
        f"""
        insert into {schema}.outbox_relayed (until)
        select coalesce((select min(position) - 1 from {schema}.outbox where published_at is null), max(position), 0)
          from {schema}.outbox
        """,
        f"drop index {schema}.outbox_pending_idx",
    ]


def lowering(schema: str) -> list[str]:
    """The statements that make the triggers. What is appended is new; what comes back from an archive is old."""
    return [
        f"""
        create function {schema}.wait_again() returns trigger language plpgsql as $lower$
        begin
            -- What is appended passes here where clocks differ, and must not wait for one another.
            if tg_op = 'UPDATE' then
                perform from {schema}.outbox_relayed for update;
            end if;
            update {schema}.outbox_relayed set until = new.position - 1 where until >= new.position;
            return null;
        end
        $lower$
        """,
        f"""
        create trigger outbox_waits_again after update of published_at on {schema}.outbox for each row
        when (new.published_at is null and old.published_at is not null) execute function {schema}.wait_again()
        """,
        f"""
        create trigger outbox_comes_back after insert on {schema}.outbox for each row
        when (new.appended_at < now() - interval '1 hour') execute function {schema}.wait_again()
        """,
    ]


def locking(outbox: str) -> str:
    """SQL that keeps the position as it is until the transaction ends."""
    return f"select until from {outbox}_relayed for update"


def relayed_until(outbox: str) -> str:
    """SQL of the position up to which nothing of `outbox` waits."""
    return f"coalesce((select until from {outbox}_relayed), 0)"


def waits(outbox: str, row: str) -> str:
    """SQL of whether a row of `outbox` waits to be relayed."""
    # With a second end, however far, PostgreSQL expects a small part of the table and takes the key, also before the
    # table was counted; of a range that is open it expects a third, and would read all of it.
    reached = f"{row}.position > {relayed_until(outbox)} and {row}.position < {2**63 - 1}"
    return f"{row}.published_at is null and {reached}"


class Progress:
    """Raises the position of an outbox, for the relay that leads.

    Positions are given out before they are seen, so the last one that was relayed may have smaller ones still to come.
    Up to where none can come is known from two looks: all that was given out before the first is committed, or never
    will be, when nobody writes any more who did at the second.
    """

    def __init__(self, outbox: Table) -> None:
        name = outbox.fullname
        self._unnoted = _RAISED_AFTER
        self._until, self._given_out, self._writers = 0, 0, frozenset[str]()
        self._last = f"select case when is_called then last_value else 0 end from {name}_position_seq"
        # Every statement that writes to a table locks it so until its transaction ends, before it does anything.
        self._look = f"""
            select {relayed_until(name)} as until,
                   array(select virtualtransaction from pg_locks
                          where locktype = 'relation' and relation = cast('{name}' as regclass)
                            and database = (select oid from pg_database where datname = current_database())
                            and mode = 'RowExclusiveLock') as writers
        """
        self._lock = locking(name)
        # It is not raised where somebody lowered it meanwhile. A statement after the lock sees what was waited for.
        self._raise = f"""
            update {name}_relayed
               set until = coalesce((select min(position) - 1 from {name}
                                      where position > $1 and position <= $2 and published_at is null), $2)
             where until = $1 and until < $2
            returning until
        """

    @property
    def is_behind(self) -> bool:
        """Whether the position is to be raised: a thousand events were relayed, or somebody lowered it."""
        return self._unnoted >= _RAISED_AFTER

    async def relayed(
        self, connection: AsyncConnection, events: int, *, until: int | None = None, last: int | None = None
    ) -> None:
        """Note that `events` were relayed and marked, found from the position `until` on, and raise it if it is time.

        `last` is where the last of them was, if more may wait: there may be any number, which are not looked at.
        `connection` has no transaction open.
        """
        was_lowered = until is not None and until < self._until
        self._unnoted = _RAISED_AFTER if was_lowered else self._unnoted + events
        if not self.is_behind:
            return
        given_out = await fetch_value(connection, self._last)
        ((reached, writers),) = await fetch(connection, self._look)
        settled = self._settled(int(given_out or 0), writers)
        if settled is None or (writers and settled <= reached):
            return  # the next pass looks again
        end = settled if last is None else min(settled, last)
        raised = await fetch_value_locked(connection, self._lock, self._raise, reached, end)
        self._until, self._unnoted = int(raised or reached), 0

    def _settled(self, given_out: int, writers: Sequence[str]) -> int | None:
        """Up to where every position is committed or never will be; None while that is not known."""
        if self._writers.intersection(writers):
            return None
        settled = self._given_out if writers else given_out
        self._given_out, self._writers = given_out, frozenset(writers)
        return settled
