"""Who acts on the command line in what takes two people.

What a command acts on (`services.commands.office`) needs most of the system, so it is loaded when it is opened.
"""

import asyncio
import os
import pwd
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from shared.contract.refusals import NotAllowed, Refusal
from shared.contract.roles import Role
from shared.settings import Settings

if TYPE_CHECKING:
    from services.commands.office import Office
    from shared.messaging.proposals.people import Person

T = TypeVar("T")
Name = Literal["ingest", "dispatcher", "watch"]
DATA = Path(".tricolor")
Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL is kept, without TRICOLOR_DATABASE_URL.")]
ByRole = Annotated[Role, typer.Option(help="In which role, where no --token says so.")]
Token = Annotated[
    str | None, typer.Option(help="The bearer token of whoever acts, instead of a name: of somebody who signed in.")
]
NobodyElse = Annotated[
    bool,
    typer.Option(
        "--nobody-else",
        help="There is nobody else to confirm it: do it at once, and keep that. Not where people sign in (OIDC).",
    ),
]
ALONE = "（仅一人操作，未经他人批准 · by one person alone）"


async def acting(by: str | None, role: Role, station: str | None, token: str | None, data: Path) -> "Person":
    """Whoever acts: the bearer of `token`, or the user of this machine under the name of `by`.

    Raises NotAllowed for a token that is not valid.
    """
    from shared.messaging.proposals.people import Person  # noqa: PLC0415  see the top

    if token is not None:
        from shared.web.identity import Identity  # noqa: PLC0415  FastAPI, for commands that are given a token
        from shared.web.problems import Problem  # noqa: PLC0415

        try:
            return Person.of(await Identity.from_settings(Settings(), data).bearer(token))
        except Problem as problem:
            raise NotAllowed(problem.detail) from problem
    if not by or not by.strip():
        raise typer.BadParameter("say who acts: --by, or --token")
    login = f"{pwd.getpwuid(os.getuid()).pw_name}@{socket.gethostname()}"
    return Person(role.value, by.strip(), station, login=login)


def require_nobody_else() -> None:
    """End the command where people sign in, so that there is somebody else."""
    if Settings().oidc_issuer is not None:
        sys.exit("tricolor: --nobody-else: people sign in here (TRICOLOR_OIDC_ISSUER), so somebody else can confirm it")


def run(act: Callable[["Office"], Awaitable[T]], data: Path, *, reading: bool = False) -> T:
    """What `act` answers. A refusal ends the command with its sentence."""
    from services.commands.office import Office  # noqa: PLC0415  see the top
    from services.infrastructure import opened_database  # noqa: PLC0415

    async def opened() -> T:
        async with opened_database(data, reading=reading) as database:
            return await act(Office(database))

    try:
        return asyncio.run(opened())
    except Refusal as refusal:
        sys.exit(f"tricolor: {refusal.detail}")
