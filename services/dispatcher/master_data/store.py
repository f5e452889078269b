"""The stored stations, officers and enterprises."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel
from sqlalchemy import Row, Table, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from shared.contract.refusals import Invalid
from shared.messaging.unit_of_work import UnitOfWork

RecordKind = Literal["stations", "officers", "enterprises"]
_TABLES: Mapping[RecordKind, Table] = {
    "stations": tables.stations,
    "officers": tables.officers,
    "enterprises": tables.enterprises,
}


async def write(work: UnitOfWork, kind: RecordKind, code: str, fields: BaseModel, **more: str) -> Row[Any]:
    """Create or replace a record; return its row."""
    table = _TABLES[kind]
    values = {**fields.model_dump(), **more, "updated_at": work.now}
    statement = insert(table).values(code=code, **values).on_conflict_do_update(index_elements=["code"], set_=values)
    row: Row[Any] = (await work.connection.execute(statement.returning(table))).one()
    return row


async def find(connection: AsyncConnection, kind: RecordKind, code: str) -> Row[Any] | None:
    table = _TABLES[kind]
    return (await connection.execute(select(table).where(table.c.code == code))).one_or_none()


async def list_records(
    connection: AsyncConnection, kind: RecordKind, *, station: str | None, after: str | None, limit: int
) -> Sequence[Row[Any]]:
    """Records by code, from the one after `after` on; of one station or of all."""
    table = _TABLES[kind]
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
