"""HEAD where there is GET: the same answer without its body."""

from anyio import CancelScope
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEAD = "tricolor.head"


def is_head(request: Request) -> bool:
    """Whether only the headers are asked for, though the route sees a GET: nobody reads what is answered."""
    return bool(request.scope.get(_HEAD))


class HeadLikeGet:
    """Answers a HEAD that no route takes as the GET of its path would be, without a body.

    What GET would stream is ended with its headers: nobody reads on.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        refused = False

        async def unless_refused(message: Message) -> None:
            nonlocal refused
            refused = refused or message.get("status") == 405
            if not refused:
                await send(message)

        await self._app(scope, receive, unless_refused)
        if refused:
            await self._as_get(scope, receive, send)

    async def _as_get(self, scope: Scope, receive: Receive, send: Send) -> None:
        as_get = dict(scope, method="GET") | {_HEAD: True}
        with CancelScope() as answering:

            async def headers_alone(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                    await send({"type": "http.response.body", "body": b""})
                    answering.cancel()

            await self._app(as_get, receive, headers_alone)
        if "route" in as_get:
            scope["route"] = as_get["route"]
