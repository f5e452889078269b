"""Bodies that are too large, or never come: refused while they arrive, whatever their headers promise."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import Body, FastAPI, Request
from starlette.requests import ClientDisconnect

from shared.web import problems
from shared.web.bodies import BoundedBodies

OWN: dict[str, Any] = {"requestBody": {"content": {"application/octet-stream": {}}}}


@pytest.fixture
def app() -> FastAPI:
    app = FastAPI()
    problems.install(app)
    app.add_middleware(BoundedBodies, most_bytes=1_000, stalled_seconds=0.05, patience_seconds=10)

    @app.post("/read")
    async def read(body: dict[str, Any] = Body()) -> int:
        return len(body)

    @app.post("/own", openapi_extra=OWN)
    async def own(request: Request) -> str:
        come = 0
        try:
            async for chunk in request.stream():
                come += len(chunk)
        except ClientDisconnect:
            return f"gone after {come}"
        return f"whole: {come}"

    return app


async def post(app: FastAPI, path: str, content: Any) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        return await client.post(path, content=content, headers={"Content-Type": "application/json"})


async def in_parts(*parts: bytes, then_nothing: bool = False) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if then_nothing:
        await asyncio.Event().wait()


async def test_a_body_that_fits_is_read(app: FastAPI) -> None:
    assert (await post(app, "/read", b'{"a": 1}')).json() == 1


@pytest.mark.parametrize("parts", [(b'{"a": "' + b"x" * 2_000 + b'"}',), (b"x" * 900, b"x" * 900)])
async def test_one_that_is_too_large_is_refused_also_where_nobody_said_how_large(
    app: FastAPI, parts: tuple[bytes, ...]
) -> None:
    answer = await post(app, "/read", in_parts(*parts))
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:tricolor:problem:too-large")


async def test_one_that_does_not_come_is_not_waited_for(app: FastAPI) -> None:
    answer = await post(app, "/read", in_parts(b'{"a"', then_nothing=True))
    assert (answer.status_code, answer.json()["type"]) == (408, "urn:tricolor:problem:too-slow")
    assert answer.headers["connection"] == "close"


async def test_what_came_of_an_upload_is_kept_when_no_more_comes(app: FastAPI) -> None:
    assert (await post(app, "/own", in_parts(b"x" * 5_000, b"y" * 5_000))).json() == "whole: 10000"
    assert (await post(app, "/own", in_parts(b"x" * 10, then_nothing=True))).json() == "gone after 10"


def test_a_trickle_is_cut_off_however_regular() -> None:
    bounds = BoundedBodies(FastAPI())
    assert bounds.left(come=0, waited=0) == 30
    assert bounds.left(come=5, waited=59) < 2
    assert bounds.left(come=5, waited=61) < 0
    assert bounds.left(come=1024 * 1024, waited=300) == 30
