"""Connections that never say what they want: cut off, while those that do are answered again and again."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvicorn
from fastapi import FastAPI

from shared.web.patience import PatientProtocol

HEAD = b"GET /here HTTP/1.1\r\nHost: here\r\n"


class Hurried(PatientProtocol):
    head_seconds = 0.3


@pytest.fixture
async def port() -> AsyncIterator[int]:
    app = FastAPI()

    @app.get("/here")
    async def here() -> str:
        return "here"

    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=Hurried, log_level="error", lifespan="off", ws="none", timeout_keep_alive=60)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


async def end_of(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side closes the line."""
    async with asyncio.timeout(30):
        return await reader.read()


@pytest.mark.parametrize("said", [b"", b"GET /here HT", HEAD])
async def test_a_head_that_does_not_come_is_not_waited_for(port: int, said: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(said)
    assert b"200 OK" not in await end_of(reader)
    writer.close()


async def test_one_that_comes_is_answered_and_so_is_the_next(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(HEAD + b"\r\n")
        async with asyncio.timeout(30):
            assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(len('"here"')) == b'"here"'
    assert await end_of(reader) == b""  # and then nothing more was asked
    writer.close()
