"""The commands `tricolor demo` and `tricolor simulate`: the sample district, played."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from services.demo.play import play
from services.sample.anomalies import everyday
from shared.contract.events import Topic
from shared.messaging.kafka import describe_failure
from shared.settings import Settings
from shared.telemetry import configure_logging
from shared.time.clock import SystemClock
from shared.web.server import AddressTaken

app = typer.Typer()

Data = Annotated[Path, typer.Option(help="Where embedded PostgreSQL and the development key are kept.")]
DATA = Path(".tricolor-demo")


@app.command()
def demo(
    data: Data = DATA,
    port: Annotated[int, typer.Option(help="HTTP port; 0 takes a free one.")] = 8000,
    stay: Annotated[bool, typer.Option(help="Go on after the story until Ctrl-C.")] = True,
) -> None:
    """The main job, live: a sample district under a scaled clock, about three minutes. What `make run` runs.

    Its data have a directory of their own: they are ahead of the time, and nothing real goes beside them.
    """
    configure_logging("ERROR")
    try:
        seen = asyncio.run(play(settings=Settings(), data=data, port=port, stay=stay))
    except AddressTaken as taken:
        sys.exit(f"tricolor: {taken}")
    sys.exit(0 if seen or stay else 1)


@app.command()
def simulate(
    kafka: Annotated[str, typer.Option(help="Bootstrap servers, as the ready file names them.")],
    count: Annotated[int, typer.Option(min=1, help="How many events to push.")] = 100,
    per_second: Annotated[float, typer.Option(min=0.1, help="How fast.")] = 10,
) -> None:
    """Push anomalies of the sample district to Kafka, as a monitoring platform does, and print each."""
    settings = Settings()
    topic = settings.topic(Topic.ANOMALY_EVENTS)

    async def push_all() -> None:
        number = 0
        client = settings.kafka_client(kafka)
        async for one in everyday(client, topic, SystemClock(), count=count, seconds=1 / per_second):
            number += 1
            typer.echo(
                f"{number}/{count}  {one.enterprise.code}  {one.category}  {one.enterprise.name} {one.outlet.name}"
            )

    typer.echo(f"推送样例异常 · pushing {count} anomalies to {topic} at {kafka}, {per_second:g} a second")
    try:
        asyncio.run(push_all())
    except KafkaError as error:
        sys.exit(f"tricolor: {kafka}: {describe_failure(error)}")
    typer.echo(f"已推送 · pushed {count}; the services grade them as they come")
