"""Bodies of requests: no more of them than a route takes, and none that never ends.

A route that reads its body itself (files, batches of events) bounds it itself; of all others the framework reads the
whole into memory before the route, or who calls, is looked at.
"""

import asyncio
import time

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contract.refusals import TooLarge
from shared.web.problems import Problem

MOST_BYTES = 8 * 1024 * 1024
"""Of a body that is read into memory: a rule book of 1 MiB, written as JSON with every character escaped."""
STALLED_SECONDS = 30.0
"""How long nothing at all may come."""
PATIENCE_SECONDS, SLOWEST_BYTES_A_SECOND = 60.0, 1024
"""How long may be waited for a body at all: a minute, and a second more for each KiB that came."""


class BoundedBodies:
    """Answers 413 to a body that is too large and 408 to one that does not come.

    Where a route reads by itself, a client that sends nothing is taken as gone: what came of an upload is kept.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        most_bytes: int = MOST_BYTES,
        stalled_seconds: float = STALLED_SECONDS,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._app, self._most_bytes = app, most_bytes
        self._stalled_seconds, self._patience_seconds = stalled_seconds, patience_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = _Bounded(self, scope, receive)
        await self._app(scope, receive, send)

    def left(self, come: int, waited: float) -> float:
        """For how many seconds the next bytes are waited for."""
        return min(self._stalled_seconds, self._patience_seconds + come / SLOWEST_BYTES_A_SECOND - waited)

    @property
    def most_bytes(self) -> int:
        return self._most_bytes


async def read_bounded(request: Request, most_bytes: int = MOST_BYTES) -> bytes:
    """The body, for a route that reads it by itself. Raises TooLarge as soon as more than that has come."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most_bytes:
            raise too_large(most_bytes)
    return bytes(body)


def too_large(most_bytes: int) -> TooLarge:
    return TooLarge("too-large", f"The body is larger than {most_bytes} bytes.")


class _Bounded:
    """What a route receives: the body, as long as it comes and is not too large; then whatever follows."""

    def __init__(self, bounds: BoundedBodies, scope: Scope, receive: Receive) -> None:
        self._bounds, self._scope, self._receive = bounds, scope, receive
        self._come, self._waited, self._complete = 0, 0.0, False

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._bounds.left(self._come, self._waited)):
                message = await self._receive()
        except TimeoutError:
            if self._route_reads():
                return {"type": "http.disconnect"}
            raise HTTPException(408) from Problem(
                408, "too-slow", "Too slow", "The body did not come in time; nothing was applied.", headers=_CLOSING
            )
        self._waited += time.monotonic() - began
        self._come += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._come > self._bounds.most_bytes and not self._route_reads():
            raise HTTPException(413) from too_large(self._bounds.most_bytes)
        return message

    def _route_reads(self) -> bool:
        """Whether the route documents a body that the framework does not read for it."""
        route = self._scope.get("route")
        return isinstance(route, APIRoute) and "requestBody" in (route.openapi_extra or {})


_CLOSING = {"Connection": "close"}
