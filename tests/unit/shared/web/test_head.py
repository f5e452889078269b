"""HEAD is answered wherever GET is, with the same headers and no body."""

import asyncio
from collections.abc import AsyncIterator

import httpx
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse

from shared.web import problems
from shared.web.head import HeadLikeGet


async def head(app: FastAPI, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://app") as client:
        return await client.head(path)


def app_of() -> FastAPI:
    app = FastAPI()
    app.add_middleware(HeadLikeGet)
    problems.install(app)

    @app.get("/thing")
    async def read() -> Response:
        return Response("twelve bytes", headers={"ETag": '"1"'})

    @app.get("/both")
    async def read_both() -> str:
        return "read"

    @app.head("/both", response_class=Response)
    async def own() -> Response:
        return Response(headers={"Upload-Offset": "7"})

    @app.get("/endless")
    async def endless() -> StreamingResponse:
        async def never_ends() -> AsyncIterator[bytes]:
            while True:
                yield b"."
                await asyncio.sleep(0)

        return StreamingResponse(never_ends())

    @app.post("/written")
    async def write() -> None:
        """Nothing to read."""

    return app


async def test_head_is_get_without_its_body() -> None:
    answer = await head(app_of(), "/thing")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (answer.headers["content-length"], answer.headers["etag"]) == ("12", '"1"')


async def test_a_route_of_its_own_for_head_is_asked_instead() -> None:
    assert (await head(app_of(), "/both")).headers["upload-offset"] == "7"


async def test_a_stream_ends_with_its_headers() -> None:
    assert (await head(app_of(), "/endless")).status_code == 200


async def test_what_get_would_not_be_answered_head_is_not_either() -> None:
    assert (await head(app_of(), "/written")).status_code == 405
    assert (await head(app_of(), "/nothing")).status_code == 404
