"""What answers an address at which nothing is: to a person a page that says so, to a program a problem."""

from collections.abc import Collection
from pathlib import Path

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.front import apps


def not_there(otherwise: ASGIApp, prefixes: Collection[str], identity_provider: str | None, directory: Path) -> ASGIApp:
    """Answer the console's page, as 404, where a browser asks for one outside the `prefixes` of what programs call.

    The console says then that there is no such page, and leads to one that there is. All else is left to `otherwise`.
    """
    console = apps.page_maker("console", identity_provider, directory)

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not _asks_for_a_page(request := Request(scope), prefixes):
            await otherwise(scope, receive, send)
            return
        page = console(request)
        page.status_code = 404
        page.headers["Vary"] = "Accept, Accept-Encoding"
        await page(scope, receive, send)

    return answer


def _asks_for_a_page(request: Request, prefixes: Collection[str]) -> bool:
    path = request.url.path
    of_programs = any(path == prefix or path.startswith(f"{prefix}/") for prefix in prefixes)
    return request.method == "GET" and not of_programs and "text/html" in request.headers.get("accept", "")
