"""The brakes of one service: put on by a consumer, in force across restarts and replicas, released by a person."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiokafka import TopicPartition
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Row,
    Table,
    Text,
    false,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import Refused
from shared.contract.events import (
    CONSUMER_BRAKED,
    CONSUMER_RELEASED,
    BrakeCause,
    ConsumerBraked,
    ConsumerReleased,
    Recipient,
)
from shared.contract.messages import SYSTEM, Event
from shared.contract.refusals import Conflict, Invalid, NotFound
from shared.messaging.brakes.policy import BrakePolicy
from shared.messaging.brakes.tally import Excess
from shared.messaging.dead_letters.store import By, DeadLetters, Letter
from shared.messaging.kafka import Record
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork, nothing_more
from shared.time.instants import shown

W = TypeVar("W", bound=UnitOfWork)
_LETTERS_READ = 5_000


def brakes_table(metadata: MetaData) -> Table:
    instant = DateTime(timezone=True)
    return Table(
        "brakes",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),  # the order in which they were put on
        Column("topic", Text, nullable=False),
        Column("partition", Integer, nullable=False),
        Column("offset", BigInteger, nullable=False),  # of the first record that was not handled
        Column("consumer", Text, nullable=False),
        Column("cause", Text, nullable=False),
        Column("code", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("refused", Integer),
        Column("of_last", Integer),
        Column("since", instant, nullable=False),
        Column("policy_version", Text, nullable=False),
        Column("released_at", instant),
        Column("released_by", Text),
        Column("release_reason", Text),
        Column("pass_over", Boolean, nullable=False, server_default=false()),  # the batch that cannot be read
        CheckConstraint("cause in ('refusals', 'unreadable')", name="cause"),
        CheckConstraint(
            "(released_at is null) = (released_by is null) and (released_at is null) = (release_reason is null)",
            name="released",
        ),
        CheckConstraint("not pass_over or (cause = 'unreadable' and released_at is not null)", name="pass_over"),
        Index("brakes_in_force_idx", "topic", "partition", unique=True, postgresql_where=text("released_at is null")),
    )


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What a batch cannot be read for."""

    code: str
    detail: str


class Brakes(Generic[W]):
    """The brakes on what a service reads. `on_braked` is called in the unit of work that puts one on."""

    def __init__(
        self,
        table: Table,
        letters: DeadLetters,
        *,
        units: UnitsOfWork[W],
        policy: BrakePolicy,
        on_braked: Callable[[W, ConsumerBraked], Awaitable[None]] = nothing_more,
    ) -> None:
        self.table, self.policy = table, policy
        self._letters, self._units, self._on_braked = letters, units, on_braked

    async def in_force(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, str]:
        """Those of `partitions` that are stopped, each with a sentence that says why."""
        async with self._units.database.autocommit() as connection:
            rows = await connection.execute(
                select(self.table).where(
                    self.table.c.released_at.is_(None), self.table.c.topic.in_({one.topic for one in partitions})
                )
            )
        found = {TopicPartition(row.topic, row.partition): row for row in rows}
        return {place: sentence(row) for place, row in found.items() if place in partitions}

    async def put_on(self, consumer: str, place: TopicPartition, offset: int, why: Excess | Unreadable) -> None:
        """Stop `place` and have that noticed, in one unit of work; nothing where it is stopped already."""
        async with self._units.open() as work:
            values = (
                await self._of_refusals(work.connection, place, why) if isinstance(why, Excess) else _of_unreadable(why)
            )
            put_on = await work.connection.scalar(
                insert(self.table)
                .values(
                    topic=place.topic,
                    partition=place.partition,
                    offset=offset,
                    consumer=consumer,
                    since=work.now,
                    policy_version=self.policy.version,
                    **values,
                )
                .on_conflict_do_nothing()
                .returning(self.table.c.position)
            )
            if put_on is None:
                return
            braked = ConsumerBraked(
                service=self._letters.service,
                consumer=consumer,
                topic=place.topic,
                partition=place.partition,
                offset=offset,
                at=work.now,
                policy_version=self.policy.version,
                recipients=[Recipient(role=role) for role in self.policy.recipients],
                **values,
            )
            await self._on_braked(work, braked)
            work.emit(Event(CONSUMER_BRAKED, SYSTEM, braked))

    async def passes_over(self, place: TopicPartition, offset: int) -> bool:
        """Whether a person has said that the batch at `offset`, which cannot be read, is to be passed over."""
        columns = self.table.c
        async with self._units.database.autocommit() as connection:
            found = await connection.scalar(
                select(columns.position).where(*self._at(place), columns.offset == offset, columns.pass_over).limit(1)
            )
        return found is not None

    async def keep_unread(
        self, consumer: str, place: TopicPartition, offset: int, batch: bytes, why: Unreadable
    ) -> None:
        """Keep the bytes of a batch that is passed over as a dead letter: they are all there is of its records."""
        record = Record(place.topic, place.partition, offset, None, batch, (), 0)
        async with self._units.open() as work:
            letter = Letter(record, Refused("unreadable-batch", f"{why.code}: {why.detail}"), consumer, work.now)
            work.forward(*await self._letters.keep(work.connection, [letter]))

    async def release(self, work: UnitOfWork, place: TopicPartition, by: By, *, pass_over: bool = False) -> Row[Any]:
        """Let the consumers go on with `place`; answer the brake as it stands after.

        With `pass_over` the batch that cannot be read is kept as a dead letter, and what follows is read. Raises
        NotFound, Conflict where it was released before, and Invalid where there is no such batch.
        """
        latest = (
            await work.connection.execute(
                select(self.table)
                .where(*self._at(place))
                .order_by(self.table.c.position.desc())
                .limit(1)
                .with_for_update()
            )
        ).one_or_none()
        if latest is None:
            raise NotFound("brake on", f"{place.topic}/{place.partition}")
        if latest.released_at is not None:
            raise Conflict(
                "brake-released",
                f"It was released by {latest.released_by} at {shown(latest.released_at)}.",
                title="Released already",
                released_by=latest.released_by,
                released_at=shown(latest.released_at),
                reason=latest.release_reason,
            )
        if pass_over and latest.cause != BrakeCause.UNREADABLE:
            raise Invalid("nothing-to-pass-over", "Every record of it can be read: there is none to be passed over.")
        released: Row[Any] = (
            await work.connection.execute(
                update(self.table)
                .where(self.table.c.position == latest.position)
                .values(released_at=work.now, released_by=by.who, release_reason=by.reason, pass_over=pass_over)
                .returning(self.table)
            )
        ).one()
        work.emit(
            Event(
                CONSUMER_RELEASED,
                SYSTEM,
                ConsumerReleased(
                    service=self._letters.service,
                    consumer=released.consumer,
                    topic=released.topic,
                    partition=released.partition,
                    offset=released.offset,
                    at=work.now,
                ),
            )
        )
        return released

    def _at(self, place: TopicPartition) -> tuple[ColumnElement[bool], ...]:
        return self.table.c.topic == place.topic, self.table.c.partition == place.partition

    async def _of_refusals(self, connection: AsyncConnection, place: TopicPartition, why: Excess) -> dict[str, Any]:
        """The counts, with the commonest reason among the latest dead letters of `place`."""
        letters = self._letters.table.c
        latest = (
            select(letters.code, letters.detail)
            .where(
                letters.topic == place.topic,
                func.starts_with(letters.origin, f"{place.topic}/{place.partition}/"),
            )
            .order_by(letters.position.desc())
            .limit(min(why.of, _LETTERS_READ))
            .subquery()
        )
        commonest = (
            await connection.execute(
                select(latest.c.code, func.min(latest.c.detail).label("detail"))
                .group_by(latest.c.code)
                .order_by(func.count().desc(), latest.c.code)
                .limit(1)
            )
        ).one_or_none()
        return {
            "cause": BrakeCause.REFUSALS,
            "code": commonest.code if commonest else "unknown",
            "detail": commonest.detail if commonest else "",
            "refused": why.refused,
            "of_last": why.of,
        }


def _of_unreadable(why: Unreadable) -> dict[str, Any]:
    return {"cause": BrakeCause.UNREADABLE, "code": why.code, "detail": why.detail}


def sentence(row: Row[Any]) -> str:
    """Why a partition is stopped, for a readiness check and a list."""
    why = (
        f"{row.refused} of the last {row.of_last} records were refused, most often for {row.code}"
        if row.cause == BrakeCause.REFUSALS
        else f"the batch cannot be read ({row.detail})"
    )
    return f"stopped at offset {row.offset} since {shown(row.since)}, until it is released: {why}"
