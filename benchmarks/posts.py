"""`POST /v1/events` to `serve all`, beside alerta 9 taking as many alerts: eight clients, in turns.

    .venv/bin/python -m benchmarks posts

Alerta has two workers of gunicorn and a PostgreSQL of its own, of the same kind as ours, in a virtual environment of
the benchmark's own (`benchmarks/alerta/requirements.txt`). Both answer when the alert is stored; ours is graded, has
its evidence, and goes on to a case, a team and its clocks meanwhile, on the same two cores.
"""

import asyncio
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import text

from benchmarks.team_visible import started
from benchmarks.topic import events_of, spread
from services.sample.district import district
from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.runtime.embedded import EmbeddedPostgres
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer

CLIENTS = 8
TURNS = 5
SECONDS = 4.0
EVENTS = 30_000  # of the last weeks: what is older is held until somebody confirms it
BATCH = 1_000
BATCHES = 3
_SETTLE_SECONDS, _SETTLED_LOOKS = 2.0, 3
_SERVICES = ("ingest", "dispatch", "watch", "console")
_ALERTA = Path(__file__).with_name("alerta") / "requirements.txt"
_EVENT, _EVENTS = "application/cloudevents+json", "application/cloudevents-batch+json"


class Entrance(NamedTuple):
    """Where something is posted: a host's port, the path, and what every request says about itself."""

    port: int
    path: str
    headers: dict[str, str]

    def request(self, body: bytes, media_type: str) -> bytes:
        headers = self.headers | {"Content-Type": media_type, "Content-Length": str(len(body)), "Host": "127.0.0.1"}
        lines = (f"POST {self.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", "")
        return "\r\n".join(lines).encode() + body


class Client:
    """One client of an entrance, with one connection for as long as the server keeps it.

    It does the least that a client can, since it takes its share of the same cores.
    """

    def __init__(self, entrance: Entrance) -> None:
        self._entrance = entrance
        self._connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: bytes, media_type: str) -> None:
        """Have it taken; anything else than taken ends the benchmark."""
        if self._connection is None:
            self._connection = await asyncio.open_connection("127.0.0.1", self._entrance.port)
        reader, writer = self._connection
        writer.write(self._entrance.request(body, media_type))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        answer = await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        if not head.startswith((b"http/1.1 201", b"http/1.1 202")):
            raise SystemExit(f"refused: {head.decode()}{answer[:300].decode()}")
        if b"connection: close" in head:
            self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection[1].close()
            self._connection = None


async def singles(entrance: Entrance, bodies: Iterator[bytes], media_type: str) -> float:
    """Requests a second of eight clients over some seconds."""
    began, done = time.perf_counter(), 0

    async def work() -> None:
        nonlocal done
        client = Client(entrance)
        while time.perf_counter() < began + SECONDS:
            await client.post(next(bodies), media_type)
            done += 1
        client.close()

    await asyncio.gather(*(work() for _ in range(CLIENTS)))
    return done / (time.perf_counter() - began)


async def batches(entrance: Entrance, bodies: Iterator[bytes]) -> float:
    """Events a second of one client that sends a thousand at a time."""
    waiting = [b"[" + b",".join(next(bodies) for _ in range(BATCH)) + b"]" for _ in range(BATCHES)]
    client, began = Client(entrance), time.perf_counter()
    for batch in waiting:
        await client.post(batch, _EVENTS)
    seconds = time.perf_counter() - began
    client.close()
    return BATCH * BATCHES / seconds


async def settled(database: Database) -> None:
    """Wait until what was posted has gone on to cases, clocks and pages, so that each is measured by itself."""
    known, seen = text(" union all ".join(f"select count(*) from {one}.inbox" for one in _SERVICES)), list[Any]()
    while len(seen) <= _SETTLED_LOOKS or any(one != seen[-1] for one in seen[-_SETTLED_LOOKS - 1 :]):
        async with database.autocommit() as connection:
            seen.append((await connection.scalars(known)).all())
        await asyncio.sleep(_SETTLE_SECONDS)


def alerts() -> Iterator[bytes]:
    """What alerta is given: as much as a platform says of an anomaly, no two of one resource."""
    for number in range(sys.maxsize):
        enterprise = district().enterprises[number % len(district().enterprises)]
        yield json.dumps(
            {
                "environment": "Production",
                "resource": f"{enterprise.code}-{number}",
                "event": "water_daily_mean_exceedance",
                "severity": "major",
                "service": ["autoMonitoring"],
                "text": f"{enterprise.name} 化学需氧量 122.0 mg/L，限值 80.0 mg/L",
                "value": "122.0",
                "attributes": {"outlet": "A440306000012", "pollutant": "w01018", "district": "440306"},
            }
        ).encode()


@asynccontextmanager
async def alerta(directory: Path, database: str) -> AsyncIterator[Entrance]:
    """Alerta with two workers, installed into an environment that is kept for the next time."""
    environment = _installed(Path(".bench") / "alerta")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = directory / "alertad.conf"
    settings.write_text("AUTH_REQUIRED = False\n", encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        *(environment / "bin" / "gunicorn", "--workers", "1", "--bind", f"127.0.0.1:{port}", "alerta:create_app()"),
        env=os.environ | {"DATABASE_URL": database, "ALERTA_SVR_CONF_FILE": str(settings)},
        stderr=subprocess.DEVNULL,
    )
    entrance = Entrance(port, "/alert", {})
    while not await _answers(entrance):
        if process.returncode is not None:
            raise SystemExit(f"alerta ended with {process.returncode}")
        await asyncio.sleep(0.1)
    process.send_signal(signal.SIGTTIN)  # one worker more: two that make the tables at once fail
    try:
        yield entrance
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


def _installed(environment: Path) -> Path:
    if not (environment / "bin" / "gunicorn").exists():
        for arguments in (
            ("venv", "--quiet", "--no-project", "--clear", "--python", sys.executable, str(environment)),
            ("pip", "install", "--quiet", "--python", str(environment), "--require-hashes", "-r", str(_ALERTA)),
        ):
            subprocess.run([Path(".uv/bin/uv").resolve(), *arguments], check=True)  # noqa: S603  our own
    return environment.resolve()


async def _answers(entrance: Entrance) -> bool:
    client = Client(entrance)
    try:
        await client.post(next(alerts()), "application/json")
    except (OSError, asyncio.IncompleteReadError):
        return False
    client.close()
    return True


@asynccontextmanager
async def tricolor(directory: Path) -> AsyncIterator[tuple[Entrance, Database]]:
    """`serve all` with the sample district, on its embedded parts, and a platform's token; and its database."""
    process, addresses = await started(directory)
    platform = Principal(role=Role.PLATFORM, subject="benchmark")
    token = DevelopmentIssuer(directory).token(platform, Settings().oidc_audience, SystemClock().now())
    entrance = Entrance(
        urlsplit(addresses["http"]).port or 80, "/ingest/v1/events", {"Authorization": f"Bearer {token}"}
    )
    database = Database(addresses["database"])
    try:
        yield entrance, database
    finally:
        await database.close()
        process.send_signal(signal.SIGTERM)
        await process.wait()


async def measure(postgres: EmbeddedPostgres, turns: int = TURNS) -> None:
    """Print what each takes a second, and the ratios of each turn."""
    database = Database(postgres.url())
    async with database.autocommit() as connection:
        await connection.execute(text("create database alerta"))
    await database.close()
    rates: dict[str, list[float]] = {"alerta, singles": [], "ours, singles": [], "ours, batches of 1,000": []}
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        async with (
            alerta(Path(directory), postgres.url("alerta")) as theirs,
            tricolor(Path(directory) / "tricolor") as (ours, kept),
        ):
            events, others = (event for _, event in events_of(EVENTS, random.Random(1))), alerts()
            for turn in range(turns + 1):
                await settled(kept)
                measured = (
                    await singles(theirs, others, "application/json"),
                    await singles(ours, events, _EVENT),
                    await batches(ours, events),
                )
                print(f"posts, turn {turn}: " + ", ".join(f"{one:.1f}" for one in measured), flush=True)
                if turn:  # the first warms up
                    for rate, of_turn in zip(rates.values(), measured, strict=True):
                        rate.append(of_turn)
    for name, rate in rates.items():
        print(f"posts, {name:22}: {spread(rate, 0)} a second")
    base = rates.pop("alerta, singles")
    for name, rate in rates.items():
        ratios = (one / alone for one, alone in zip(rate, base, strict=True))
        print(f"posts, {name:22} / alerta's singles: {spread(ratios)}")
