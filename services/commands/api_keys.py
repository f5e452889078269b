"""The commands `tricolor api-keys …`: the keys with which platforms push over HTTP."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from pydantic import ValidationError

from services.alert_ingest import tables
from services.alert_ingest.handlers.api_keys import (
    ApiKey,
    KeyBody,
    NewApiKey,
    RevocationBody,
    RotationBody,
    create_key,
    revoke_key,
    rotate_key,
)
from services.alert_ingest.store import api_keys as store
from services.alert_ingest.store.unit_of_work import units_of_work
from services.commands.listing import Block, print_json, show
from services.infrastructure import opened_database
from shared.contract.events import Actor
from shared.contract.refusals import Refusal
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.messaging.unit_of_work import UnitOfWork
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.time.instants import shown

app = typer.Typer(no_args_is_help=True, help="API keys of platforms: create, list, rotate and revoke them.")

T = TypeVar("T")
DATA = Path(".tricolor")
Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL is kept, without TRICOLOR_DATABASE_URL.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
By = Annotated[str, typer.Option(help="Who decides.")]
Days = Annotated[int, typer.Option(help="How long it is valid.")]
KeyId = Annotated[UUID, typer.Argument(help="As `list` prints it.")]


@app.command()
def create(
    platform: Annotated[str, typer.Argument(help="The platform's name, as records show it.")],
    source: Annotated[list[str], typer.Option(help="A CloudEvents `source` that it speaks for; several are given so.")],
    by: By,
    days: Days = 365,
    signed: Annotated[bool, typer.Option(help="Take its bodies only where they are signed with the key.")] = False,
    as_json: Json = False,
    data: Data = DATA,
) -> None:
    """Make a key for a platform, and print it."""
    given = _given(lambda: KeyBody(platform=platform, sources=source, days=days, signed=signed))
    _print(_run(lambda work: create_key(work, _actor(by), given), data), as_json=as_json)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many, the latest first.")] = 100,
    as_json: Json = False,
    data: Data = DATA,
) -> None:
    """List the keys: whose, for what, until when, and when each was used last."""

    async def listed(work: UnitOfWork) -> list[ApiKey]:
        rows = await store.list_keys(work.connection, after=None, limit=limit)
        return [ApiKey.model_validate(row) for row in rows]

    keys = _run(listed, data, reading=True)
    if as_json:
        print_json([key.model_dump(mode="json") for key in keys])
        return
    blocks = (Block([str(key.key_id), f"{key.platform} {key.shown}…"], _about(key)) for key in keys)
    show("平台密钥 · the API keys of platforms", blocks, none="没有 · none")


@app.command()
def rotate(
    key_id: KeyId,
    by: By,
    overlap_hours: Annotated[float, typer.Option(help="How long the old one is valid beside it.")] = 72,
    days: Days = 365,
    as_json: Json = False,
    data: Data = DATA,
) -> None:
    """Make a key in place of another, and print it; the other ends when the overlap does."""
    given = _given(lambda: RotationBody(overlap_hours=overlap_hours, days=days))
    _print(_run(lambda work: rotate_key(work, _actor(by), key_id, given), data), as_json=as_json)


@app.command()
def revoke(
    key_id: KeyId, by: By, reason: Annotated[str, typer.Option(help="Why, for whoever asks later.")], data: Data = DATA
) -> None:
    """Have a key open nothing any more."""
    given = _given(lambda: RevocationBody(reason=reason))
    key = _run(lambda work: revoke_key(work, _actor(by), key_id, given), data)
    typer.echo(f"{key.platform} {key.shown}… is revoked; services that just saw it take it ten seconds longer at most")


def _actor(by: str) -> Actor:
    """Whoever has the database acts as an administrator."""
    return Actor(role=Role.ADMIN, subject=by)


def _given(make: Callable[[], T]) -> T:
    """What was asked for. Ends the command for what no key can be."""
    try:
        return make()
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        sys.exit(f"tricolor: {'.'.join(map(str, fault['loc']))}: {fault['msg']}")


def _run(act: Callable[[UnitOfWork], Awaitable[T]], data: Path, *, reading: bool = False) -> T:
    """What `act` answers, in one unit of work. A refusal ends the command with its sentence."""

    async def run() -> T:
        async with opened_database(data, reading=reading) as database:
            clock = SystemClock()
            units = units_of_work(database, Outbox(tables.outbox, clock), clock, Settings().topic_prefix)
            async with units.open() as work:
                return await act(work)

    try:
        return asyncio.run(run())
    except Refusal as refusal:
        sys.exit(f"tricolor: {refusal.detail}")


def _print(key: NewApiKey, *, as_json: bool) -> None:
    if as_json:
        print_json(key.model_dump(mode="json"))
        return
    typer.echo(key.key)
    until = "for ever" if key.expires_at is None else f"until {shown(key.expires_at)}"
    typer.echo(f"{key.key_id}: for {key.platform}, {until}. It is shown this once.", err=True)


def _about(key: ApiKey) -> list[str]:
    used = "never used" if key.last_used_at is None else f"last used {shown(key.last_used_at)}"
    until = "" if key.expires_at is None else f", until {shown(key.expires_at)}"
    lines = [f"{', '.join(key.sources)}{', signed' if key.signed else ''}{until}; {used}"]
    if key.revoked_at is not None:
        lines.append(f"revoked {shown(key.revoked_at)} by {key.revoked_by}: {key.revoke_reason}")
    return lines
