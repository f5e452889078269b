"""Passing requests on to a service that runs elsewhere, so that a browser knows one origin and CORS stays closed."""

from collections.abc import AsyncIterator
from typing import Final

import httpx
from starlette.background import BackgroundTask
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from shared.web.problems import Problem

TIMEOUT: Final = httpx.Timeout(10, read=None)
"""A stream of events may be silent for long; a service that does not even connect is away."""
_AWAY = "The service that answers this does not answer; whether it was applied is not known. Try again."
_OF_ONE_CONNECTION = frozenset(
    {b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade", b"host"}
)


class PassedOn:
    """The service at `address`, mounted under a prefix: bodies and answers go through as they come, unread."""

    def __init__(self, address: str, client: httpx.AsyncClient) -> None:
        self._address, self._client = address.rstrip("/"), client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        answer = await self._ask(request)
        await answer(scope, receive, send)

    async def _ask(self, request: Request) -> Response:
        prefix = request.scope.get("root_path", "")
        path = request.scope["raw_path"].decode("ascii").removeprefix(prefix)
        query = request.scope["query_string"].decode("ascii")
        outgoing = self._client.build_request(
            request.method,
            httpx.URL(self._address + path + (f"?{query}" if query else "")),
            headers=[(name, value) for name, value in request.headers.raw if name not in _OF_ONE_CONNECTION],
            content=_body(request) if _has_body(request) else None,
        )
        try:
            answered = await self._client.send(outgoing, stream=True)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except httpx.TransportError:
            return Problem(503, "unavailable", "Not available just now", _AWAY, headers={"Retry-After": "2"}).response(
                request
            )
        headers = MutableHeaders(
            raw=[pair for pair in answered.headers.raw if pair[0].lower() not in _OF_ONE_CONNECTION]
        )
        if headers.get("location", "").startswith("/"):
            headers["location"] = prefix + headers["location"]
        passed = StreamingResponse(
            answered.aiter_raw(), status_code=answered.status_code, background=BackgroundTask(answered.aclose)
        )
        passed.raw_headers = headers.raw
        return passed


def _has_body(request: Request) -> bool:
    return "content-length" in request.headers or "transfer-encoding" in request.headers


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for part in request.stream():
        yield part
