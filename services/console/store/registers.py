"""Master data as the console has them: each record as the newest event about it says."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from sqlalchemy import Table, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console import tables
from services.console.store.targets import assignments, column_names


@dataclass(frozen=True)
class Register:
    """A table of master data, with the statement that keeps what is newer than it has."""

    table: Table
    keep: TextClause

    @property
    def key(self) -> list[str]:
        return [column.name for column in self.table.primary_key]

    @classmethod
    def of(cls, table: Table) -> "Register":
        key, columns = ", ".join(column.name for column in table.primary_key), column_names(table)
        return cls(
            table,
            text(f"""
                insert into {table.fullname} ({columns})
                select {columns} from jsonb_populate_recordset(null::{table.fullname}, cast(:rows as jsonb))
                 order by {key}
                on conflict ({key}) do update set {assignments(table)}
                 where {table.name}.at is null or {table.name}.at <= excluded.at
            """),
        )


ENTERPRISES, OUTLETS, STATIONS, OFFICERS, STAFF = (
    Register.of(table) for table in (tables.enterprises, tables.outlets, tables.stations, tables.officers, tables.staff)
)


async def keep(connection: AsyncConnection, register: Register, records: Sequence[Any]) -> None:
    """Keep the newest of these records of each key, where it is not older than what is there."""
    names = {column.name for column in register.table.columns}
    newest: dict[tuple[Any, ...], dict[str, Any]] = {}
    for record in sorted(records, key=lambda one: one.at):
        row = record.model_dump(mode="json", include=names)
        newest[tuple(row[name] for name in register.key)] = row
    if newest:
        await connection.execute(register.keep, {"rows": to_json(list(newest.values())).decode()})
