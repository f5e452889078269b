"""Headers that every answer carries: how a browser is to treat it, and how much the caller may still ask for."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.rates import headers_of

_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()",
}
_INERT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""An answer is data: whatever a browser takes it for, nothing in it runs, loads or is framed. Pages say more, and a
script's own would bind the worker that it becomes."""
_HTTPS_ONLY = "max-age=31536000; includeSubDomains"
_DATA = ("application/json", "application/problem+json", "text/csv", "application/vnd.")


class AnswerHeaders:
    """Adds what a route did not say itself. There are none for other origins: CORS is closed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
                if "javascript" not in headers.get("content-type", ""):
                    headers.setdefault("Content-Security-Policy", _INERT)
                if scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", _HTTPS_ONLY)
                if headers.get("content-type", "").startswith(_DATA):
                    headers.setdefault("Cache-Control", "no-store")
                for name, value in headers_of(scope).items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sent)
