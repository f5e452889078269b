"""Reading and writing the rows of cases, clocks and alerts, however many, in one statement each."""

from collections.abc import Collection, Sequence
from functools import cache
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter
from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console import tables
from services.console.domain.alert_record import AlertRecord
from services.console.domain.case_record import CaseRecord
from services.console.domain.clock_record import ClockRecord
from services.console.store.targets import Target, assignments, column_names

R = TypeVar("R", bound=BaseModel)


async def cases_of_alerts(connection: AsyncConnection, target: Target, alert_ids: Collection[UUID]) -> list[CaseRecord]:
    """Every case of these alerts: what follows from one may change another."""
    return await _read(connection, CaseRecord, _select(tables.cases, target.cases, "alert_id"), alert_ids)


async def clocks_of_cases(connection: AsyncConnection, target: Target, case_ids: Collection[UUID]) -> list[ClockRecord]:
    return await _read(connection, ClockRecord, _select(tables.deadlines, target.deadlines, "case_id"), case_ids)


async def alerts_by_id(connection: AsyncConnection, target: Target, alert_ids: Collection[UUID]) -> list[AlertRecord]:
    return await _read(connection, AlertRecord, _select(tables.alerts, target.alerts, "alert_id"), alert_ids)


async def cases_of_enterprises(connection: AsyncConnection, target: Target, codes: Collection[str]) -> list[CaseRecord]:
    return await _read_by_code(connection, CaseRecord, tables.cases, target.cases, codes)


async def clocks_of_enterprises(
    connection: AsyncConnection, target: Target, codes: Collection[str]
) -> list[ClockRecord]:
    return await _read_by_code(connection, ClockRecord, tables.deadlines, target.deadlines, codes)


async def alerts_of_enterprises(
    connection: AsyncConnection, target: Target, codes: Collection[str]
) -> list[AlertRecord]:
    return await _read_by_code(connection, AlertRecord, tables.alerts, target.alerts, codes)


async def keep_cases(connection: AsyncConnection, target: Target, records: Sequence[CaseRecord]) -> None:
    await _write(connection, _upsert(tables.cases, target.cases), _CASES, records)


async def keep_clocks(connection: AsyncConnection, target: Target, records: Sequence[ClockRecord]) -> None:
    await _write(connection, _upsert(tables.deadlines, target.deadlines), _CLOCKS, records)


async def keep_alerts(connection: AsyncConnection, target: Target, records: Sequence[AlertRecord]) -> None:
    await _write(connection, _upsert(tables.alerts, target.alerts), _ALERTS, records)


_LATE = ConfigDict(defer_build=True)  # made with the first event, not at every start
_CASES, _CLOCKS, _ALERTS = (
    TypeAdapter(list[CaseRecord], config=_LATE),
    TypeAdapter(list[ClockRecord], config=_LATE),
    TypeAdapter(list[AlertRecord], config=_LATE),
)


@cache
def _select(table: Table, name: str, column: str) -> TextClause:
    return text(f"select {column_names(table)} from {name} where {column} = any(cast(:ids as uuid[]))")


@cache
def _upsert(table: Table, name: str) -> TextClause:
    key = ", ".join(column.name for column in table.primary_key)
    return text(f"""
        insert into {name} ({column_names(table)})
        select {column_names(table)} from jsonb_populate_recordset(null::{table.fullname}, cast(:rows as jsonb))
        on conflict ({key}) do update set {assignments(table)}
    """)


async def _read(connection: AsyncConnection, model: type[R], question: TextClause, ids: Collection[UUID]) -> list[R]:
    if not ids:
        return []
    rows = await connection.execute(question, {"ids": sorted(ids)})
    return [model.model_construct(**row._mapping) for row in rows]


async def _read_by_code(
    connection: AsyncConnection, model: type[R], table: Table, name: str, codes: Collection[str]
) -> list[R]:
    question = text(f"select {column_names(table)} from {name} where enterprise_code = any(cast(:codes as text[]))")
    rows = await connection.execute(question, {"codes": sorted(codes)})
    return [model.model_construct(**row._mapping) for row in rows]


async def _write(
    connection: AsyncConnection, upsert: TextClause, adapter: TypeAdapter[list[R]], records: Sequence[R]
) -> None:
    if records:
        await connection.execute(upsert, {"rows": adapter.dump_json(list(records)).decode()})
