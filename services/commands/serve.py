"""The command `tricolor serve`: the services, until Ctrl-C."""

import gc
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer
import uvloop

from services import runner
from services.sample.loading import load
from shared.runtime.demonstrations import require_real
from shared.settings import Settings
from shared.telemetry import configure_logging
from shared.time.clock import SystemClock

app = typer.Typer()

Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL and the development key are kept.")]
DATA = Path(".tricolor")


@app.command()
def serve(
    name: Annotated[Literal["all", "ingest", "dispatcher", "watch", "console"], typer.Argument(help="What to run.")],
    data: Data = DATA,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="Default: 8000; alone 8001 to 8004; 0 takes a free one.")] = None,
    ready_file: Annotated[Path | None, typer.Option(help="Holds the addresses as JSON while all is ready.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Load the sample district once.")] = False,
    migrate: Annotated[bool, typer.Option(help="Bring the schemas up to date before starting.")] = True,
) -> None:
    """Run the services in real time until Ctrl-C."""
    require_real(data)
    configure_logging()
    settings = Settings()
    if sample and name not in {"all", "dispatcher"}:
        raise typer.BadParameter("the sample district is the dispatcher's: use --sample with `all` or `dispatcher`")
    if sample and settings.oidc_issuer is not None:
        raise typer.BadParameter("the sample district is for trying out, with development tokens")

    clock = SystemClock()
    gc.disable()  # until all is ready: what is made up to then stays, and `freeze_heap` looks through it once

    async def load_sample(system: runner.Running) -> None:
        dispatcher = system.services["dispatcher"]
        await load(dispatcher.database, dispatcher.outbox, clock, settings.topic_prefix)

    try:
        uvloop.run(
            runner.serve(
                name,
                settings=settings,
                clock=clock,
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
