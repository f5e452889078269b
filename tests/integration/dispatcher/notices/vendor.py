"""A vendor of the enterprise app: a real HTTP server that takes notices, or does not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response

LOOPBACK = (IPv4Network("127.0.0.0/8"),)
"""Where the vendors of tests are."""


@dataclass(frozen=True)
class Posted:
    idempotency_key: str
    body: Any


@dataclass
class Vendor:
    """`answers` are given in turn, the last one for ever; `while_asked` runs before each."""

    url: str
    answers: list[Response]
    posted: list[Posted] = field(default_factory=list)
    while_asked: Callable[[], Awaitable[None]] | None = None


@asynccontextmanager
async def vendor(*answers: Response) -> AsyncIterator[Vendor]:
    listening = socket.create_server(("127.0.0.1", 0))
    server_side = Vendor(f"http://127.0.0.1:{listening.getsockname()[1]}/notices", list(answers))
    app = FastAPI()

    @app.post("/notices")
    async def take(request: Request) -> Response:
        server_side.posted.append(Posted(request.headers["idempotency-key"], await request.json()))
        if server_side.while_asked is not None:
            await server_side.while_asked()
        return server_side.answers.pop(0) if len(server_side.answers) > 1 else server_side.answers[0]

    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off", ws="none"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield server_side
    finally:
        server.should_exit = True
        await serving
