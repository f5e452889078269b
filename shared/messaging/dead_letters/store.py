"""The dead letters of one service: kept in the transaction that sends them, decided on once, by one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.cloudevents import Outgoing, Refused
from shared.contract.events import DEAD_LETTER_DECIDED, DeadLetterDecided
from shared.contract.messages import SYSTEM, Event
from shared.contract.refusals import Conflict, NotFound
from shared.evidence.domain.facts import act
from shared.messaging.kafka import Record, dead_letter
from shared.messaging.stored_events import headers_read, headers_written
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import shown

RETRY_OF = "retry-of"
"""The header of a retried record that names its dead letter: refused again, it is known for the next attempt."""
AT_ONCE = 500


class LetterState(StrEnum):
    WAITING = "waiting"
    RETRIED = "retried"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Letter:
    """A record that `consumer` refused, and why."""

    record: Record
    refusal: Refused
    consumer: str
    failed_at: datetime

    def to_outgoing(self) -> Outgoing:
        return dead_letter(self.record, self.refusal, self.consumer, self.failed_at)


@dataclass(frozen=True, slots=True)
class By:
    """Who decides on a letter, and why; a retry says it by itself."""

    who: str
    reason: str | None = None


def dead_letters_table(metadata: MetaData) -> Table:
    instant = DateTime(timezone=True)
    return Table(
        "dead_letters",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),  # the order in which they came
        Column("letter_id", Uuid, nullable=False, unique=True),
        Column("topic", Text, nullable=False),
        Column("origin", Text, nullable=False),
        Column("consumer", Text, nullable=False),
        Column("key", LargeBinary),
        Column("body", LargeBinary, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("code", Text, nullable=False),
        Column("detail", Text, nullable=False),
        Column("failed_at", instant, nullable=False),
        Column("first_id", Uuid, nullable=False),  # the letter whose retries led to this one; its own at first
        Column("attempt", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("decided_at", instant),
        Column("decided_by", Text),
        Column("reason", Text),
        Column("told_at", instant),  # when an event said that it had waited longer than allowed
        CheckConstraint("state in ('waiting', 'retried', 'discarded')", name="state"),
        CheckConstraint(
            "(state = 'waiting') = (decided_at is null) and (decided_at is null) = (decided_by is null)", name="decided"
        ),
        CheckConstraint("state <> 'discarded' or reason is not null", name="reason"),
        Index("dead_letters_waiting_idx", "code", "position", postgresql_where=text("state = 'waiting'")),
        Index("dead_letters_first_id_idx", "first_id"),
    )


class DeadLetters:
    """The work list of `service`, in its own schema."""

    def __init__(self, table: Table, service: str) -> None:
        self.table, self.service = table, service
        self._keep = text(f"""
            insert into {table.fullname} (letter_id, topic, origin, consumer, key, body, headers, code, detail,
                                          failed_at, first_id, attempt, state)
            select new.letter_id, new.topic, new.origin, new.consumer, new.key, new.body, new.headers::jsonb, new.code,
                   new.detail, new.failed_at, coalesce(before.first_id, new.letter_id), coalesce(before.attempt, 0) + 1,
                   'waiting'
              from unnest(cast(:letter_id as uuid[]), cast(:topic as text[]), cast(:origin as text[]),
                          cast(:consumer as text[]), cast(:key as bytea[]), cast(:body as bytea[]),
                          cast(:headers as text[]), cast(:code as text[]), cast(:detail as text[]),
                          cast(:failed_at as timestamptz[]), cast(:retry_of as uuid[]))
                   with ordinality as new (letter_id, topic, origin, consumer, key, body, headers, code, detail,
                                           failed_at, retry_of, number)
              left join {table.fullname} before
                on before.letter_id = new.retry_of and before.topic = new.topic and before.state = 'retried'
             order by new.number
            on conflict (letter_id) do nothing
        """)

    async def keep(self, connection: AsyncConnection, letters: Sequence[Letter]) -> list[Outgoing]:
        """Store `letters`, in order and each once; answer the records for the dead-letter topics.

        A record that comes again, after a crash say, is the letter that it was, also when that was decided on.
        """
        outgoing = [letter.to_outgoing() for letter in letters]
        if letters:
            records = [letter.record for letter in letters]
            await connection.execute(
                self._keep,
                {
                    "letter_id": [one.event_id for one in outgoing],
                    "topic": [record.topic for record in records],
                    "origin": [record.origin for record in records],
                    "consumer": [letter.consumer for letter in letters],
                    "key": [record.key for record in records],
                    "body": [record.value for record in records],
                    "headers": [headers_written(record.headers) for record in records],
                    "code": [letter.refusal.code for letter in letters],
                    "detail": [_storable(letter.refusal.detail) for letter in letters],
                    "failed_at": [letter.failed_at for letter in letters],
                    "retry_of": [_retry_of(record) for record in records],
                },
            )
        return outgoing

    async def retry(self, work: UnitOfWork, letter_id: UUID, by: By) -> Row[Any]:
        """Send the record of a letter back to its topic; answer the letter after that.

        Asked again by the same person it is not sent again. Raises NotFound, and Conflict where another person was
        first.
        """
        letter = await self._locked(work, letter_id)
        if _is_done(letter, LetterState.RETRIED, by):
            return letter
        work.forward(_again(letter))
        return await self._decide(work, letter_id, LetterState.RETRIED, by)

    async def retry_all(self, work: UnitOfWork, by: By, *, code: str, topic: str | None = None) -> int:
        """Send the waiting letters of `code` (and `topic`) back, in order, 500 at most; answer how many."""
        columns = self.table.c
        rows = await work.connection.execute(
            select(self.table)
            .where(*asked(self.table, state=LetterState.WAITING, code=code, topic=topic))
            .order_by(columns.position)
            .limit(AT_ONCE)
            .with_for_update()
        )
        letters = rows.all()
        await work.connection.execute(
            update(self.table)
            .where(columns.position.in_([letter.position for letter in letters]))
            .values(state=LetterState.RETRIED, decided_at=work.now, decided_by=by.who, reason=by.reason)
        )
        work.forward(*(_again(letter) for letter in letters))
        for letter in letters:
            self._emit(work, letter, LetterState.RETRIED, by)
        return len(letters)

    async def discard(self, work: UnitOfWork, letter_id: UUID, by: By) -> Row[Any]:
        """Discard a letter: it is never retried, and kept as evidence. Answers the letter after that.

        Raises NotFound, and Conflict where another person was first.
        """
        letter = await self._locked(work, letter_id)
        if _is_done(letter, LetterState.DISCARDED, by):
            return letter
        return await self._decide(work, letter_id, LetterState.DISCARDED, by)

    async def _locked(self, work: UnitOfWork, letter_id: UUID) -> Row[Any]:
        row = (
            await work.connection.execute(
                select(self.table).where(self.table.c.letter_id == letter_id).with_for_update()
            )
        ).one_or_none()
        if row is None:
            raise NotFound("dead letter", letter_id)
        return row

    async def _decide(self, work: UnitOfWork, letter_id: UUID, state: LetterState, by: By) -> Row[Any]:
        row: Row[Any] = (
            await work.connection.execute(
                update(self.table)
                .where(self.table.c.letter_id == letter_id)
                .values(state=state, decided_at=work.now, decided_by=by.who, reason=by.reason)
                .returning(self.table)
            )
        ).one()
        self._emit(work, row, state, by)
        return row

    def _emit(self, work: UnitOfWork, letter: Row[Any], state: LetterState, by: By) -> None:
        """Keep what was decided, and say so where an event said that the letter had waited too long."""
        said = {"letter_id": letter.letter_id, "code": letter.code, "topic": letter.topic, "origin": letter.origin}
        decision = {"state": state, "decided_by": by.who, "reason": by.reason}
        work.record(act(f"cn.tricolor.dead_letter.{state}.v1", f"dead-letter:{letter.letter_id}", said | decision))
        if letter.told_at is not None:
            decided = DeadLetterDecided.model_validate(
                {"letter_id": letter.letter_id, "service": self.service, "state": state.value, "at": work.now}
            )
            work.emit(Event(DEAD_LETTER_DECIDED, SYSTEM, decided))


def asked(
    table: Table,
    *,
    state: LetterState | None = None,
    code: str | None = None,
    topic: str | None = None,
    since: datetime | None = None,
) -> list[ColumnElement[bool]]:
    """Return the conditions of a search; None means any."""
    columns = table.c
    conditions = (
        None if state is None else columns.state == state,
        None if code is None else columns.code == code,
        None if topic is None else columns.topic == topic,
        None if since is None else columns.failed_at >= since,
    )
    return [one for one in conditions if one is not None]


def _is_done(letter: Row[Any], asked: LetterState, by: By) -> bool:
    """Whether the same person decided the same before. Raises Conflict where the letter was decided otherwise."""
    if letter.state == LetterState.WAITING:
        return False
    if (letter.state, letter.decided_by, letter.reason) == (asked, by.who, by.reason):
        return True
    raise Conflict(
        "dead-letter-decided",
        f"The letter was {letter.state} by {letter.decided_by} at {shown(letter.decided_at)}; it waits no more.",
        title="Decided already",
        state=letter.state,
        decided_by=letter.decided_by,
        decided_at=shown(letter.decided_at),
        reason=letter.reason,
    )


def _again(letter: Row[Any]) -> Outgoing:
    """Return the record as it came, for its own topic, with a header that links a further failure to this letter."""
    own = (header for header in headers_read(letter.headers) if header[0] != RETRY_OF)
    return Outgoing(
        event_id=uuid5(NAMESPACE_URL, f"retry:{letter.letter_id}"),
        topic=letter.topic,
        key=letter.key,
        value=letter.body,
        headers=(*own, (RETRY_OF, str(letter.letter_id).encode())),
    )


def _retry_of(record: Record) -> UUID | None:
    """Return the letter that the record claims to be a retry of. Anybody can claim that; the table decides."""
    for name, value in record.headers:
        if name == RETRY_OF and value is not None:
            try:
                return UUID(value.decode())
            except ValueError:
                return None
    return None


def _storable(detail: str) -> str:
    return detail.encode(errors="backslashreplace").decode().replace("\x00", "␀")
