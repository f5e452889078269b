"""The console alone passes on what the services answer elsewhere: whole, as it comes, under its own prefixes."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse

from services.front import front
from services.front.passing_on import TIMEOUT, PassedOn


def service(released: asyncio.Event) -> FastAPI:
    """A service elsewhere: it says what it was asked, sends its visitors on, and tells something as it happens."""
    app = FastAPI()

    @app.api_route("/v1/echo/{rest:path}", methods=["GET", "POST", "PATCH"])
    async def echo(request: Request) -> Response:
        seen = {name: request.headers.get(name, "") for name in ("authorization", "if-match", "upload-offset")}
        size = len(await request.body())
        said = "|".join((request.method, request.url.path, request.url.query, str(size), *seen.values()))
        return Response(said, status_code=207, headers={"ETag": '"7"'})

    @app.post("/v1/uploads")
    async def upload() -> Response:
        return Response(status_code=201, headers={"Location": "/v1/uploads/1"})

    @app.get("/v1/stream")
    async def stream() -> StreamingResponse:
        async def events() -> AsyncIterator[bytes]:
            yield b"data: 1\n\n"
            await released.wait()
            yield b"data: 2\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    return app


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def browser(released: asyncio.Event) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the front, to which the dispatcher is elsewhere and deadline_watch nowhere."""
    async with served(service(released)) as address, httpx.AsyncClient(timeout=TIMEOUT) as passing:
        elsewhere = {"dispatcher": PassedOn(address, passing), "watch": PassedOn("http://127.0.0.1:1", passing)}
        async with served(front({}, elsewhere)) as here, httpx.AsyncClient(base_url=here) as client:
            yield client


async def test_requests_and_answers_go_through_whole() -> None:
    async with browser(asyncio.Event()) as client:
        large = b"x" * 3_000_000
        sent = {"Authorization": "Bearer t", "If-Match": '"6"', "Upload-Offset": "12"}
        answer = await client.patch("/dispatch/v1/echo/企业?q=a%20b&q=c", content=large, headers=sent)
        assert answer.status_code == 207
        assert answer.headers["etag"] == '"7"'
        assert answer.text == 'PATCH|/v1/echo/企业|q=a%20b&q=c|3000000|Bearer t|"6"|12'
        assert (await client.get("/dispatch/v1/echo/")).text == "GET|/v1/echo/||0|||"


async def test_where_an_answer_leads_is_under_our_prefix() -> None:
    async with browser(asyncio.Event()) as client:
        assert (await client.post("/dispatch/v1/uploads")).headers["location"] == "/dispatch/v1/uploads/1"


async def test_what_happens_is_told_as_it_happens() -> None:
    released = asyncio.Event()
    async with browser(released) as client, client.stream("GET", "/dispatch/v1/stream") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        parts = answer.aiter_raw()
        assert await anext(parts) == b"data: 1\n\n"
        released.set()
        assert await anext(parts) == b"data: 2\n\n"


async def test_a_service_that_is_away_is_said_to_be() -> None:
    async with browser(asyncio.Event()) as client:
        answer = await client.get("/watch/v1/deadlines")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert answer.json()["title"] == "暂时不可用"
        assert answer.json()["instance"] == "/watch/v1/deadlines"
