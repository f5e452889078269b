"""The services as processes of their own, in replicas: started, killed, and started again by a supervisor."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from services.dispatcher import tables
from services.sample.loading import load
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.messaging.outbox import Outbox
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from tests.faults.clock import ShiftedClock
from tests.faults.served import serving

READY_SECONDS = 300.0
MEMBERS = {
    "ingest-1": "ingest",
    "ingest-2": "ingest",
    "dispatcher-1": "dispatcher",
    "watch-1": "watch",
    "watch-2": "watch",
    "console-1": "console",
}
"""Two of a kind where two share work: partitions of events, due steps. By name, what `tricolor serve` is to run."""


@dataclass
class _Member:
    service: str
    port: int
    process: BaseProcess | None = None
    killed: bool = False


class System:
    """All members on one database and one broker. Whoever ends is started again, as an orchestrator does.

    `fallen` are the ends that no test brought about, each with the last words of its log.
    """

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._environment = environment
        clock_file = directory / "clock"
        clock_file.write_text("0")
        self.clock = ShiftedClock(clock_file)
        self._issuer = DevelopmentIssuer(directory)
        self._members = {name: _Member(service, _free_port()) for name, service in MEMBERS.items()}
        self.fallen: list[str] = []

    @asynccontextmanager
    async def running(self) -> AsyncIterator["System"]:
        """Ready at first, with the sample district in; killed at the end."""
        for name in self._members:
            self._start(name)
        supervisor = asyncio.create_task(self._supervise())
        try:
            await self.ready()
            database = Database(self._environment["TRICOLOR_DATABASE_URL"])
            clock = SystemClock()
            await load(database, Outbox(tables.outbox, clock), clock, self._environment["TRICOLOR_TOPIC_PREFIX"])
            await database.close()
            yield self
        finally:
            supervisor.cancel()
            await asyncio.gather(supervisor, return_exceptions=True)
            for name in self._members:
                self.kill(name)

    def kill(self, *names: str) -> None:
        """kill -9, all of `names` at once. The supervisor starts them again."""
        members = [self._members[name] for name in names]
        for member in members:
            if member.process is not None:
                member.killed = True
                member.process.kill()
        for member in members:
            if member.process is not None:
                member.process.join()

    async def ready(self) -> None:
        """Every member says that it is ready. Raises TimeoutError with what the others last said."""
        deadline = time.monotonic() + READY_SECONDS
        while waited := [name for name in self._members if not self._ready_file(name).exists()]:
            if time.monotonic() > deadline:
                raise TimeoutError("\n".join(f"{name} is not ready: {self._last_words(name)}" for name in waited))
            await asyncio.sleep(0.2)

    def client(self, service: str, role: Role, subject: str, station: str | None = None) -> httpx.AsyncClient:
        """The API of `service` as `role` sees it; of several replicas the first."""
        return self.clients(service, role, subject, station)[0]

    def clients(self, service: str, role: Role, subject: str, station: str | None = None) -> list[httpx.AsyncClient]:
        """One for each replica."""
        principal = Principal(role=role, subject=subject, station=station)
        token = self._issuer.token(principal, "tricolor", SystemClock().now())
        return [
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{member.port}",
                headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"},
                timeout=15,
            )
            for member in self._members.values()
            if member.service == service
        ]

    async def _supervise(self) -> None:
        while True:
            for name, member in self._members.items():
                if member.process is not None and (code := member.process.exitcode) is not None:
                    if not member.killed:
                        self.fallen.append(f"{name} ended with {code}: {self._last_words(name)}")
                    self._start(name)
            await asyncio.sleep(0.2)

    def _start(self, name: str) -> None:
        member = self._members[name]
        self._ready_file(name).unlink(missing_ok=True)
        member.process = serving(
            member.service,
            port=member.port,
            data=self.directory,
            ready=self._ready_file(name),
            clock=self.directory / "clock",
            log=self._log(name),
            environment=self._environment,
        )
        member.killed = False

    def _ready_file(self, name: str) -> Path:
        return self.directory / f"{name}.ready"

    def _log(self, name: str) -> Path:
        return self.directory / f"{name}.log"

    def _last_words(self, name: str) -> str:
        return self._log(name).read_text(encoding="utf-8", errors="replace")[-3000:]


def environment(settings: Settings, *, database_url: str, kafka: str) -> dict[str, str]:
    """What tells the services where they live."""
    return {
        "TRICOLOR_DATABASE_URL": database_url,
        "TRICOLOR_KAFKA_BOOTSTRAP_SERVERS": kafka,
        "TRICOLOR_TOPIC_PREFIX": settings.topic_prefix,
        "TRICOLOR_TOPIC_PARTITIONS": str(settings.topic_partitions),
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port
