"""The command `tricolor`."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

import httpx
import typer

from services import runner
from services.commands import backup, calendar, dead_letters, deadline, reconcile, replay, rules
from services.demo.play import play
from services.front import PREFIXES
from services.infrastructure import prepare_database
from services.sample.anomalies import everyday
from services.sample.district import load
from shared.clock import SystemClock
from shared.events import Topic
from shared.identity import DevelopmentIssuer, Principal
from shared.roles import Role
from shared.settings import Settings
from shared.telemetry import configure_logging

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="三色预警响应 Tricolor: grades pollution-monitoring anomalies, dispatches officers, keeps the clocks.",
)
app.add_typer(deadline.app, name="deadline")
app.add_typer(rules.app, name="rules")
app.add_typer(calendar.app, name="calendar")
app.add_typer(dead_letters.app, name="dead-letters")
app.command("backup")(backup.backup_)
app.command("restore")(backup.restore_)
app.command()(replay.replay)
app.command()(reconcile.reconcile)

Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL and the development key are kept.")]
DATA = Path(".tricolor")


@app.command()
def serve(
    name: Annotated[Literal["all", "ingest", "dispatcher", "watch"], typer.Argument(help="What to run.")],
    data: Data = DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Default: 8000; alone 8001, 8002, 8003; 0 takes a free one.")] = None,
    ready_file: Annotated[Path | None, typer.Option(help="Holds the addresses as JSON while all is ready.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Load the sample district once.")] = False,
    migrate: Annotated[bool, typer.Option(help="Bring the schemas up to date before starting.")] = True,
) -> None:
    """Run the services in real time until Ctrl-C."""
    configure_logging()
    settings = Settings()
    if sample and name not in {"all", "dispatcher"}:
        raise typer.BadParameter("the sample district is the dispatcher's: use --sample with `all` or `dispatcher`")
    if sample and settings.oidc_issuer is not None:
        raise typer.BadParameter("the sample district is for trying out, with development tokens")

    async def load_sample(system: runner.Running) -> None:
        admin = DevelopmentIssuer(data).token(
            Principal(role=Role.ADMIN, subject="sample"), settings.oidc_audience, SystemClock().now()
        )
        base = system.http + (PREFIXES["dispatcher"] if name == "all" else "")
        async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {admin}"}) as client:
            await load(client)

    try:
        asyncio.run(
            runner.serve(
                name,
                settings=settings,
                clock=SystemClock(),
                data=data,
                host=host,
                port=runner.PORTS[name] if port is None else port,
                migrating=migrate,
                ready_file=ready_file,
                once_ready=load_sample if sample else None,
            )
        )
    except (runner.ExposedDevelopmentTokensError, OSError) as error:
        sys.exit(f"tricolor: {error}")


@app.command()
def demo(
    data: Data = DATA,
    port: Annotated[int, typer.Option(help="HTTP port; 0 takes a free one.")] = 8000,
    stay: Annotated[bool, typer.Option(help="Go on after the story until Ctrl-C.")] = True,
) -> None:
    """The main job, live: a sample district under a scaled clock, about three minutes. What `make run` runs."""
    configure_logging("ERROR")
    seen = asyncio.run(play(settings=Settings(), data=data, port=port, stay=stay))
    sys.exit(0 if seen or stay else 1)


@app.command()
def simulate(
    kafka: Annotated[str, typer.Option(help="Bootstrap servers, as the ready file names them.")],
    count: Annotated[int, typer.Option(min=1, help="How many events to push.")] = 100,
    per_second: Annotated[float, typer.Option(min=0.1, help="How fast.")] = 10,
) -> None:
    """Push anomalies of the sample district to Kafka, as a monitoring platform does."""
    settings = Settings()
    topic = settings.topic(Topic.ANOMALY_EVENTS)
    asyncio.run(everyday(settings.kafka_client(kafka), topic, SystemClock(), count=count, seconds=1 / per_second))


@app.command()
def migrate() -> None:
    """Bring the schemas in TRICOLOR_DATABASE_URL up to date. Safe to run twice, or twice at once."""
    configure_logging()
    url = Settings().database_url
    if url is None:
        sys.exit("tricolor: TRICOLOR_DATABASE_URL is not set; an embedded database migrates itself")
    asyncio.run(prepare_database(url, migrating=True))


@app.command()
def token(
    role: Annotated[Role, typer.Option(help="What the bearer may do.")],
    data: Data = DATA,
    subject: Annotated[str | None, typer.Option(help="Who: an officer's or enterprise's code, a name.")] = None,
    station: Annotated[str | None, typer.Option(help="For officers and station chiefs.")] = None,
    enterprise: Annotated[str | None, typer.Option(help="For enterprises.")] = None,
) -> None:
    """Print a development token, for services that run without an identity provider on this machine."""
    principal = Principal(
        role=role, subject=subject or enterprise or role.value, station=station, enterprise=enterprise
    )
    typer.echo(DevelopmentIssuer(data).token(principal, Settings().oidc_audience, SystemClock().now()))


def main() -> None:
    app()
