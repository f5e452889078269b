"""The command `tricolor token`."""

from pathlib import Path
from typing import Annotated

import typer

from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer

app = typer.Typer()


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="What the bearer may do.")],
    data: Annotated[Path, typer.Option(help="Where the development key is kept.")] = Path(".tricolor"),
    subject: Annotated[str | None, typer.Option(help="Who: an officer's or enterprise's code, a name.")] = None,
    station: Annotated[str | None, typer.Option(help="For officers and station chiefs.")] = None,
    enterprise: Annotated[
        list[str] | None, typer.Option(help="For enterprises; several times for one who answers for several.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="For platforms: a source it may push and read; none means all.")
    ] = None,
) -> None:
    """Print a development token, for services that run without an identity provider on this machine."""
    issuer = DevelopmentIssuer(data)
    if issuer.is_new:
        typer.echo(
            f"A new development key was made in {data.resolve()}. Services that keep their data elsewhere refuse its"
            " tokens: name their directory with --data.",
            err=True,
        )
    own = enterprise or []
    principal = Principal(
        role=role,
        subject=subject or next(iter(own), role.value),
        station=station,
        enterprise=own[0] if len(own) == 1 else None,
        enterprises=tuple(own) if len(own) > 1 else (),
        sources=tuple(source or ()),
    )
    typer.echo(issuer.token(principal, Settings().oidc_audience, SystemClock().now()))
