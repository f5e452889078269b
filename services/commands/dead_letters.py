"""The commands `tricolor dead-letters …`: what the services refused, and what becomes of it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import typer
from pydantic import BaseModel
from sqlalchemy import Table

from services.alert_ingest import tables as ingest
from services.commands.listing import Block, age, columns, print_json, show
from services.console import tables as console
from services.deadline_watch import tables as watch
from services.dispatcher import tables as dispatch
from services.infrastructure import SERVICE_OF, opened_database
from shared.contract.messages import Publisher
from shared.contract.refusals import Refusal
from shared.messaging.dead_letters import policy, reading
from shared.messaging.dead_letters.reading import Counts, DeadLetter, WholeDeadLetter
from shared.messaging.dead_letters.store import AT_ONCE, By, DeadLetters, LetterState, asked
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock, SystemClock
from shared.time.instants import shown

app = typer.Typer(no_args_is_help=True, help="Dead letters: what was refused and waits for a person.")

T = TypeVar("T")
Name = Literal["ingest", "dispatcher", "watch", "console"]
_SERVICES = (("ingest", ingest), ("dispatcher", dispatch), ("watch", watch), ("console", console))
DATA = Path(".tricolor")
Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL is kept, without TRICOLOR_DATABASE_URL.")]
Service = Annotated[Name | None, typer.Option(help="Only what this service refused.")]
Topic = Annotated[str | None, typer.Option(help="Only from this topic.")]
Who = Annotated[str, typer.Option(help="Who decides.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True)
class WorkList:
    """The dead letters of one service, and the units of work in which they are decided on."""

    letters: DeadLetters
    units: UnitsOfWork[UnitOfWork]


@dataclass(frozen=True)
class Opened:
    database: Database
    clock: Clock
    lists: Mapping[str, WorkList]

    async def where(self, letter_id: UUID) -> WorkList:
        """The work list that has the letter, or the first one, which will say that there is none."""
        async with self.database.transaction() as connection:
            for one in self.lists.values():
                if await reading.exists(connection, one.letters.table, letter_id):
                    return one
        return next(iter(self.lists.values()))


class Listed(BaseModel):
    """What `list --json` prints for a service."""

    counts: Counts
    items: list[DeadLetter]


@app.command("list")
def list_(
    service: Service = None,
    code: Annotated[str | None, typer.Option(help="Only those refused for this reason.")] = None,
    topic: Topic = None,
    state: Annotated[
        LetterState, typer.Option(help="Waiting ones, or those already decided on.")
    ] = LetterState.WAITING,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of each service, the oldest first.")] = 50,
    as_json: Json = False,
    data: Data = DATA,
) -> None:
    """List dead letters, and count those that wait by reason, with the age of the oldest."""

    async def listed(opened: Opened) -> dict[str, Listed]:
        now, found = opened.clock.now(), {}
        async with opened.database.transaction() as connection:
            for name, work_list in opened.lists.items():
                table = work_list.letters.table
                conditions = asked(table, state=state, code=code, topic=topic)
                rows = await reading.listed(connection, table, conditions, limit)
                counts = await reading.counted(connection, table, policy.load(), now)
                found[name] = Listed(counts=counts, items=[DeadLetter.of(row, now) for row in rows])
        return found

    found = _run(listed, data, service, reading=True)
    if as_json:
        print_json({name: one.model_dump(mode="json") for name, one in found.items()})
    else:
        _show_list(found, state)


@app.command("show")
def show_letter(letter_id: Annotated[UUID, typer.Argument(help="As `list` prints it.")], data: Data = DATA) -> None:
    """Show one letter as JSON: its record as it came, its headers, and every attempt at it."""

    async def shown_(opened: Opened) -> WholeDeadLetter:
        work_list = await opened.where(letter_id)
        async with opened.database.transaction() as connection:
            return await reading.whole(connection, work_list.letters.table, letter_id, opened.clock.now())

    typer.echo(_run(shown_, data, reading=True).model_dump_json(indent=2))


@app.command()
def retry(
    by: Who,
    letter_ids: Annotated[list[UUID] | None, typer.Argument(help="Which letters; or give --code.")] = None,
    code: Annotated[str | None, typer.Option(help="Every waiting letter refused for this reason.")] = None,
    service: Service = None,
    topic: Topic = None,
    data: Data = DATA,
) -> None:
    """Send letters to their topics again, byte for byte. What is refused again is a new letter."""
    if bool(letter_ids) == bool(code):
        raise typer.BadParameter("name the letters, or give --code: one of the two")
    if letter_ids and (service or topic):
        raise typer.BadParameter("--service and --topic narrow --code; letters are named in full")

    async def named(opened: Opened) -> int:
        for letter_id in letter_ids or ():
            work_list = await opened.where(letter_id)
            async with work_list.units.open() as work:
                await work_list.letters.retry(work, letter_id, By(by))
        return len(letter_ids or ())

    async def of_code(opened: Opened) -> int:
        retried = 0
        for work_list in opened.lists.values():
            last = AT_ONCE
            while last == AT_ONCE:
                async with work_list.units.open() as work:
                    last = await work_list.letters.retry_all(work, By(by), code=code or "", topic=topic)
                retried += last
        return retried

    retried = _run(named if letter_ids else of_code, data, service)
    typer.echo(f"{retried} sent again; the running service relays them, and what is refused again is listed anew")


@app.command()
def discard(
    letter_id: Annotated[UUID, typer.Argument(help="As `list` prints it.")],
    by: Who,
    reason: Annotated[str, typer.Option(help="Why, for whoever asks years later.")],
    data: Data = DATA,
) -> None:
    """Give a letter up. It stays as evidence and can never be retried."""
    if not reason.strip():
        raise typer.BadParameter("a letter is given up for a reason", param_hint="--reason")

    async def discarded(opened: Opened) -> None:
        work_list = await opened.where(letter_id)
        async with work_list.units.open() as work:
            await work_list.letters.discard(work, letter_id, By(by, reason.strip()))

    _run(discarded, data)
    typer.echo(f"{letter_id} is discarded; it stays as evidence")


def _run(act: Callable[[Opened], Awaitable[T]], data: Path, service: str | None = None, *, reading: bool = False) -> T:
    """What `act` answers, on the work list of `service` or of all. A refusal ends the command with its sentence."""

    async def run() -> T:
        clock, settings = SystemClock(), Settings()

        def work_list(name: str, letters: Table, outbox: Table) -> WorkList:
            units = UnitsOfWork(
                database=database,
                outbox=Outbox(outbox, clock),
                clock=clock,
                publisher=Publisher(SERVICE_OF[name], settings.topic_prefix),
                make=UnitOfWork,
                hashing=settings.evidence_hash,
            )
            return WorkList(DeadLetters(letters, SERVICE_OF[name]), units)

        async with opened_database(data, reading=reading) as database:
            lists = {
                name: work_list(name, tables.dead_letters, tables.outbox)
                for name, tables in _SERVICES
                if service in (None, name)
            }
            return await act(Opened(database, clock, lists))

    try:
        return asyncio.run(run())
    except Refusal as refusal:
        sys.exit(f"tricolor: {refusal.detail}")


def _show_list(found: Mapping[str, Listed], state: LetterState) -> None:
    counts = [
        [
            name,
            one.code,
            one.topic,
            f"{one.waiting} waiting",
            f"{one.overdue} too long",
            f"oldest {age(one.oldest_seconds)}",
        ]
        for name, of_service in found.items()
        for one in of_service.counts.items
    ]
    show(
        "按原因统计 · dead letters that wait, by reason",
        columns(counts) if counts else (),
        none="没有死信待处理 · none waits",
    )
    letters = (
        Block(
            [str(one.letter_id), name, one.code],
            [
                f"{one.origin} · {shown(one.failed_at)} · age {age(one.age_seconds)} · attempt {one.attempt}",
                one.detail,
            ],
        )
        for name, of_service in found.items()
        for one in of_service.items
    )
    show(f"死信 · {state} letters, the oldest first", letters, none=f"没有 · no {state} letters")
