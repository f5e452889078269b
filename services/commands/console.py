"""The commands `tricolor console …`: making the read model anew from what the other services emitted."""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy import Row, Table, text

from services.console import tables
from services.console.handlers.rebuild import Emitted, Rebuild, Rebuilt, Told
from services.console.store.unit_of_work import units_of_work
from services.console.store.wakeups import Wakeups
from services.infrastructure import FLOWS, opened_database
from shared.messaging.outbox import position_when_settled, whole
from shared.messaging.stored_events import headers_read, unnamed
from shared.settings import Settings
from shared.storage.database import Database
from shared.storage.packing import unpacked
from shared.time.clock import Clock, SystemClock

app = typer.Typer(no_args_is_help=True, help="The console's read model.")

DATA = Path(".tricolor")
_AT_ONCE = 500
_STEPS = {"reading": "读取事件 · reading events", "replacing": "替换 · putting in place", "done": "完成 · done"}


@app.callback()
def console() -> None:
    """The console's read model."""


@app.command()
def rebuild(data: Annotated[Path, typer.Option(help="Where the embedded database lies.")] = DATA) -> None:
    """Make the read model anew from the outboxes and their archives, while the services go on.

    What people see stays right meanwhile, and is the new one enterprise by enterprise. What is older than the outboxes
    reach stays as it is.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=None)

        def told(step: str, done: int, total: int) -> None:
            progress.update(task, description=_STEPS[step], completed=done, total=total)

        async def run() -> Rebuilt:
            async with opened_database(data) as database:
                return await rebuilt(database, SystemClock(), Settings(), told)

        made = asyncio.run(run())
    typer.echo(
        f"{made.events} events of {made.enterprises} enterprises: {made.cases_changed} cases and"
        f" {made.alerts_changed} alerts are others now"
    )
    if made.refused:
        sys.exit(f"tricolor: {made.refused} events could not be read; they are dead letters where they were refused")


async def rebuilt(database: Database, clock: Clock, settings: Settings, told: Told) -> Rebuilt:
    """What a rebuild on this database comes to."""
    units = units_of_work(database, clock, settings.topic_prefix, Wakeups(), hashing=settings.evidence_hash)
    return await Rebuild(units, Outboxes(database, settings), told).run()


class Outboxes:
    """The events for the console, as the outboxes of the others have them."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._topics: dict[Table, list[str]] = {}
        for outbox, topic, inbox in FLOWS:
            if inbox is tables.inbox:
                self._topics.setdefault(outbox, []).append(settings.topic(topic))
        self._ends: dict[Table, int] = {}

    async def begin(self) -> int:
        """Fix up to where `all` reads; answer how many events that is."""
        total = 0
        for outbox, topics in self._topics.items():
            async with self._database.transaction() as connection:
                self._ends[outbox] = await position_when_settled(connection, outbox)
            async with self._database.autocommit() as connection:
                counted = await connection.scalar(
                    text(f"select count(*) from {whole(outbox)} o where {_BEFORE}"), self._values(outbox, topics)
                )
            total += int(counted or 0)
        return total

    async def all(self) -> AsyncIterator[Sequence[Emitted]]:
        """Every event up to there, some at a time, in any order."""
        for outbox, topics in self._topics.items():
            async with self._database.transaction() as connection:
                found = await connection.stream(
                    text(f"select {_columns(outbox)} from {whole(outbox)} o where {_BEFORE}"),
                    self._values(outbox, topics),
                )
                async for rows in found.partitions(_AT_ONCE):
                    yield [_emitted(row) for row in rows]

    async def since(self, codes: Sequence[str]) -> Sequence[Emitted]:
        """What was emitted about these enterprises after that."""
        later: list[Emitted] = []
        for outbox, topics in self._topics.items():
            async with self._database.autocommit() as connection:
                rows = await connection.execute(
                    text(f"""
                        select {_columns(outbox)} from {outbox.fullname} o
                         where o.position > :end and o.topic = any(cast(:topics as text[]))
                           and o.key = any(cast(:keys as bytea[]))
                    """),
                    self._values(outbox, topics) | {"keys": [code.encode() for code in codes]},
                )
                later += [_emitted(row) for row in rows]
        return later

    def _values(self, outbox: Table, topics: Sequence[str]) -> dict[str, Any]:
        return {"topics": list(topics), "end": self._ends[outbox]}


_BEFORE = "o.position <= :end and o.topic = any(cast(:topics as text[]))"


def _columns(outbox: Table) -> str:
    return f"o.key, {unnamed(outbox.schema, 'o.value')} as value, o.headers"


def _emitted(row: Row[Any]) -> Emitted:
    return Emitted(row.key, unpacked(row.value), headers_read(row.headers))
