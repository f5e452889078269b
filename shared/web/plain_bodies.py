"""Bodies that come packed (`Content-Encoding`) are refused as such, by every route, before anything reads them.

Unpacking would let a small request become a large one, and packed evidence would be kept as something it is not.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.contract.refusals import Unsupported
from shared.web.problems import problem_of

_WITH_BODY = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class PlainBodies:
    """Answers 415 to a request whose body is packed, naming by what."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in _WITH_BODY:
            request = Request(scope)
            packing = request.headers.get("content-encoding", "").strip().lower()
            if packing not in ("", "identity"):
                refusal = Unsupported(
                    "unsupported-content-encoding",
                    f"Send the body as it is; this one is packed by {packing}.",
                    title="Packed",
                )
                await problem_of(refusal).response(request)(scope, receive, send)
                return
        await self._app(scope, receive, send)
