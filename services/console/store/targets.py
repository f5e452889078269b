"""Where rows are written: the read model itself, or what a rebuild makes beside it."""

from dataclasses import dataclass

from sqlalchemy import Table

from services.console import tables


@dataclass(frozen=True)
class Target:
    """The names of the tables of cases, clocks and alerts that a handler merges events into."""

    cases: str
    deadlines: str
    alerts: str


LIVE = Target(tables.cases.fullname, tables.deadlines.fullname, tables.alerts.fullname)


def column_names(table: Table, alias: str = "") -> str:
    """The columns of the table for a statement, quoted: some are called like words of SQL."""
    return ", ".join(f'{alias}"{column.name}"' for column in table.columns)


def assignments(table: Table) -> str:
    """What `on conflict … do update set` says to take over every column but those of the key."""
    return ", ".join(f'"{one.name}" = excluded."{one.name}"' for one in table.columns if not one.primary_key)
