"""The stored master data: stations, officers, office staff, enterprises, outlets."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic_core import to_jsonable_python
from sqlalchemy import DateTime, Row, Table, bindparam, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TableValuedAlias

from services.dispatcher import tables
from services.dispatcher.domain.registrations import MasterKind, registration
from shared.contract.refusals import Invalid
from shared.messaging.unit_of_work import UnitOfWork

Fields = Mapping[str, Any]
TABLES: Mapping[MasterKind, Table] = {
    "stations": tables.stations,
    "officers": tables.officers,
    "staff": tables.staff,
    "enterprises": tables.enterprises,
    "outlets": tables.outlets,
}


async def write(work: UnitOfWork, kind: MasterKind, records: Sequence[Fields]) -> Sequence[Row[Any]]:
    """Create or replace records, all of the same fields, in one statement; emit each as it is now; return the rows."""
    if not records:
        return []
    table, names = TABLES[kind], [*records[0]]
    key = [column.name for column in table.primary_key]
    new = recordset(table, names, records)
    written = insert(table).from_select(
        [*names, "updated_at"], select(*(new.c[name] for name in names), literal(work.now, DateTime(timezone=True)))
    )
    replaced = {name: written.excluded[name] for name in (*names, "updated_at") if name not in key}
    replacing = written.on_conflict_do_update(index_elements=key, set_=replaced).returning(table)
    rows: Sequence[Row[Any]] = (await work.connection.execute(replacing)).all()
    await asyncio.to_thread(lambda: work.emit(*(registration(kind, record, work.now) for record in records)))
    return rows


def recordset(table: Table, names: Sequence[str], records: Sequence[Fields]) -> TableValuedAlias:
    """Rows of the columns `names` of `table`, sent as one parameter."""
    columns = [column(name, table.c[name].type) for name in names]
    sent = func.jsonb_to_recordset(bindparam(None, to_jsonable_python(records), JSONB))
    return sent.table_valued(*columns, name="sent").render_derived(with_types=True)


async def find(connection: AsyncConnection, kind: MasterKind, code: str) -> Row[Any] | None:
    table = TABLES[kind]
    return (await connection.execute(select(table).where(table.c.code == code))).one_or_none()


async def list_records(
    connection: AsyncConnection, kind: MasterKind, *, station: str | None, after: str | None, limit: int
) -> Sequence[Row[Any]]:
    """Records by code, from the one after `after` on; of one station or of all."""
    table = TABLES[kind]
    statement = select(table).order_by(table.c.code).limit(limit)
    if station is not None:
        statement = statement.where(table.c.station == station)
    if after is not None:
        statement = statement.where(table.c.code > after)
    return (await connection.execute(statement)).all()


async def lock_station_of(connection: AsyncConnection, officer: str) -> str | None:
    """Lock an officer's record and return the station; nobody else changes it until this transaction ends."""
    officers = tables.officers.c
    station: str | None = await connection.scalar(
        select(officers.station).where(officers.code == officer).with_for_update()
    )
    return station


async def require_station(connection: AsyncConnection, code: str) -> None:
    """Raises Invalid for a station that there is not."""
    if await find(connection, "stations", code) is None:
        raise Invalid(
            "unknown-station",
            f"station: there is no station {code}; write it first.",
            title="Unknown station",
            field="station",
        )
