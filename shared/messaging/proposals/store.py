"""Proposals as rows: who proposed what, why, and what came of it. They are never deleted."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    DateTime,
    Index,
    MetaData,
    Row,
    Table,
    Text,
    Uuid,
    false,
    select,
    text,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.events import ProposalState
from shared.contract.refusals import NotFound
from shared.contract.roles import Role
from shared.messaging.proposals.people import Person

_LONG = ("parameters", "before", "after", "result")


def proposals_table(metadata: MetaData) -> Table:
    instant = DateTime(timezone=True)
    return Table(
        "proposals",
        metadata,
        Column("proposal_id", Uuid, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("subject", Text, nullable=False),  # what it is about, by its key
        Column("station", Text),  # whose matter it is; without an enterprise the whole bureau's
        Column("enterprise_code", Text),
        Column("alert_id", Uuid),
        Column("case_id", Uuid),
        Column("state", Text, nullable=False),
        Column("summary", JSONB, nullable=False),
        Column("reason", Text, nullable=False),
        Column("ground", Text, nullable=False),
        Column("parameters", JSONB, nullable=False),
        Column("before", JSONB),
        Column("after", JSONB),
        Column("proposed_by", Text, nullable=False),
        Column("proposed_role", Text, nullable=False),
        Column("proposed_station", Text),
        Column("proposed_login", Text),  # the user of the machine, where it came by the command line
        Column("proposed_at", instant, nullable=False),
        Column("expires_at", instant, nullable=False),
        Column("policy_version", Text, nullable=False),
        Column("decided_by", Text),
        Column("decided_role", Text),
        Column("decided_station", Text),
        Column("decided_login", Text),
        Column("decided_at", instant),
        Column("explanation", Text),  # of whoever decided, or what no longer fitted
        Column("result", JSONB),  # what confirming it did
        CheckConstraint("state in ('open', 'confirmed', 'rejected', 'withdrawn', 'expired', 'failed')", name="state"),
        CheckConstraint(
            "(state = 'open') = (decided_at is null) and (decided_at is null) = (decided_by is null)", name="decided"
        ),
        CheckConstraint(
            "state not in ('confirmed', 'rejected', 'failed') or decided_by <> proposed_by", name="two_people"
        ),
        CheckConstraint("state <> 'confirmed' or decided_login <> proposed_login", name="two_logins"),
        Index("proposals_open_idx", "kind", "subject", unique=True, postgresql_where=text("state = 'open'")),
        Index("proposals_expires_at_idx", "expires_at", postgresql_where=text("state = 'open'")),
        Index("proposals_proposed_at_idx", "proposed_at", "proposal_id"),
        Index("proposals_subject_idx", "subject"),
    )


async def keep(connection: AsyncConnection, table: Table, rows: Sequence[Mapping[str, Any]]) -> Sequence[Row[Any]]:
    """Store proposals, but for those of whose kind and subject one is open; answer the rows of those stored."""
    stored = await connection.execute(insert(table).on_conflict_do_nothing().returning(table), rows)
    kept: Sequence[Row[Any]] = stored.all()
    return kept


async def locked(connection: AsyncConnection, table: Table, proposal_id: UUID) -> Row[Any]:
    """The proposal, under lock. Raises NotFound."""
    row = (
        await connection.execute(select(table).where(table.c.proposal_id == proposal_id).with_for_update())
    ).one_or_none()
    if row is None:
        raise NotFound("proposal", proposal_id)
    return row


async def decide(
    connection: AsyncConnection,
    table: Table,
    proposal_id: UUID,
    state: ProposalState,
    by: Person,
    now: datetime,
    *,
    explanation: str | None,
    result: object = None,
) -> Row[Any]:
    """Write what came of a locked proposal."""
    decided = await connection.execute(
        update(table)
        .where(table.c.proposal_id == proposal_id)
        .values(
            state=state,
            decided_by=by.subject,
            decided_role=by.role,
            decided_station=by.station,
            decided_login=by.login,
            decided_at=now,
            explanation=explanation,
            **({} if result is None else {"result": result}),
        )
        .returning(table)
    )
    row: Row[Any] = decided.one()
    return row


async def expired(connection: AsyncConnection, table: Table, now: datetime, limit: int) -> Sequence[UUID]:
    """Up to `limit` open proposals whose time is over, under lock. Two replicas never take the same one."""
    found = await connection.scalars(
        select(table.c.proposal_id)
        .where(table.c.state == ProposalState.OPEN, table.c.expires_at <= now)
        .order_by(table.c.expires_at, table.c.proposal_id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return found.all()


async def read(connection: AsyncConnection, table: Table, proposal_id: UUID, reader: Person) -> Row[Any]:
    """The proposal. Raises NotFound where it is not there or not the reader's to see."""
    found = await connection.execute(select(table).where(table.c.proposal_id == proposal_id, visible(table, reader)))
    row: Row[Any] | None = found.one_or_none()
    if row is None:
        raise NotFound("proposal", proposal_id)
    return row


async def listed(
    connection: AsyncConnection,
    table: Table,
    reader: Person,
    asked: Mapping[str, object],
    *,
    after: tuple[Any, ...] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The proposals that the reader may see and `asked` describes, the latest first, without what is long."""
    columns = [column for column in table.c if column.name not in _LONG]
    statement = (
        select(*columns)
        .where(visible(table, reader), *(table.c[name] == value for name, value in asked.items() if value is not None))
        .order_by(table.c.proposed_at.desc(), table.c.proposal_id.desc())
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(tuple_(table.c.proposed_at, table.c.proposal_id) < after)
    return (await connection.execute(statement)).all()


def visible(table: Table, reader: Person) -> ColumnElement[bool]:
    """A station sees its own matters, and everybody what they proposed themselves."""
    match reader.role:
        case Role.SECTION | Role.LEADER | Role.ADMIN | Role.AUDITOR:
            return true()
        case Role.STATION_CHIEF | Role.OFFICER:
            own = table.c.station == reader.station if reader.station else false()
            return own | _proposed(table, reader)
        case _:
            return _proposed(table, reader)


def _proposed(table: Table, reader: Person) -> ColumnElement[bool]:
    return (table.c.proposed_role == reader.role) & (table.c.proposed_by == reader.subject)
