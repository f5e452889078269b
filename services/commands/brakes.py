"""The commands `tricolor brakes …`: the partitions that the services have stopped reading, and having them go on."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import typer
from aiokafka import TopicPartition
from sqlalchemy import Table

from services.alert_ingest import tables as ingest
from services.commands.listing import Block, print_json, show
from services.console import tables as console
from services.deadline_watch import tables as watch
from services.dispatcher import tables as dispatch
from services.infrastructure import SERVICE_OF, opened_database
from shared.contract.messages import Publisher
from shared.contract.refusals import Refusal
from shared.messaging.brakes import policy, reading
from shared.messaging.brakes.reading import Brake
from shared.messaging.brakes.store import Brakes
from shared.messaging.dead_letters.store import By, DeadLetters
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock

app = typer.Typer(no_args_is_help=True, help="Brakes: partitions that are not read until a person releases them.")

T = TypeVar("T")
Name = Literal["ingest", "dispatcher", "watch", "console"]
DATA = Path(".tricolor")
Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL is kept, without TRICOLOR_DATABASE_URL.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True)
class Opened:
    """The brakes of one service, and the units of work in which they are released."""

    brakes: Brakes[UnitOfWork]
    units: UnitsOfWork[UnitOfWork]


@app.command("list")
def list_(
    service: Annotated[Name | None, typer.Option(help="Only what this service reads.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those that were released.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of each service, the latest first.")] = 50,
    as_json: Json = False,
    data: Data = DATA,
) -> None:
    """List the partitions that are stopped, since when and why."""

    async def listed(opened: Mapping[str, Opened]) -> dict[str, list[Brake]]:
        found = {}
        for name, one in opened.items():
            async with one.units.database.autocommit() as connection:
                rows = await reading.listed(connection, one.brakes.table, limit, in_force=None if all_ else True)
            found[name] = [Brake.of(row) for row in rows]
        return found

    found = _run(listed, data, service, reading=True)
    if as_json:
        print_json({name: [one.model_dump(mode="json") for one in some] for name, some in found.items()})
    else:
        _show(found)


@app.command()
def release(
    service: Annotated[Name, typer.Argument(help="The service that has stopped reading.")],
    partition: Annotated[str, typer.Argument(help="As `list` prints it: topic/partition.")],
    by: Annotated[str, typer.Option(help="Who decides.")],
    reason: Annotated[str, typer.Option(help="Why, for whoever asks years later.")],
    pass_over: Annotated[
        bool, typer.Option("--pass-over", help="Without the batch that cannot be read: it becomes a dead letter.")
    ] = False,
    data: Data = DATA,
) -> None:
    """Have a service read a partition again, once the cause is mended."""
    topic, _, number = partition.rpartition("/")
    if not topic or not number.isdecimal():
        raise typer.BadParameter("topic/partition, as `list` prints it", param_hint="PARTITION")
    if not reason.strip():
        raise typer.BadParameter("a partition is released for a reason", param_hint="--reason")

    async def released(opened: Mapping[str, Opened]) -> None:
        one = opened[service]
        async with one.units.open() as work:
            place = TopicPartition(topic, int(number))
            await one.brakes.release(work, place, By(by, reason.strip()), pass_over=pass_over)

    _run(released, data, service)
    typer.echo(f"{partition} is released; the running service goes on with it")


def _run(
    act: Callable[[Mapping[str, Opened]], Awaitable[T]],
    data: Path,
    service: str | None = None,
    *,
    reading: bool = False,
) -> T:
    """What `act` answers, on the brakes of `service` or of all. A refusal ends the command with its sentence."""

    async def run() -> T:
        async with opened_database(data, reading=reading) as database:
            services = (("ingest", ingest), ("dispatcher", dispatch), ("watch", watch), ("console", console))
            return await act(
                {
                    name: _opened(database, name, tables.brakes, tables.dead_letters, tables.outbox)
                    for name, tables in services
                    if service in (None, name)
                }
            )

    try:
        return asyncio.run(run())
    except Refusal as refusal:
        sys.exit(f"tricolor: {refusal.detail}")


def _opened(database: Database, name: str, brakes: Table, letters: Table, outbox: Table) -> Opened:
    clock, settings = SystemClock(), Settings()
    units = UnitsOfWork(
        database=database,
        outbox=Outbox(outbox, clock),
        clock=clock,
        publisher=Publisher(SERVICE_OF[name], settings.topic_prefix),
        make=UnitOfWork,
        hashing=settings.evidence_hash,
    )
    return Opened(Brakes(brakes, DeadLetters(letters, SERVICE_OF[name]), units=units, policy=policy.load()), units)


def _show(found: Mapping[str, list[Brake]]) -> None:
    blocks = (
        Block(
            [name, f"{one.topic}/{one.partition}"],
            [one.text, *([f"released by {one.released_by}: {one.release_reason}"] if one.released_at else [])],
        )
        for name, brakes in found.items()
        for one in brakes
    )
    show("停止读取的分区 · partitions that are not read until they are released", blocks, none="没有 · none is stopped")
