"""The commands `tricolor dead-letters …`: what the three services refused, and what becomes of it."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from uuid import UUID

import typer
from pydantic import BaseModel
from pydantic_core import to_json
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from services.alert_ingest import tables as ingest
from services.deadline_watch import tables as watch
from services.dispatcher import tables as dispatch
from services.infrastructure import opened_database
from shared.messaging.dead_letters import policy, reading
from shared.messaging.dead_letters.reading import Counts, DeadLetter, WholeDeadLetter
from shared.messaging.dead_letters.store import AT_ONCE, By, DeadLetters, State, asked
from shared.messaging.outbox import Outbox
from shared.storage.database import Database
from shared.time.clock import Clock, SystemClock
from shared.time.instants import shown
from shared.web.problems import Problem

app = typer.Typer(no_args_is_help=True, help="Dead letters: what was refused and waits for a person.")

T = TypeVar("T")
Name = Literal["ingest", "dispatcher", "watch"]
DATA = Path(".tricolor")
Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL is kept, without TRICOLOR_DATABASE_URL.")]
Service = Annotated[Name | None, typer.Option(help="Only what this service refused.")]
Topic = Annotated[str | None, typer.Option(help="Only from this topic.")]
Who = Annotated[str, typer.Option(help="Who decides.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@dataclass(frozen=True)
class Desk:
    """The work list of one service, and the outbox that its retries leave through."""

    letters: DeadLetters
    outbox: Outbox


@dataclass(frozen=True)
class Opened:
    database: Database
    clock: Clock
    desks: Mapping[str, Desk]

    async def where(self, letter_id: UUID) -> Desk:
        """The desk that has the letter, or the first one, which will say that there is none."""
        async with self.database.transaction() as connection:
            for desk in self.desks.values():
                if await reading.exists(connection, desk.letters.table, letter_id):
                    return desk
        return next(iter(self.desks.values()))


class Listed(BaseModel):
    """What `list --json` prints for a service."""

    counts: Counts
    items: list[DeadLetter]


@app.command("list")
def list_(
    service: Service = None,
    code: Annotated[str | None, typer.Option(help="Only those refused for this reason.")] = None,
    topic: Topic = None,
    state: Annotated[State, typer.Option(help="Waiting ones, or those already decided on.")] = State.WAITING,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many of each service, the oldest first.")] = 50,
    as_json: Json = False,
    data: Data = DATA,
) -> None:
    """List dead letters, and count those that wait by reason, with the age of the oldest."""

    async def listed(opened: Opened) -> dict[str, Listed]:
        now, found = opened.clock.now(), {}
        async with opened.database.transaction() as connection:
            for name, desk in opened.desks.items():
                table = desk.letters.table
                conditions = asked(table, state=state, code=code, topic=topic)
                rows = await reading.listed(connection, table, conditions, limit)
                counts = await reading.counted(connection, table, policy.load(), now)
                found[name] = Listed(counts=counts, items=[DeadLetter.of(row, now) for row in rows])
        return found

    found = _run(listed, data, service)
    if as_json:
        typer.echo(to_json({name: one.model_dump(mode="json") for name, one in found.items()}, indent=2).decode())
    else:
        _show_list(found, state)


@app.command()
def show(letter_id: Annotated[UUID, typer.Argument(help="As `list` prints it.")], data: Data = DATA) -> None:
    """Show one letter as JSON: its record as it came, its headers, and every attempt at it."""

    async def shown_(opened: Opened) -> WholeDeadLetter:
        desk = await opened.where(letter_id)
        async with opened.database.transaction() as connection:
            return await reading.whole(connection, desk.letters.table, letter_id, opened.clock.now())

    typer.echo(_run(shown_, data).model_dump_json(indent=2))


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
            desk = await opened.where(letter_id)
            async with opened.database.transaction() as connection:
                _, told = await desk.letters.retry(connection, letter_id, By(by, opened.clock.now()))
                await desk.outbox.append(connection, told)
        return len(letter_ids or ())

    async def of_code(opened: Opened) -> int:
        retried = 0
        for desk in opened.desks.values():
            last = AT_ONCE
            while last == AT_ONCE:
                async with opened.database.transaction() as connection:
                    who = By(by, opened.clock.now())
                    told = await desk.letters.retry_all(connection, who, code=code or "", topic=topic)
                    await desk.outbox.append(connection, told)
                last = len(told)
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
        desk = await opened.where(letter_id)
        async with opened.database.transaction() as connection:
            await desk.letters.discard(connection, letter_id, By(by, opened.clock.now(), reason.strip()))

    _run(discarded, data)
    typer.echo(f"{letter_id} is discarded; it stays as evidence")


def _run(work: Callable[[Opened], Awaitable[T]], data: Path, service: str | None = None) -> T:
    """What `work` answers, on the desks of `service` or of all. A problem ends the command with its sentence."""

    async def run() -> T:
        clock = SystemClock()
        desks = {
            name: Desk(DeadLetters(tables.dead_letters, name), Outbox(tables.outbox, clock))
            for name, tables in (("ingest", ingest), ("dispatcher", dispatch), ("watch", watch))
            if service in (None, name)
        }
        async with opened_database(data) as database:
            return await work(Opened(database, clock, desks))

    try:
        return asyncio.run(run())
    except Problem as problem:
        sys.exit(f"tricolor: {problem.detail}")


def _show_list(found: Mapping[str, Listed], state: State) -> None:
    console = Console()
    counts = Table(title="dead letters that wait, by reason")
    for column in ("service", "reason", "topic", "waiting", "too long", "oldest"):
        counts.add_column(column)
    for name, one in found.items():
        for count in one.counts.items:
            age = _age(count.oldest_seconds)
            counts.add_row(name, escape(count.code), escape(count.topic), str(count.waiting), str(count.overdue), age)
    console.print(counts)
    letters = Table(title=f"{state} letters, the oldest first")
    for column in ("letter", "service", "reason", "age", "attempt", "refused at", "origin", "detail"):
        letters.add_column(column, no_wrap=column == "letter")
    for name, one in found.items():
        for item in one.items:
            letters.add_row(
                str(item.letter_id),
                name,
                escape(item.code),
                _age(item.age_seconds),
                str(item.attempt),
                shown(item.failed_at),
                escape(item.origin),
                escape(_one_line(item.detail)),
            )
    console.print(letters)


def _age(seconds: float) -> str:
    return str(timedelta(seconds=int(seconds)))


def _one_line(detail: str) -> str:
    """Of what a sender can write, what a terminal may be given."""
    line = "".join(character if character.isprintable() else " " for character in detail)
    return line if len(line) <= 120 else line[:119] + "…"
