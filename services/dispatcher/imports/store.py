"""Reading and writing the records of an import, in the same few statements however many rows it has."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Table,
    Text,
    and_,
    any_,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.domain.registrations import MasterKind
from services.dispatcher.imports.reading.changes import StoredRecords
from services.dispatcher.imports.reading.columns import HIDDEN, Kind, KindName
from services.dispatcher.imports.reading.records import Key, Reading
from services.dispatcher.master_data import store as master_data
from services.dispatcher.master_data.recordsets import recordset

_ENTERPRISES = tables.enterprises.c
_SET_AT = func.to_char(_ENTERPRISES.entry_code_set_at.op("at time zone")("Asia/Shanghai"), " YYYY-MM-DD HH24:MI")
_READ: Mapping[str, ColumnElement[Any]] = {
    # That there is one, and since when: what it is nobody knows.
    "entry_code": case((_ENTERPRISES.entry_code_hash.is_not(None), literal(HIDDEN) + _SET_AT)).label("entry_code")
}
"""How a field is read that is no column of its table."""
_TABLES: Mapping[KindName, Table] = {
    "rota": tables.duty_days,
    "inspections": tables.inspections,
    "entry_codes": tables.enterprises,
    **dict(master_data.TABLES.items()),
}


async def hold(connection: AsyncConnection, kind: Kind) -> None:
    """Lock the table of `kind` against other writers until this transaction ends, so that what was found stays so.

    Rows that are not there yet cannot be locked one by one. Reading goes on. The mode holds off `for update` too:
    whoever locked a row before writing it would otherwise wait for this, and this for them. Inspections are
    not locked: who joins one to a visit writes it with the case locked, and the import locks that case later. Nor are
    enterprises that are given entry codes: they are there already, and making the hashes takes long.
    """
    if kind.name in {"inspections", "entry_codes"}:
        return
    await connection.execute(text(f"lock table {_TABLES[kind.name].fullname} in exclusive mode"))


async def find(connection: AsyncConnection, reading: Reading) -> StoredRecords:
    """Everything stored that the drafts of `reading` name or refer to."""
    kind, drafts = reading.kind, reading.drafts
    named: dict[MasterKind, set[str | None]] = {}
    for referring in kind.columns:
        if referring.refers:
            named.setdefault(referring.refers, set()).update(draft.fields[referring.field] for draft in drafts)
    known: dict[str, frozenset[str]] = {
        name: await _existing(connection, _TABLES[name], codes) for name, codes in named.items()
    }
    holders = {
        field: await _holders(connection, kind, field, {draft.fields[field] for draft in drafts})
        for field in kind.unique
    }
    records = await _records(connection, kind, [draft.key for draft in drafts])
    if kind.name == "rota":
        records |= await _weeks(connection, kind, reading)
    return StoredRecords(records, known, holders)


async def _records(connection: AsyncConnection, kind: Kind, keys: Sequence[Key]) -> dict[Key, dict[str, Any]]:
    table = _TABLES[kind.name]
    asked = recordset(table, kind.key, [dict(zip(kind.key, key, strict=True)) for key in keys])
    same = and_(*(table.c[part] == asked.c[part] for part in kind.key))
    rows = await connection.execute(
        select(*(_READ[name] if name in _READ else table.c[name] for name in kind.stored))
        .select_from(table)
        .join(asked, same)
    )
    found = [dict(row._mapping) for row in rows]
    return {tuple(fields[part] for part in kind.key): fields for fields in found}


async def _weeks(connection: AsyncConnection, kind: Kind, reading: Reading) -> dict[Key, dict[str, Any]]:
    """The rota of every week and station that the sheet names: all of it is replaced."""
    days = tables.duty_days.c
    weeks = {
        (draft.fields["station"], draft.fields["day"] - timedelta(days=draft.fields["day"].weekday()))
        for draft in reading.drafts
    }
    named = recordset(tables.duty_days, ["station", "day"], [{"station": at, "day": monday} for at, monday in weeks])
    of_week = and_(days.station == named.c.station, days.day.between(named.c.day, named.c.day + literal_column("6")))
    rows = await connection.execute(select(*(days[name] for name in kind.stored)).join(named, of_week))
    return {(row.day, row.officer): row._asdict() for row in rows}


async def _existing(connection: AsyncConnection, table: Table, codes: Iterable[str | None]) -> frozenset[str]:
    return frozenset((await connection.scalars(select(table.c.code).where(table.c.code == _any(codes)))).all())


async def _holders(connection: AsyncConnection, kind: Kind, field: str, values: Iterable[str | None]) -> dict[str, Key]:
    table = _TABLES[kind.name]
    key = [table.c[part] for part in kind.key]
    rows = await connection.execute(select(table.c[field], *key).where(table.c[field] == _any(values)))
    return {row[0]: tuple(row[1:]) for row in rows}


def _any(values: Iterable[str | None]) -> Any:
    return any_(bindparam(None, sorted(value for value in values if value is not None), ARRAY(Text)))
