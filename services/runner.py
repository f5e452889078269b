"""Running the services: all in one process under one port, or one of them alone. The same code either way.

It is long for being one life: what is begun here (parts, bells, HTTP, work, readiness, signals) has to end here, in
order and whatever failed, and each step says why it stands before the next.
"""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx
from pydantic_core import to_json

from services.alert_ingest.build import build as build_alert_ingest
from services.console.build import build as build_console
from services.deadline_watch.build import build as build_deadline_watch
from services.dispatcher.build import build as build_dispatcher
from services.dispatcher.evidence.case_files import CaseEvidence
from services.front import front
from services.front.passing_on import TIMEOUT, PassedOn
from services.infrastructure import Infrastructure, infrastructure, room_in_step
from services.reconcile.schedule import reconciling
from shared.contract.messages import PLATFORMS, WRITERS
from shared.messaging.bells import connect, ring_when_written
from shared.messaging.kafka import first_of
from shared.messaging.precedence import Precedence
from shared.runtime.service import Service
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.web.app import Health
from shared.web.identity import Identity
from shared.web.server import Server, is_loopback, listen, server_of

logger = logging.getLogger(__name__)

Build = Callable[..., Service]


def _case_files(database: Database, settings: Settings, clock: Clock) -> CaseEvidence:
    from services.case_file.exporting import CaseFiles  # noqa: PLC0415  with what typesets, for routes alone

    return CaseFiles(database, settings, clock)


BUILDS: Mapping[str, Build] = {
    "ingest": build_alert_ingest,
    "dispatcher": partial(build_dispatcher, case_evidence_of=_case_files),
    "watch": build_deadline_watch,
    "console": build_console,
}
"""By the name that `tricolor serve` knows them under."""
PORTS = {"all": 8000, "ingest": 8001, "dispatcher": 8002, "watch": 8003, "console": 8004}


@dataclass(frozen=True)
class Running:
    """What runs, where it is reached, and how to end it."""

    http: str
    kafka: str
    database: str
    services: dict[str, Service]
    server: Server
    stopping: asyncio.Event
    prepared: asyncio.Event
    """Set when what the services need was there, or is not waited for any more."""

    def addresses(self) -> dict[str, str]:
        return {"http": self.http, "kafka": self.kafka, "database": self.database}


def builds(settings: Settings, clock: Clock) -> Mapping[str, Build]:
    """The same, with deadline_watch proving the chain of all of them by schedule."""
    return {**BUILDS, "watch": partial(build_deadline_watch, reconciling=partial(reconciling, settings, clock))}


class ExposedDevelopmentTokensError(Exception):
    """Tokens that anyone on this machine can make must not open a door to other machines."""


@contextlib.asynccontextmanager
async def running(
    name: str,
    *,
    settings: Settings,
    clock: Clock,
    data: Path,
    host: str,
    port: int,
    stopping: asyncio.Event,
    migrating: bool = True,
) -> AsyncIterator[Running]:
    """`name` (all, ingest, dispatcher, watch, console) at work, or waiting for what it needs; `/readyz` tells which.

    Setting `stopping` ends the work, and leaving the block everything, within 10 seconds. Raises what a service
    could not go on from, and ExposedDevelopmentTokensError before anything is started.
    """
    if settings.oidc_issuer is None and settings.development_tokens == "loopback" and not is_loopback(host):
        raise ExposedDevelopmentTokensError(
            f"without TRICOLOR_OIDC_ISSUER the development tokens are in force, and those only on loopback; "
            f"{host} is reachable from elsewhere"
        )
    chosen = list(BUILDS) if name == "all" else [name]
    if settings.attachments_url is None:
        settings = settings.model_copy(update={"attachments_url": (data / "attachments").absolute().as_uri()})
    if settings.evidence_directory is None:
        settings = settings.model_copy(update={"evidence_directory": (data / "evidence").absolute()})
    async with (
        infrastructure(settings, data, migrating=migrating) as base,
        _elsewhere(settings, name) as elsewhere,
    ):
        identity = Identity.from_settings(settings, data)
        build = builds(settings, clock)
        services = {
            one: build[one](
                settings,
                clock,
                database_url=base.database_url,
                kafka=settings.kafka_client(base.bootstrap_servers),
                identity=identity,
                room=room_in_step(settings, one) if base.broker_forgets else None,
            )
            for one in chosen
        }
        ours = frozenset(settings.topic(topic) for topic, writer in WRITERS.items() if writer != PLATFORMS)
        let_answers_go_first(services.values(), ours)
        ringing: asyncio.Task[None] | None = None
        if base.was_written_to is not None and name == "all":
            bells = connect(
                [service.relay for service in services.values()],
                [consumer for service in services.values() for consumer in service.consumers],
                ours,
            )
            ringing = asyncio.create_task(ring_when_written(bells, base.was_written_to))
        app = (
            front(
                services,
                elsewhere,
                identity_provider=settings.oidc_issuer,
                alone=None if name == "all" else name,
            )
            if name in {"all", "console"}  # the pages have the same paths alone as beside the others
            else services[name].app
        )
        listening = listen(host, port)
        server = server_of(app)
        # HTTP answers from the first moment, `/readyz` with what is waited for.
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        prepared = asyncio.Event()
        work = asyncio.create_task(_work(base, services, prepared, stopping))
        for task in (serving, work):
            task.add_done_callback(lambda _: stopping.set())
        try:
            yield Running(
                http=f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{listening.getsockname()[1]}",  # noqa: S104
                kafka=base.bootstrap_servers,
                database=base.database_url,
                services=services,
                server=server,
                stopping=stopping,
                prepared=prepared,
            )
        finally:
            stopping.set()
            server.should_exit = True
            if ringing is not None:
                ringing.cancel()
            # Requests are answered while the database is still open, whatever became of the work.
            await asyncio.wait((work, serving))
            await asyncio.gather(*(service.stop() for service in services.values()))
            work.result()
            serving.result()


def let_answers_go_first(services: Collection[Service], ours: frozenset[str]) -> None:
    """Have consumers of `ours`, the topics of this process's kind, give way while a crowd waits for answers.

    What platforms send over Kafka does not: it stands beside what they push.
    """
    precedence = Precedence([service.is_crowded for service in services if service.is_crowded is not None])
    for service in services:
        for consumer in service.consumers:
            if ours.issuperset(consumer.topics):
                consumer.precedence = precedence


@contextlib.asynccontextmanager
async def _elsewhere(settings: Settings, name: str) -> AsyncIterator[Mapping[str, PassedOn]]:
    """What the console alone passes requests on to, so that its pages know one origin."""
    if name != "console":
        yield {}
        return
    addresses = {"ingest": settings.ingest_url, "dispatcher": settings.dispatcher_url, "watch": settings.watch_url}
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=httpx.Limits(max_connections=None)) as client:
        yield {service: PassedOn(address, client) for service, address in addresses.items()}


async def serve(
    name: str,
    *,
    settings: Settings,
    clock: Clock,
    data: Path,
    host: str,
    port: int,
    migrating: bool,
    ready_file: Path | None = None,
    once_ready: Callable[[Running], Awaitable[None]] | None = None,
) -> None:
    """Run until SIGINT or SIGTERM. `ready_file` holds the addresses while everything is ready, and only then."""
    stopping = asyncio.Event()
    stop_on_signals(stopping)
    async with running(
        name,
        settings=settings,
        clock=clock,
        data=data,
        host=host,
        port=port,
        stopping=stopping,
        migrating=migrating,
    ) as system:
        if not await until_ready(system):
            return
        freeze_heap()
        if once_ready is not None:
            await once_ready(system)
        logger.info("ready: %s", system.addresses())
        with _announced(ready_file, system):
            await system.stopping.wait()


def freeze_heap() -> None:
    """Spare what start-up made, code above all, from garbage collection: it stays until the process ends.

    Otherwise every full collection looks through it, and every request in hand waits some 100 ms, every few seconds.
    What a chunk of events makes lives until it is stored; so it is looked through less often, which saves a twelfth.
    For a process that serves and nothing else. The thousand objects that start-up left behind stay as well: looking for
    them takes a tenth of a start.
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)
    gc.enable()


@contextlib.contextmanager
def _announced(ready_file: Path | None, system: Running) -> Iterator[None]:
    """`ready_file` with the addresses, whole from the first moment and gone at the end."""
    if ready_file is None:
        yield
        return
    fresh = ready_file.with_name(ready_file.name + ".new")
    fresh.write_bytes(to_json(system.addresses()))
    fresh.replace(ready_file)
    try:
        yield
    finally:
        ready_file.unlink(missing_ok=True)


async def until_ready(system: Running) -> bool:
    """Wait until HTTP answers and every part is ready, as `/readyz` says; answer False when it stops before that."""
    await system.prepared.wait()
    while not system.stopping.is_set():
        found: list[Health] = await asyncio.gather(*(one.app.state.health() for one in system.services.values()))
        if system.server.started and not any(health.missing for health in found):
            return True
        await first_of(system.stopping, 0.02)
    return False


def stop_on_signals(stopping: asyncio.Event) -> None:
    """The first SIGINT or SIGTERM ends the work in hand and then the process; a second one ends it at once."""
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        stopping.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)


async def _work(
    base: Infrastructure, services: Mapping[str, Service], prepared: asyncio.Event, stopping: asyncio.Event
) -> None:
    """Wait for what the services need, then run them; `stopping` ends either."""
    preparing = asyncio.ensure_future(base.prepare())
    stopped = asyncio.ensure_future(stopping.wait())
    try:
        await asyncio.wait((preparing, stopped), return_when=asyncio.FIRST_COMPLETED)
        if not preparing.done():
            return
        preparing.result()
    finally:
        stopped.cancel()
        preparing.cancel()
        prepared.set()
    async with asyncio.TaskGroup() as group:
        for name, service in services.items():
            # What our services told one another is published again from their outboxes; what platforms sent is not.
            group.create_task(service.run(stopping, drain=base.broker_forgets and name == "ingest"))
