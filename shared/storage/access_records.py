"""Who looked at what that is personal or evidence, and why (查阅记录): rows that are added and never changed.

A trigger of the table refuses to change or delete them, whoever asks (`refuse_changes`, for migrations).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, MetaData, Row, Table, Text, Uuid, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.principal import Principal
from shared.time.identifiers import identifier

AGAIN_AFTER = timedelta(minutes=10)
"""A file that is read in parts, or looked at again at once, was looked at once."""


def access_records_table(metadata: MetaData) -> Table:
    return Table(
        "access_records",
        metadata,
        Column("record_id", Uuid, primary_key=True),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("action", Text, nullable=False),  # the operation's id
        Column("subject", Text, nullable=False),  # what was looked at: a file, or what a list was asked for
        Column("case_id", Uuid),
        Column("role", Text, nullable=False),
        Column("person", Text, nullable=False),
        Column("station", Text),
        Column("reach", Text, nullable=False),  # on what ground it was theirs to see: own, station, district
        Column("reason", Text),  # as they said it
        Index("access_records_subject_idx", "subject", "at"),
        Index("access_records_person_idx", "person", "at"),
    )


def refuse_changes(schema: str) -> Sequence[str]:
    """The statements of a migration that make `SCHEMA.access_records` append-only."""
    return (
        f"""
        create function {schema}.refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
        end $$
        """,
        f"""
        create trigger access_records_append_only before update or delete or truncate on {schema}.access_records
        for each statement execute function {schema}.refuse_change()
        """,
    )


@dataclass(frozen=True, slots=True)
class Access:
    """What somebody looks at: `subject` of a `case_id`, or of none."""

    action: str
    subject: str
    case_id: UUID | None = None
    reason: str | None = None


class AccessRecords:
    """The access records of one service."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def note(self, connection: AsyncConnection, caller: Principal, access: Access, now: datetime) -> None:
        """Keep that the caller looks at something, unless that was kept just before."""
        columns = self._table.c
        seen = select(columns.record_id).where(
            columns.subject == access.subject,
            columns.person == caller.subject,
            columns.role == caller.role.value,
            columns.action == access.action,
            columns.at > now - AGAIN_AFTER,
        )
        if (await connection.execute(seen.limit(1))).one_or_none() is not None:
            return
        await connection.execute(
            insert(self._table).values(
                record_id=identifier(now),
                at=now,
                action=access.action,
                subject=access.subject,
                case_id=access.case_id,
                role=caller.role.value,
                person=caller.subject,
                station=caller.station,
                reach=caller.reach.value,
                reason=access.reason,
            )
        )

    async def list(
        self,
        connection: AsyncConnection,
        *,
        person: str | None,
        subject: str | None,
        case_id: UUID | None,
        after: UUID | None,
        limit: int,
    ) -> Sequence[Row[Any]]:
        """The records that are asked for, the latest first."""
        columns = self._table.c
        found = select(self._table).order_by(columns.record_id.desc()).limit(limit)
        for name, value in (("person", person), ("subject", subject), ("case_id", case_id)):
            if value is not None:
                found = found.where(columns[name] == value)
        if after is not None:
            found = found.where(columns.record_id < after)
        return (await connection.execute(found)).all()
