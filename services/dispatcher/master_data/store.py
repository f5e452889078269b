"""The stored master data: stations, officers, office staff, enterprises, outlets."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import DateTime, Row, Select, Table, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.record_changes import Author, Change, Fields
from services.dispatcher.domain.registrations import MasterKind, registration
from services.dispatcher.master_data import history
from services.dispatcher.master_data.recordsets import recordset
from shared.contract.refusals import Invalid

TABLES: Mapping[MasterKind, Table] = {
    "stations": tables.stations,
    "officers": tables.officers,
    "staff": tables.staff,
    "enterprises": tables.enterprises,
    "outlets": tables.outlets,
}


class Chosen(NamedTuple):
    """Which records are listed: of one station; of enterprises those registered, by words, or with an entry code."""

    station: str | None = None
    registered: bool | None = None
    words: str | None = None
    has_entry_code: bool | None = None


ALL = Chosen()
_LOCK = text("select pg_advisory_xact_lock(hashtext('dispatch.master_data'), hashtext(:named))")


async def write(
    work: CaseUnitOfWork, kind: MasterKind, changes: Sequence[Change], author: Author
) -> Sequence[Row[Any]]:
    """Write records, all of the same fields, in one statement, with their history; emit each as it is now.

    Returns the rows. The caller has locked what was there before.
    """
    if not changes:
        return []
    table, names = TABLES[kind], [*changes[0].after]
    key = [column.name for column in table.primary_key]
    new = recordset(table, names, [change.after for change in changes])
    written = insert(table).from_select(
        [*names, "updated_at"], select(*(new.c[name] for name in names), literal(work.now, DateTime(timezone=True)))
    )
    replaced = {name: written.excluded[name] for name in (*names, "updated_at") if name not in key}
    replacing = written.on_conflict_do_update(index_elements=key, set_=replaced).returning(table)
    rows: Sequence[Row[Any]] = (await work.connection.execute(replacing)).all()
    await history.keep(work, kind, key, changes, author)
    if kind in {"stations", "enterprises"}:
        work.registered()
    await asyncio.to_thread(lambda: work.emit(*(registration(kind, change.after, work.now) for change in changes)))
    return rows


async def lock(connection: AsyncConnection, kind: MasterKind, key: Sequence[str]) -> Fields | None:
    """Have nobody else write this record until this transaction ends, whether it is there or not; return it."""
    # A record that is not there has no row to lock; two who create it at once would overwrite one another.
    named = "/".join([kind, *key])
    await connection.execute(
        text("select pg_advisory_xact_lock(hashtext('dispatch.master'), hashtext(:named))"), {"named": named}
    )
    row = (await connection.execute(_by_key(kind, key).with_for_update())).one_or_none()
    return None if row is None else row._asdict()


def _by_key(kind: MasterKind, key: Sequence[str]) -> Select[Any]:
    table = TABLES[kind]
    return select(table).where(*(part == value for part, value in zip(table.primary_key, key, strict=True)))


async def find(connection: AsyncConnection, kind: MasterKind, *key: str) -> Row[Any] | None:
    row: Row[Any] | None = (await connection.execute(_by_key(kind, key))).one_or_none()
    return row


async def list_records(
    connection: AsyncConnection,
    kind: MasterKind,
    chosen: Chosen,
    *,
    after: str | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """Records by code, from the one after `after` on."""
    table = TABLES[kind]
    statement = select(table).order_by(table.c.code).limit(limit)
    if chosen.station is not None:
        statement = statement.where(table.c.station == chosen.station)
    if chosen.registered is not None:
        statement = statement.where((table.c.source == "master") == chosen.registered)
    if chosen.has_entry_code is not None:
        statement = statement.where(table.c.entry_code_hash.is_not(None) == chosen.has_entry_code)
    if chosen.words is not None:
        contains = (column.icontains(chosen.words, autoescape=True) for column in (table.c.name, table.c.code))
        statement = statement.where(or_(*contains))
    if after is not None:
        statement = statement.where(table.c.code > after)
    return (await connection.execute(statement)).all()


async def require_station(connection: AsyncConnection, code: str) -> None:
    """Raises Invalid for a station that there is not."""
    if await find(connection, "stations", code) is None:
        raise Invalid(
            "unknown-station",
            f"station: there is no station {code}; write it first.",
            title="Unknown station",
            field="station",
        )
